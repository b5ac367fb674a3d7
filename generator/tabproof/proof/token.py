"""What is wrong with a token that a sample made. Pure.

Sources: RFC 7515 (JWS, compact serialization), RFC 7518 (algorithms), RFC 7519 (claims).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import jwt

from tabproof.model.result import Finding
from tabproof.model.scenario import FromCredential, FromNow, Resolved, Scenario, TokenPlan

BASE64URL = re.compile(r"[A-Za-z0-9_-]*")
HALF_HOUR_SECONDS = 1800
MILLISECONDS = 1000
NEAR_SECONDS = 60
LONGEST_SHIFT_SECONDS = 15 * 3600
PARTS = 3
Span: TypeAlias = tuple[float, float]


def check(
    authorization: str, scenario: Scenario, credentials: Mapping[str, str], moment: Span
) -> Iterator[Finding]:
    """All that is wrong with the token in an `Authorization` header.

    Args:
        authorization: the header's value.
        scenario: what the token should be.
        credentials: environment variable -> value.
        moment: seconds since the epoch before which and after which the token was not made.
    """
    scheme = scenario.request.authorization
    if not authorization.startswith(f"{scheme} "):
        word = authorization.partition(" ")[0]
        yield Finding(
            "request", (scheme, "Authorization"), f"`{scheme} <token>`", f"the scheme {word!r}"
        )
        return
    token = authorization.removeprefix(f"{scheme} ")
    parts = token.split(".")
    if len(parts) != PARTS or None in [_bytes(part) for part in parts]:
        wanted = "three parts of base64url without padding, joined by dots"
        yield Finding("token", ("token =", "token"), wanted, _shape(parts))
        return
    header, claims = (_json(part) for part in parts[:2])
    if not isinstance(header, dict) or not isinstance(claims, dict):
        wanted = "two JSON objects as header and claims"
        yield Finding("token", ("claims", "header"), wanted, "bytes that are none")
        return
    yield from _header(header, scenario.token, credentials)
    # A header that names another algorithm is reported by itself.
    if header.get("alg") == scenario.token.algorithm:
        yield from _signature(token, scenario.token, credentials)
    yield from _claims(claims, scenario.token, credentials, moment)


def relative(authorization: str) -> str:
    """A token's header, and its claims' names and types: what all languages must share."""
    header, claims = (
        _json(part) for part in (authorization + "..").rpartition(" ")[2].split(".")[:2]
    )
    named = claims if isinstance(claims, dict) else {}
    kinds = {name: type(value).__name__ for name, value in named.items()}
    return json.dumps([header, kinds], sort_keys=True)


def _shape(parts: list[str]) -> str:
    if len(parts) != PARTS:
        return f"{len(parts)} parts"
    named = dict(zip(("header", "claims", "signature"), parts, strict=True))
    odd = [name for name, part in named.items() if not BASE64URL.fullmatch(part)]
    if odd:
        return f"other characters in the {' and the '.join(odd)}"
    cut = [name for name, part in named.items() if _bytes(part) is None]
    return f"an end that no bytes give in the {' and the '.join(cut)}: cut off, or changed"


def _bytes(part: str) -> bytes | None:
    """What a part stands for; None where it is not the base64url of any bytes (RFC 4648, 3.5)."""
    try:
        content = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (ValueError, binascii.Error):
        return None
    return content if base64.urlsafe_b64encode(content).rstrip(b"=") == part.encode() else None


def _json(part: str) -> Any:
    """The JSON of a part, None where it is none; a token's text is UTF-8 (RFC 7519, 3)."""
    try:
        return json.loads((_bytes(part) or b"").decode())
    except (ValueError, RecursionError):
        return None


def _header(
    header: dict[str, Any], plan: TokenPlan, credentials: Mapping[str, str]
) -> Iterator[Finding]:
    wanted: dict[str, object] = {"alg": plan.algorithm, "typ": "JWT"}
    wanted |= {name: _plain(value, credentials) for name, value in plan.header.items()}
    for name in sorted(wanted.keys() | header.keys()):
        if name not in header:
            yield Finding("token", (name, "header"), f"the header's {name}", "none")
        elif name not in wanted:
            yield Finding("token", (name, "header"), f"no {name} in the header", repr(header[name]))
        elif not _same(header[name], wanted[name]):
            yield Finding("token", (name,), f"{name} {wanted[name]!r}", repr(header[name]))


