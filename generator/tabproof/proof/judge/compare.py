"""Compare the runs of one scenario in all languages, and report those that differ. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from tabproof.diagnosis import token
from tabproof.model.result import Finding
from tabproof.sandbox.protocol import Observation

COMPARED_HEADERS = ("Host", "Accept", "Content-Type")
ABSENT = {"Accept": ["*/*"]}
"""The values that a missing header stands for (RFC 9110, section 12.5.1)."""


class ComparedRun(msgspec.Struct, frozen=True):
    """Hold one run without findings of its own."""

    identity: str
    scenario: str
    case: str
    observation: Observation


def differences(runs: Iterable[ComparedRun]) -> Iterator[tuple[str, Finding]]:
    """Yield the runs that differ from most runs of their scenario and case, and how they differ."""
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
    """Return a JSON text in one canonical form, and the `repr` of any other text."""
    try:
        return msgspec.json.encode(msgspec.json.decode(text), order="sorted").decode()
    except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError):
        return repr(text)


def _facets(observation: Observation) -> dict[str, str]:
    """Return everything that must be equal in all languages, as text."""
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
