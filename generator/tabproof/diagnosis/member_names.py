"""Which members are missing, which are too many, and which of these are one misspelt."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

import msgspec

SYNONYMS = {
    "iss": ("issuer", "key", "apikey", "appkey", "sdkkey", "issuedby"),
    "iat": ("issuedat", "issued", "created", "createdat", "issuetime", "now"),
    "exp": (
        "expires",
        "expire",
        "expiry",
        "expiration",
        "expiresin",
        "expiresat",
        "expirationtime",
    ),
    "nbf": ("notbefore", "validfrom"),
    "aud": ("audience",),
    "sub": ("subject",),
    "jti": ("id", "jwtid"),
    "alg": ("algorithm",),
    "typ": ("type",),
    "kid": ("keyid",),
}
CLOSE = 0.6


class Difference(msgspec.Struct, frozen=True):
    """How names differ from those that are wanted.

    Attributes:
        misspelt: the wanted name -> the name in its place.
    """

    missing: tuple[str, ...]
    extra: tuple[str, ...]
    misspelt: dict[str, str]


def compare(seen: Iterable[str], wanted: Iterable[str]) -> Difference:
    """Hold names against each other; a missing name takes the extra one that is like it."""
    wanted = list(wanted)
    found = set(seen)
    extra = sorted(found.difference(wanted))
    misspelt = {}
    for name in [name for name in wanted if name not in found]:
        if other := _like(name, extra):
            misspelt[name] = other
            extra.remove(other)
    missing = tuple(name for name in wanted if name not in found and name not in misspelt)
    return Difference(missing, tuple(extra), misspelt)


def _like(name: str, others: list[str]) -> str | None:
    synonyms = {_plain(word) for word in (name, *SYNONYMS.get(name, ()))}
    for other in others:
        if _plain(other) in synonyms:
            return other
    close = get_close_matches(name.lower(), [other.lower() for other in others], 1, CLOSE)
    return next((other for other in others if close and other.lower() == close[0]), None)


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()