def _signature(token: str, plan: TokenPlan, credentials: Mapping[str, str]) -> Iterator[Finding]:
    key = credentials[plan.signing_key.credential.environment].encode()
    signing_input, _dot, part = token.rpartition(".")
    # PyJWT's `decode` refuses keys that are empty or look like a PEM file: no sample's fault.
    algorithm = jwt.get_algorithm_by_name(plan.algorithm)
    if not algorithm.verify(signing_input.encode(), key, _bytes(part) or b""):
        name = plan.signing_key.credential.title
        yield Finding(
            "token",
            ("signature", "sign", "encode"),
            f"a {plan.algorithm} signature with the {name} as key",
            "another signature" if part else "none",
        )


def _claims(
    claims: dict[str, Any], plan: TokenPlan, credentials: Mapping[str, str], moment: Span
) -> Iterator[Finding]:
    for name in sorted(claims.keys() - plan.claims.keys()):
        wanted = f"no claim {name}, only {', '.join(plan.claims)}"
        yield Finding("token", (name, "claims"), wanted, f"{name} {claims[name]!r}")
    fine = {}
    for name, value in plan.claims.items():
        if name not in claims:
            yield Finding("token", ("claims",), f"the claim {name}", "none")
        elif isinstance(value, FromNow):
            finding = _time(name, claims[name], value, moment)
            if finding:
                yield finding
            else:
                fine[name] = claims[name] - value.seconds
        elif not _same(claims[name], plain := _plain(value, credentials)):
            yield Finding("token", (name,), f"{name} {_kind(value)}{plain!r}", repr(claims[name]))
    if len(set(fine.values())) > 1:
        names = " and ".join(fine)
        spread = max(fine.values()) - min(fine.values())
        wanted = f"{names} counted from one reading of the clock"
        yield Finding("token", (*reversed(fine),), wanted, f"{spread} s between two readings")


def _kind(value: Resolved) -> str:
    return f"the {value.credential.title}: " if isinstance(value, FromCredential) else ""


def _same(seen: object, wanted: object) -> bool:
    """Whether two JSON values are equal; to Python `true` is 1 as well."""
    return seen == wanted and isinstance(seen, bool) == isinstance(wanted, bool)


def _plain(value: Resolved, credentials: Mapping[str, str]) -> object:
    if isinstance(value, FromCredential):
        return credentials[value.credential.environment]
    return value


def _time(name: str, seen: object, value: FromNow, moment: Span) -> Finding | None:
    """A time claim: an integer within a second of the moment that the sample ran in."""
    wanted = f"{name} {value.seconds} s from now" if value.seconds else f"{name} now"
    wanted += ", an integer of seconds since the epoch in UTC"
    if isinstance(seen, bool) or not isinstance(seen, int):
        return Finding("token", (name, "now"), wanted, f"{type(seen).__name__} {seen!r}")
    first, last = (int(reading) + value.seconds for reading in moment)
    if first - 1 <= seen <= last + 1:
        return None
    return Finding("token", (name, "now"), wanted, f"{seen}, {_off(seen, first, value.seconds)}")


def _off(seen: int, wanted: int, seconds: int) -> str:
    """How a time is off, and what people did who had it so."""
    if abs(seen // MILLISECONDS - wanted) < NEAR_SECONDS + abs(seconds):
        return "which is in milliseconds"
    off = seen - wanted
    halves = (off + HALF_HOUR_SECONDS // 2) // HALF_HOUR_SECONDS
    if (
        halves
        and abs(off) <= LONGEST_SHIFT_SECONDS
        and abs(off - halves * HALF_HOUR_SECONDS) < NEAR_SECONDS
    ):
        return f"which is {halves / 2:+g} h off: a local time taken for UTC, or another lifetime"
    return f"which is {off:+} s off"
