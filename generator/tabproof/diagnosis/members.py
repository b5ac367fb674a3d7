"""What is wrong with the header, and with the claims that are no times."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

import msgspec

from tabproof.diagnosis.fault import Fault, Kind
from tabproof.diagnosis.key_mistakes import alterations
from tabproof.diagnosis.redaction import Redaction
from tabproof.model.scenario import (
    Credential,
    Data,
    FromCredential,
    FromNow,
    Resolved,
    TokenPlan,
)


def header_faults(
    header: Mapping[str, Any],
    plan: TokenPlan,
    credentials: Mapping[str, str],
    discretion: Redaction,
) -> Iterator[Fault]:
    """What is wrong with a header: exactly `alg`, `typ` and what the scenario adds."""
    wanted: dict[str, Resolved] = {"alg": plan.algorithm, "typ": "JWT", **plan.header}
    difference = compare(header, wanted)
    for name in difference.missing:
        kind: Kind = "typ-missing" if name == "typ" else "header-missing"
        words = f"the header has no {name}; it should be {_plain_words(wanted[name])}."
        yield Fault(kind, words, f"the header's {name}", "none", (name, "header"))
    for name, other in difference.misspelt.items():
        shown = discretion.name(other)
        words = f"the header has {shown}; did you mean {name}?"
        yield Fault("header-misspelt", words, f"the header's {name}", shown, (shown, "header"))
    for name in difference.extra:
        shown = discretion.name(name)
        words = f"the header has {shown}, which the scenario does not ask for."
        seen = discretion.show(header[name])
        yield Fault("header-extra", words, f"no {shown} in the header", seen, (shown, "header"))
    for name, value in wanted.items():
        if name in header and not json_equal(header[name], resolve_value(value, credentials)):
            yield _other_member(name, header[name], value, discretion)


def claim_faults(
    claims: Mapping[str, Any],
    plan: TokenPlan,
    credentials: Mapping[str, str],
    discretion: Redaction,
) -> Iterator[Fault]:
    """What is wrong with the claims' names, and with the values of those that are no times."""
    difference = compare(claims, plan.claims)
    for name in difference.extra:
        shown = discretion.name(name)
        words = f"{shown} is a claim too many; take it out."
        expected = f"no claim {shown}, only {', '.join(plan.claims)}"
        seen = f"{shown} {discretion.show(claims[name])}"
        yield Fault("claim-extra", words, expected, seen, (shown, "claims"))
    for name, other in difference.misspelt.items():
        shown = discretion.name(other)
        words = f"there is a claim {shown}; did you mean {name}?"
        yield Fault("claim-misspelt", words, f"the claim {name}", shown, (shown, "claims"))
    for name in difference.missing:
        words = f"the claim {name} is missing."
        yield Fault("claim-missing", words, f"the claim {name}", "none", ("claims",))
    for name, value in plan.claims.items():
        if isinstance(value, FromNow) or name not in claims:
            continue
        if not json_equal(claims[name], resolve_value(value, credentials)):
            yield _other_claim(name, claims[name], value, credentials, discretion)


def json_equal(seen: object, wanted: object) -> bool:
    """Whether two JSON values are equal; to Python `true` is 1 as well."""
    return seen == wanted and isinstance(seen, bool) == isinstance(wanted, bool)


def resolve_value(value: Resolved, credentials: Mapping[str, str]) -> object:
    """A value, with the credential's text for a reference to it."""
    if isinstance(value, FromCredential):
        return value.credential.text(credentials)
    return value


def resolve_data(value: Data, credentials: Mapping[str, str]) -> object:
    """A value that may hold others, with the credentials' texts for references to them."""
    if isinstance(value, list):
        return [resolve_data(each, credentials) for each in value]
    if isinstance(value, dict):
        return {name: resolve_data(each, credentials) for name, each in value.items()}
    return resolve_value(value, credentials)


def _plain_words(value: Resolved) -> str:
    """What belongs there; a credential by its name, for what is taken for a key may be a secret."""
    if isinstance(value, FromCredential):
        return f"the {value.credential.title}, as in {value.credential.environment}"
    return repr(value)


def _other_member(name: str, seen: object, value: Resolved, discretion: Redaction) -> Fault:
    wanted, shown = _plain_words(value), discretion.show(seen)
    kind: Kind = "header-other"
    words = f"the header's {name} is {shown}; it should be {wanted}."
    if name == "alg" and isinstance(seen, str):
        kind = "alg-other"
        if seen.lower() == "none":
            kind = "alg-none"
            words = f"alg is none: the token is not signed; sign it by {wanted}."
        elif urlsplit(seen).scheme in ("http", "https", "urn"):
            kind = "alg-uri"
            words = (
                f"alg is a URI of XML signatures, not {wanted}: in .NET take the constant of "
                "`SecurityAlgorithms` whose name does not end in `Signature`."
            )
    return Fault(kind, words, f"{name} {wanted}", shown, (name,))


def _other_claim(
    name: str,
    seen: object,
    value: Resolved,
    credentials: Mapping[str, str],
    discretion: Redaction,
) -> Fault:
    wanted, shown = _plain_words(value), discretion.show(seen)
    kind: Kind = "claim-other"
    words = f"{name} is {shown}; it should be {wanted}."
    if discretion.is_secret(seen):
        kind, shown = "claim-is-secret", f"the {discretion.title}"
        words = (
            f"{name} is the {discretion.title}; it should be {wanted}. Anyone who has this token "
            "can read it: replace that secret."
        )
    elif isinstance(seen, str) and _is_url(seen):
        kind = "claim-is-url"
        words = f"{name} is a URL, as the libraries' own examples have it; it should be {wanted}."
    elif isinstance(value, FromCredential):
        credential = value.credential
        kind, words = _of_credential(name, seen, credential, credentials, words)
    return Fault(kind, words, f"{name} {wanted}", shown, (name,))


def _of_credential(
    name: str, seen: object, credential: Credential, credentials: Mapping[str, str], words: str
) -> tuple[Kind, str]:
    text = credential.text(credentials)
    for alteration in alterations(text, credential.environment):
        if isinstance(seen, str) and seen.encode(errors="surrogatepass") in alteration.results:
            return "claim-altered", f"{name} is {alteration.description(credential.title)}"
    if isinstance(seen, str) and seen:
        return "claim-of-another", (
            f"{name} is another {credential.title} than the one in {credential.environment}: "
            "another account's, or not the one that belongs to this secret."
        )
    return "claim-other", words


def _is_url(text: str) -> bool:
    """Whether a text is a URL with a host, as `https://example.com`."""
    return text.lower().startswith(("http://", "https://", "//", "www."))


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
