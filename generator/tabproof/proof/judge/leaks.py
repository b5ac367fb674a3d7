"""Find a secret or a token on stdout, on stderr or in a process's arguments. Pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote_plus

from tabproof.model.case import Case
from tabproof.model.language import Exposure
from tabproof.model.result import Finding
from tabproof.model.scenario import Scenario
from tabproof.sandbox.protocol import Observation

TOKEN_SHAPE = re.compile(r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+")
"""Matches a token: each of its JSON objects begins with `{"`."""

SECRET_RUN = 8
"""How many characters of the secret in a row count as the secret."""

EXECVE = re.compile(r'execve\("([^"]*)", (\[.*\])')
"""Matches a program and its arguments, as strace writes them."""


def find_leaks(
    observation: Observation,
    case: Case,
    scenario: Scenario,
    exposures: Iterable[Exposure],
) -> Iterator[Finding]:
    """Yield each leak of a secret or of a token in a run.

    The output is searched as it is, with what the runtime writes by itself: a pattern that allows
    such a message could allow a secret in it.

    Args:
        observation: what was seen.
        case: holds the credentials, and whether the arguments were noted.
        scenario: says which credential is the secret.
        exposures: programs for which the language declares that they take the secret as an
            argument.
    """
    secret_parts = _secret_parts(case, scenario)
    encoded_parts = _encoded_parts(secret_parts)
    signatures = _sent_signatures(observation)
    stdout = observation.stdout.decode(errors="replace")
    if stdout == case.full_expectation.stdout:
        stdout = ""  # it may be megabytes
    stderr = observation.stderr.decode(errors="replace")
    for where, text in (("stdout", stdout), ("stderr", stderr)):
        # A token that was never sent is recognized by its shape alone.
        tokens = signatures if observation.exchanges else set(TOKEN_SHAPE.findall(text))
        for what, parts in (("secret", secret_parts), ("token", tokens)):
            if any(part in text for part in parts):
                yield Finding("token", ("print", what), f"no {what} on {where}", f"the {what}")
        if _has_encoded(text, secret_parts, encoded_parts):
            seen = "the secret in hex, in base64 or percent-encoded"
            yield Finding("token", ("print", "secret"), f"no secret on {where}", seen)
    if case.situation.traced:
        exposed = {exposure.program for exposure in exposures}
        yield from _leaks_in_arguments(observation.trace, secret_parts, signatures, exposed)


def _leaks_in_arguments(
    trace: str, secret_parts: set[str], signatures: set[str], exposed: set[str]
) -> Iterator[Finding]:
    """Yield each leak in the trace of strace; an empty trace is a fault of the proof."""
    calls = [(path.rpartition("/")[2], line) for path, line in EXECVE.findall(trace)]
    if not calls:
        yield Finding("install", (), "the arguments of the processes", "no trace of any")
    exposing = {program for program, line in calls if any(part in line for part in secret_parts)}
    for program in sorted(exposing - exposed):
        expected = "no secret in a process's arguments"
        yield Finding("token", (program,), expected, f"the secret in those of {program}")
    for program in sorted(exposed - exposing):
        expected = f"{program} with the secret in its arguments, as language.yml says"
        yield Finding("token", (program,), expected, "none: remove it from `exposes`")
    for program, line in calls:
        if any(signature in line for signature in signatures) or TOKEN_SHAPE.search(line):
            expected = "no token in a process's arguments"
            yield Finding("request", (program,), expected, f"the token in those of {program}")


def _secret_parts(case: Case, scenario: Scenario) -> set[str]:
    """Return the parts of the secret, `SECRET_RUN` characters each, that only it contains."""
    texts = {name: value or "" for name, value in case.credentials.items()}
    signer = scenario.token.signing_key.credential
    secret = signer.text(texts)
    parts = {secret[i : i + SECRET_RUN] for i in range(len(secret) - SECRET_RUN + 1)}
    others = "".join(leaf.text(texts) for leaf in scenario.leaves if leaf.text(texts) != secret)
    return {part for part in parts if part not in others}


def _encoded_parts(parts: Iterable[str]) -> set[str]:
    """Return parts of the secret in hex, and in base64 as it is written after 0, 1 or 2 bytes."""
    encoded = set()
    for part in parts:
        data = part.encode(errors="surrogateescape")
        encoded.add(data.hex())
        for before in range(3):
            text = base64.b64encode(bytes(before) + data).decode()
            # A character of base64 is six bits: leave out those that its neighbours share.
            inner = text[-(-before * 8 // 6) : (before + len(data)) * 8 // 6]
            encoded |= {inner, inner.replace("+", "-").replace("/", "_")}
    return encoded


def _has_encoded(text: str, parts: set[str], encoded_parts: set[str]) -> bool:
    lower = text.lower()  # hexadecimal digits are written in either case
    if any(part in text or part in lower for part in encoded_parts):
        return True
    plain = unquote_plus(text)
    return plain != text and any(part in plain and part not in text for part in parts)


def _sent_signatures(observation: Observation) -> set[str]:
    """Return the signatures of the tokens that were sent."""
    values = (v for exchange in observation.exchanges for v in exchange.header("Authorization"))
    return {part for v in values if len(part := v.rpartition(".")[2]) >= SECRET_RUN}
