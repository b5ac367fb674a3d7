"""Find credentials and tokens, in whatever encoding, where a run sends them to. Pure."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from tabproof.model.case import Case
from tabproof.model.result import Finding
from tabproof.model.scenario import Scenario
from tabproof.proof.judge.leaks import SECRET_RUN
from tabproof.sandbox.protocol import Exchange, Observation

BASE64_RUN = 12
"""How many characters of base64 in a row stand for `SECRET_RUN` and one more bytes."""

BASE64_UNIT = 4
ALIGNMENTS = 3
"""Base64 writes three bytes as four characters: a text has three forms, by what is before it."""


def find_sent_credentials(
    observation: Observation, case: Case, scenario: Scenario
) -> Iterator[Finding]:
    """Yield each header, target and name look-up with a part of a credential or of a token.

    The `Authorization` header and the body are checked against the scenario, and left out here.

    Args:
        observation: what was seen.
        case: holds the credentials.
        scenario: says what a request may hold.
    """
    places = list(_places(observation))
    if not places:
        return
    request = scenario.request
    expected = "\n".join((request.host, request.target, *request.headers.values()))
    usual = _windows(expected) | _windows(unquote(expected))
    texts = _texts(observation, case, scenario)
    forms = {title: _forms(text) for title, text in texts.items()}
    reported = set()
    for place, text in places:
        windows = (_windows(text) | _windows(unquote(text))) - usual
        present = [title for title, parts in forms.items() if windows & parts]
        if not present:
            continue
        title = _whose(present, text, texts["token"])
        if (place, title) not in reported:
            reported.add((place, title))
            hint = (place.rpartition(" ")[2], request.host)
            yield Finding("request", hint, f"no credential in {place}", f"the {title}")


def _whose(present: list[str], text: str, token: str) -> str:
    """Return whose parts a text holds; a token has credentials in it, and a signature alone."""
    signature = token.rpartition(".")[2][:SECRET_RUN].lower()
    is_token = bool(signature) and signature in f"{text}\n{unquote(text)}".lower()
    return present[-1] if is_token else present[0]


def _places(observation: Observation) -> Iterator[tuple[str, str]]:
    """Yield where a run may hide a text that it sends, with that text."""
    for exchange in observation.exchanges:
        yield "the address of the request", exchange.target
        for name, value in _headers(exchange):
            yield "a header", f"{name}\n{value}"
    for contact in observation.contacts:
        if contact.lookup:
            # A label has at most 63 characters.
            yield "a name look-up", f"{contact.lookup}\n{contact.lookup.replace('.', '')}"


def _headers(exchange: Exchange) -> Iterator[tuple[str, str]]:
    """Yield the headers but the first `Authorization`."""
    seen = False
    for name, value in exchange.headers:
        if name.lower() == "authorization" and not seen:
            seen = True
            continue
        yield name, value


def _texts(observation: Observation, case: Case, scenario: Scenario) -> Mapping[str, str]:
    texts = {name: value or "" for name, value in case.credentials.items()}
    tokens = (v for exchange in observation.exchanges for v in exchange.header("Authorization"))
    token = next(tokens, "").rpartition(" ")[2]
    return {leaf.title: leaf.text(texts) for leaf in scenario.leaves} | {"token": token}


def _forms(text: str) -> set[str]:
    """Return all parts of a text that give it away, as it is, in hex and in base64."""
    data = text.encode(errors="surrogateescape")
    forms = _slices(text.lower(), SECRET_RUN) | _slices(data.hex(), 2 * SECRET_RUN)
    for before in range(ALIGNMENTS):
        encoded = base64.b64encode(bytes(before) + data).decode().lower()
        # What shares a unit with the bytes around it depends on them.
        is_whole = (before + len(data)) % ALIGNMENTS == 0
        last = len(encoded) if is_whole else len(encoded) - BASE64_UNIT
        inner = encoded[BASE64_UNIT if before else 0 : last]
        forms |= _slices(inner, BASE64_RUN)
    return forms


def _windows(text: str) -> set[str]:
    """Return all parts of a text that could be one of `_forms`.

    Names and header names have no case, so none is compared.
    """
    plain = text.lower()
    standard = plain.replace("-", "+").replace("_", "/")
    return (
        _slices(plain, SECRET_RUN) | _slices(plain, 2 * SECRET_RUN) | _slices(standard, BASE64_RUN)
    )


def _slices(text: str, size: int) -> set[str]:
    return {text[start : start + size] for start in range(len(text) - size + 1)}
