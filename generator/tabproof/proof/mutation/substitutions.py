"""Give the placeholders of a mutation their values in a scenario. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from tabproof.model.credential import HEX, Credential
from tabproof.model.language import Language
from tabproof.model.notation import Identifiers
from tabproof.model.scenario import FromCredential, FromNow, Request, Scenario
from tabproof.project.names import identifier
from tabproof.render.literals import key

Substitutions: TypeAlias = dict[str, str | None]
"""Placeholder -> its value; None where the scenario has no such thing."""

ENCODED_KEY = "key"
"""The variable in which every template keeps the bytes of a key that is encoded."""


def substitutions_of(scenario: Scenario, language: Language) -> Substitutions:
    """Return the values of all placeholders for a scenario in a language."""
    spelt = language.data.identifiers
    return _of_credentials(scenario, spelt) | _of_token(scenario) | _of_request(scenario, language)


def _of_credentials(scenario: Scenario, spelt: Identifiers) -> Substitutions:
    signer = scenario.token.signing_key.credential
    is_hex = signer.encoding == HEX
    place, member, account = next(_accounts(scenario), ("", None, None))
    variable = scenario.whole(account or signer)
    roles = _named("signing_key", signer, spelt)
    roles |= _named("text_key", None if is_hex else signer, spelt)
    roles |= _named("hex_key", signer if is_hex else None, spelt)
    roles |= _named("account", account, spelt)
    roles |= _named("kid_account", account if (place, member) == ("header", "kid") else None, spelt)
    roles |= _named("free_account", None if variable.pattern else account, spelt)
    roles |= _named("variable", variable, spelt)
    roles |= _named("free_variable", None if variable.pattern else variable, spelt)
    roles |= _named("split", variable if variable.parts else None, spelt)
    return roles | {
        "key_identifier": ENCODED_KEY if is_hex else identifier(signer.name, spelt),
        "account_claim": member,
        "claimed_account": member if place == "claims" else None,
    }


def _named(role: str, credential: Credential | None, spelt: Identifiers) -> Substitutions:
    return {
        role: credential.name if credential else None,
        f"{role}_identifier": identifier(credential.name, spelt) if credential else None,
        f"{role}_environment": credential.variable if credential else None,
    }


def _accounts(scenario: Scenario) -> Iterator[tuple[str, str, Credential]]:
    """Yield the token's members that hold a credential other than the signing key."""
    key = scenario.token.signing_key.credential
    for place, members in (("claims", scenario.token.claims), ("header", scenario.token.header)):
        for name, value in members.items():
            if isinstance(value, FromCredential) and value.credential != key:
                yield place, name, value.credential


def _of_token(scenario: Scenario) -> Substitutions:
    claims = scenario.token.claims
    times = {name: value.seconds for name, value in claims.items() if isinstance(value, FromNow)}
    expiry_claim = max(times, key=times.__getitem__, default=None)
    return {
        "issued_claim": next((name for name, seconds in times.items() if seconds == 0), None),
        "expiry_claim": expiry_claim,
        "lifetime_seconds": str(times[expiry_claim]) if expiry_claim else None,
        "algorithm": scenario.token.algorithm,
    }


def _of_request(scenario: Scenario, language: Language) -> Substitutions:
    request = scenario.request
    header_name, header_value = next(iter(request.headers.items()), (None, None))
    notation = language.data.notations["default"]
    return {
        "scheme": request.authorization,
        "header_name": header_name,
        "header_key": key(header_name, notation) if header_name else None,
        "header_value": header_value,
        "timeout_seconds": str(request.timeout_seconds),
        "shorter_timeout_seconds": str(max(1, request.timeout_seconds // 5)),
        # It ends before the mock API answers in the end.
        "longer_timeout_seconds": str(request.timeout_seconds + 9),
        "success_status": str(request.success_status),
    } | _of_line(request)


def _of_line(request: Request) -> Substitutions:
    path, _mark, query = request.target.partition("?")
    has_body = request.body is not None
    return {
        "method": request.method,
        "method_word": request.method.capitalize(),
        "get": "Get" if request.method == "GET" else None,
        "other_method": None if request.method == "GET" else request.method,
        "idempotent_retries": "1" if request.is_idempotent else None,
        "host": request.host,
        "target": request.target,
        "path": path,
        "query": query or None,
        "content_type": request.content_type if has_body else None,
        "payload": "payload" if has_body else None,
    }
