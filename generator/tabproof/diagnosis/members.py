"""Find faults in the header, and in the claims that are not times."""

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
    redaction: Redaction,
) -> Iterator[Fault]:
    """Yield the faults of a header, which is exactly `alg`, `typ` and what the scenario adds."""
    expected: dict[str, Resolved] = {"alg": plan.algorithm, "typ": "JWT", **plan.header}
    difference = compare(header, expected)
    for name in difference.missing:
        kind: Kind = "typ-missing" if name == "typ" else "header-missing"
        message = f"the header has no {name}; it should be {_expected_value(expected[name])}."
        yield Fault(kind, message, f"the header's {name}", "none", (name, "header"))
    for name, other in difference.misspelt.items():
        shown = redaction.name(other)
        message = f"the header has {shown}; did you mean {name}?"
        yield Fault("header-misspelt", message, f"the header's {name}", shown, (shown, "header"))
    for name in difference.extra:
        shown = redaction.name(name)
        message = f"the header has {shown}, which the scenario does not ask for."
        seen = redaction.show(header[name])
        yield Fault("header-extra", message, f"no {shown} in the header", seen, (shown, "header"))
    for name, value in expected.items():
        if name in header and not json_equal(header[name], resolve_value(value, credentials)):
            yield _other_member(name, header[name], value, redaction)


def claim_faults(
    claims: Mapping[str, Any],
    plan: TokenPlan,
    credentials: Mapping[str, str],
    redaction: Redaction,
) -> Iterator[Fault]:
    """Yield the faults of the claims' names, and of the values that are not times."""
    difference = compare(claims, plan.claims)
    for name in difference.extra:
        shown = redaction.name(name)
        message = f"{shown} is an extra claim; remove it."
        expected = f"no claim {shown}, only {', '.join(plan.claims)}"
        seen = f"{shown} {redaction.show(claims[name])}"
        yield Fault("claim-extra", message, expected, seen, (shown, "claims"))
    for name, other in difference.misspelt.items():
        shown = redaction.name(other)
        message = f"there is a claim {shown}; did you mean {name}?"
        yield Fault("claim-misspelt", message, f"the claim {name}", shown, (shown, "claims"))
    for name in difference.missing:
        message = f"the claim {name} is missing."
        yield Fault("claim-missing", message, f"the claim {name}", "none", ("claims",))
    for name, value in plan.claims.items():
        if isinstance(value, FromNow) or name not in claims:
            continue
        if not json_equal(claims[name], resolve_value(value, credentials)):
            yield _other_claim(name, claims[name], value, credentials, redaction)


def json_equal(one: object, other: object) -> bool:
    """Return whether two JSON values are equal; Python takes `true` for 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def resolve_value(value: Resolved, credentials: Mapping[str, str]) -> object:
    """Return a value, with a reference to a credential replaced by its text."""
    if isinstance(value, FromCredential):
        return value.credential.text(credentials)
    return value


def resolve_data(value: Data, credentials: Mapping[str, str]) -> object:
    """Return a nested value, with references to credentials replaced by their texts."""
    if isinstance(value, list):
        return [resolve_data(each, credentials) for each in value]
    if isinstance(value, dict):
        return {name: resolve_data(each, credentials) for name, each in value.items()}
    return resolve_value(value, credentials)


def _expected_value(value: Resolved) -> str:
    """Describe the expected value; name a credential, since a reader may have swapped them."""
    if isinstance(value, FromCredential):
        return f"the {value.credential.title}, as in {value.credential.environment}"
    return repr(value)


def _other_member(name: str, seen: object, value: Resolved, redaction: Redaction) -> Fault:
    expected, shown = _expected_value(value), redaction.show(seen)
    kind: Kind = "header-other"
    message = f"the header's {name} is {shown}; it should be {expected}."
    if name == "alg" and isinstance(seen, str):
        kind = "alg-other"
        if seen.lower() == "none":
            kind = "alg-none"
            message = f"alg is none: the token is not signed; sign it with {expected}."
        elif urlsplit(seen).scheme in ("http", "https", "urn"):
            kind = "alg-uri"
            message = (
                f"alg is a URI of XML signatures, not {expected}: in .NET use the constant of "
                "`SecurityAlgorithms` whose name does not end in `Signature`."
            )
    return Fault(kind, message, f"{name} {expected}", shown, (name,))


def _other_claim(
    name: str,
    seen: object,
    value: Resolved,
    credentials: Mapping[str, str],
    redaction: Redaction,
) -> Fault:
    expected, shown = _expected_value(value), redaction.show(seen)
    kind: Kind = "claim-other"
    message = f"{name} is {shown}; it should be {expected}."
    if redaction.is_secret(seen):
        kind, shown = "claim-is-secret", f"the {redaction.title}"
        message = (
            f"{name} is the {redaction.title}; it should be {expected}. Anyone who has this token "
            "can read it: replace that secret."
        )
    elif isinstance(seen, str) and _is_url(seen):
        kind = "claim-is-url"
        message = f"{name} is a URL, as in the libraries' own examples; it should be {expected}."
    elif isinstance(value, FromCredential):
        credential = value.credential
        kind, message = _credential_fault(name, seen, credential, credentials, message)
    return Fault(kind, message, f"{name} {expected}", shown, (name,))


def _credential_fault(
    name: str, seen: object, credential: Credential, credentials: Mapping[str, str], message: str
) -> tuple[Kind, str]:
    text = credential.text(credentials)
    for alteration in alterations(text, credential.environment):
        if isinstance(seen, str) and seen.encode(errors="surrogatepass") in alteration.results:
            return "claim-altered", f"{name} is {alteration.description(credential.title)}"
    if isinstance(seen, str) and seen:
        return "claim-of-another", (
            f"{name} is not the {credential.title} in {credential.environment}: it belongs to "
            "another account, or not to this secret."
        )
    return "claim-other", message


def _is_url(text: str) -> bool:
    """Return whether a text is a URL with a host, as `https://example.com`."""
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
    """Hold how names differ from the expected ones.

    Attributes:
        misspelt: expected name -> the name in its place.
    """

    missing: tuple[str, ...]
    extra: tuple[str, ...]
    misspelt: dict[str, str]


def compare(names: Iterable[str], expected: Iterable[str]) -> Difference:
    """Compare names; an extra name that resembles a missing one counts as its misspelling."""
    expected = list(expected)
    present = set(names)
    extra = sorted(present.difference(expected))
    misspelt = {}
    for name in [name for name in expected if name not in present]:
        if other := _similar(name, extra):
            misspelt[name] = other
            extra.remove(other)
    missing = tuple(n for n in expected if n not in present and n not in misspelt)
    return Difference(missing, tuple(extra), misspelt)


def _similar(name: str, others: list[str]) -> str | None:
    synonyms = {_normalized(word) for word in (name, *SYNONYMS.get(name, ()))}
    for other in others:
        if _normalized(other) in synonyms:
            return other
    close = get_close_matches(name.lower(), [other.lower() for other in others], 1, CLOSE)
    return next((other for other in others if close and other.lower() == close[0]), None)


def _normalized(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()
