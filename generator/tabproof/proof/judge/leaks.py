"""Where a secret or a token came to light: on stdout, on stderr, in a process's arguments. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tabproof.model.case import Case
from tabproof.model.language import Exposure
from tabproof.model.result import Finding
from tabproof.model.scenario import Scenario
from tabproof.sandbox.protocol import Observation

TOKEN_SHAPE = re.compile(r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+")
"""What a token looks like: each of its JSON objects begins with `{"`."""

SECRET_RUN = 8
"""So many characters of the secret in a row count as the secret."""

EXECVE = re.compile(r'execve\("([^"]*)", (\[.*\])')
"""A program and its arguments, as strace writes them."""


def find_leaks(
    observation: Observation,
    case: Case,
    scenario: Scenario,
    stderr: str,
    exposures: Iterable[Exposure],
) -> Iterator[Finding]:
    """All that came to light in a run.

    Args:
        observation: what was seen.
        case: holds the credentials, and whether the arguments were noted.
        scenario: says which credential is the secret.
        stderr: without what the runtime writes by itself.
        exposures: programs that are known to take the secret as an argument.
    """
    told = _runs(case, scenario)
    sent = _sent(observation)
    stdout = observation.stdout.decode(errors="replace")
    for where, text in (("stdout", stdout), ("stderr", stderr)):
        # A token that was never sent is known by its shape alone.
        shown = sent if observation.exchanges else set(TOKEN_SHAPE.findall(text))
        for what, words in (("secret", told), ("token", shown)):
            if any(word in text for word in words):
                yield Finding("token", ("print", what), f"no {what} on {where}", f"the {what}")
    if case.situation.traced:
        yield from _arguments(observation.trace, told, sent, {e.program for e in exposures})


def _arguments(trace: str, told: set[str], sent: set[str], exposed: set[str]) -> Iterator[Finding]:
    """What strace saw; a process that it saw nothing of is a fault of the proof."""
    calls = [(path.rpartition("/")[2], line) for path, line in EXECVE.findall(trace)]
    if not calls:
        yield Finding("install", (), "the arguments of the processes", "no trace of any")
    found = {program for program, line in calls if any(word in line for word in told)}
    for program in sorted(found - exposed):
        wanted = "no secret in a process's arguments"
        yield Finding("token", (program,), wanted, f"the secret in those of {program}")
    for program in sorted(exposed - found):
        wanted = f"{program} with the secret in its arguments, as language.yml says"
        yield Finding("token", (program,), wanted, "none: remove it from `exposes`")
    for program, line in calls:
        if any(word in line for word in sent) or TOKEN_SHAPE.search(line):
            wanted = "no token in a process's arguments"
            yield Finding("request", (program,), wanted, f"the token in those of {program}")


def _runs(case: Case, scenario: Scenario) -> set[str]:
    """All runs of characters of the secret that no other credential holds too."""
    texts = {name: value or "" for name, value in case.credentials.items()}
    signer = scenario.token.signing_key.credential
    secret = signer.text(texts)
    runs = {secret[i : i + SECRET_RUN] for i in range(len(secret) - SECRET_RUN + 1)}
    others = "".join(leaf.text(texts) for leaf in scenario.leaves if leaf.text(texts) != secret)
    return {run for run in runs if run not in others}


def _sent(observation: Observation) -> set[str]:
    """The signatures of the tokens that were sent."""
    values = (v for exchange in observation.exchanges for v in exchange.header("Authorization"))
    return {part for v in values if len(part := v.rpartition(".")[2]) >= SECRET_RUN}
