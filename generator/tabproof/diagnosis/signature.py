"""Explain a wrong signature, by trying the keys, forms and inputs of common mistakes."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import jwt
import msgspec
from jwt.algorithms import Algorithm

from tabproof.diagnosis.encoding import Compact, base64url, decode_part
from tabproof.diagnosis.fault import Fault, Kind
from tabproof.diagnosis.key_mistakes import alterations
from tabproof.errors import InputError
from tabproof.model.scenario import Scenario, SigningKey, TokenPlan

HASHES = ("HS256", "HS384", "HS512")
HINT = ("signature", "sign", "encode")
MOST_DEVIATIONS = 2
SHORTEST_START = 8
"""A signature that starts with so many characters of the right one is a part of it."""


class Trial(msgspec.Struct, frozen=True):
    """Hold one candidate for an ingredient of a signature; the right one has no `kind`."""

    value: Any
    kind: Kind | None = None
    description: str = ""


def key_bytes(key: SigningKey, text: str) -> bytes:
    """Decode a credential's text into the bytes of the key.

    Raises:
        InputError: the text is not in the encoding that the scenario states.
    """
    try:
        if key.encoding == "hex":
            return bytes.fromhex(text)
        if key.encoding == "base64":
            return base64.b64decode(text, validate=True)
    except ValueError:
        name = key.credential.environment
        raise InputError(f"{name} is not {key.encoding}, as the scenario says it is.") from None
    return text.encode(errors="surrogatepass")


def check_algorithm(plan: TokenPlan) -> None:
    """Refuse an algorithm whose signatures cannot be checked with a shared secret.

    Raises:
        InputError: it is not one of RFC 7518, section 3.2.
    """
    if plan.algorithm not in HASHES:
        raise InputError(f"tokens signed with {plan.algorithm} cannot be checked yet.")


def signature_faults(
    compact: Compact,
    header: Mapping[str, Any],
    scenario: Scenario,
    credentials: Mapping[str, str],
) -> Iterator[Fault]:
    """Yield the faults of a signature; none where the header announces another kind of one."""
    plan, stated = scenario.token, header.get("alg")
    if stated != plan.algorithm and _is_other_kind(stated, compact.signature):
        return
    signer = plan.signing_key.credential
    expected = f"a {plan.algorithm} signature with the {signer.title} as key"
    if not compact.signature:
        message = "there is no signature after the second dot: sign the token."
        yield Fault("signature-missing", message, expected, "none", HINT)
        return
    match = _closest_match(compact, stated, scenario, credentials)
    if match is None:
        yield _unexplained(compact, plan, credentials, expected)
        return
    for trial in match:
        if trial.kind:
            yield Fault(
                trial.kind, trial.description, expected, "another signature", HINT, _note(trial)
            )


def _note(trial: Trial) -> str:
    return trial.description.partition(":")[0].rstrip(".")


def _is_other_kind(stated: object, signature: str) -> bool:
    """Return whether the fault of `alg` explains the signature: none, or one by a key pair."""
    if isinstance(stated, str) and stated.lower() == "none":
        return not signature
    return isinstance(stated, str) and stated[:2] in ("RS", "ES", "PS", "Ed")


def _algorithm(name: str) -> Algorithm:
    return jwt.get_algorithm_by_name(name)


def _closest_match(
    compact: Compact, stated: object, scenario: Scenario, credentials: Mapping[str, str]
) -> tuple[Trial, ...] | None:
    """Find what the signature was made of, with the fewest deviations; None if nothing matches."""
    trials = [
        list(_keys(scenario, credentials)),
        list(_algorithms(scenario.token, stated)),
        list(_inputs(compact)),
    ]
    for most in range(MOST_DEVIATIONS + 1):
        for key, algorithm, text in product(*trials):
            if sum(1 for trial in (key, algorithm, text) if trial.kind) > most:
                continue
            mac = _algorithm(algorithm.value).sign(text.value, key.value)
            for form in _forms(mac):
                matches = form.value == compact.signature
                combination = (key, algorithm, text, form)
                if matches and sum(1 for trial in combination if trial.kind) <= most:
                    return combination
    return None


def _keys(scenario: Scenario, credentials: Mapping[str, str]) -> Iterator[Trial]:
    signing_key = scenario.token.signing_key
    signer, encoding = signing_key.credential, signing_key.encoding
    text = signer.text(credentials)
    yield Trial(key_bytes(signing_key, text))
    if encoding != "utf-8":
        kind: Kind = "secret-hex" if encoding == "hex" else "secret-base64"
        message = f"signed with the {signer.title} as text: decode it from {encoding} first."
        yield Trial(text.encode(), kind, message)
    for other in dict.fromkeys((*scenario.leaves, *scenario.credentials.values())):
        if other.name != signer.name:
            message = f"signed with the {other.title} in place of the {signer.title}."
            key = other.text(credentials).encode(errors="surrogatepass")
            yield Trial(key, "signed-with-key", message)
    for alteration in alterations(text, signer.environment):
        for result in alteration.results:
            yield Trial(
                result, alteration.kind, f"signed with {alteration.description(signer.title)}"
            )


def _algorithms(plan: TokenPlan, stated: object) -> Iterator[Trial]:
    yield Trial(plan.algorithm)
    for other in HASHES:
        if other == stated:
            yield Trial(other)  # `alg` is the fault, not the signature
        elif other != plan.algorithm:
            message = f"signed with {other}, but the header says {plan.algorithm}."
            yield Trial(other, "signature-other-hash", message)


def _inputs(compact: Compact) -> Iterator[Trial]:
    for text in compact.inputs:
        yield Trial(text.encode())
    for text in compact.inputs[:1]:
        message = "signed over `header.claims` and a newline: sign it without one."
        for end in ("\n", "\r\n"):
            yield Trial(f"{text}{end}".encode(), "signature-over-newline", message)
    claims = decode_part(compact.claims) or b""
    over_claims = "signed over the claims alone: sign `header.claims`, both as base64url."
    yield Trial(compact.claims.encode(), "signature-over-claims", over_claims)
    yield Trial(claims, "signature-over-claims", over_claims)
    message = "signed over the JSON text: sign `header.claims`, both as base64url."
    header = decode_part(compact.header) or b""
    yield Trial(header + b"." + claims, "signature-over-json", message)
    yield Trial(header + claims, "signature-over-json", message)


def _forms(mac: bytes) -> Iterator[Trial]:
    yield Trial(base64url(mac))
    message = (
        "the signature is hexadecimal text: encode the digest's bytes themselves as base64url."
    )
    for text in (mac.hex(), mac.hex().upper()):
        yield Trial(text, "signature-hex", message)
        yield Trial(base64url(text.encode()), "signature-hex", message)
        yield Trial(base64url(f"{text}\n".encode()), "signature-hex", message)
    message = "the signature is base64-encoded twice: encode the digest's bytes once."
    for text in (
        base64url(mac),
        base64.b64encode(mac).decode(),
        base64.urlsafe_b64encode(mac).decode(),
    ):
        yield Trial(base64url(text.encode()), "signature-base64", message)


def _unexplained(
    compact: Compact, plan: TokenPlan, credentials: Mapping[str, str], expected: str
) -> Fault:
    signer = plan.signing_key.credential
    key = key_bytes(plan.signing_key, signer.text(credentials))
    algorithm = _algorithm(plan.algorithm)
    for text in compact.inputs:
        right = base64url(algorithm.sign(text.encode(), key))
        begins = right[:SHORTEST_START] == compact.signature[:SHORTEST_START]
        if begins and len(compact.signature) < len(right):
            message = "the signature is cut off: copy the whole token."
            return Fault("truncated", message, expected, "the beginning of the right one", HINT)
    message = (
        f"the signature was made with a secret other than the {signer.title} in "
        f"{signer.environment}, or the token was changed after it was signed; no common variation "
        "of the secret (newline, quotes, base64) matches either."
    )
    return Fault("signature-other", message, expected, "another signature", HINT)
