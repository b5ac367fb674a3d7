"""The languages are compared with each other: what one does differently, all should know. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from tabproof.diagnosis import token
from tabproof.model.result import Finding
from tabproof.sandbox.protocol import Observation

COMPARED_HEADERS = ("Host", "Accept", "Content-Type")
ABSENT = {"Accept": ["*/*"]}
"""What it means that a header is not there (RFC 9110, section 12.5.1)."""


class ComparedRun(msgspec.Struct, frozen=True):
    """One run of which nothing is wrong by itself."""

    identity: str
    scenario: str
    case: str
    observation: Observation


def differences(runs: Iterable[ComparedRun]) -> Iterator[tuple[str, Finding]]:
    """Which runs differ from most runs of the same scenario in the same case, and in what."""
    groups: dict[tuple[str, str], list[ComparedRun]] = defaultdict(list)
    for run in runs:
        groups[run.scenario, run.case].append(run)
    for group in groups.values():
        facets = {run.identity: _facets(run.observation) for run in group}
        for name in next(iter(facets.values())):
            values = {identity: facet[name] for identity, facet in facets.items()}
            usual, _count = Counter(values.values()).most_common(1)[0]
            for identity, value in values.items():
                if value != usual:
                    expected = f"{name} {usual} as in the other languages"
                    yield identity, Finding("request", (), expected, value)


def canonical_json(text: str) -> str:
    """A JSON text as all would write it; another text as it is."""
    try:
        return msgspec.json.encode(msgspec.json.decode(text), order="sorted").decode()
    except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError):
        return repr(text)


def _facets(observation: Observation) -> dict[str, str]:
    """What must be equal in all languages, as text."""
    exchanges = observation.exchanges
    facets = {
        "connections": str(observation.connections),
        "request lines": repr([(e.host, e.method, e.target) for e in exchanges]),
        "request bodies": repr(
            [canonical_json(exchange.body.decode(errors="replace")) for exchange in exchanges]
        ),
        "tokens": repr(
            [token.comparable_form(v) for e in exchanges for v in e.header("Authorization")]
        ),
        "exit status": str(observation.exit_status),
        "stdout": repr(observation.stdout.rstrip(b"\n")),
    }
    for name in COMPARED_HEADERS:
        absent = ABSENT.get(name, [])
        facets[name] = repr([list(exchange.header(name)) or absent for exchange in exchanges])
    return facets
