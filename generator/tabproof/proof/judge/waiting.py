"""Find runs that gave up before their timeout, or long after it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from tabproof.model.case import Case
from tabproof.model.result import Finding
from tabproof.model.scenario import Scenario
from tabproof.sandbox.protocol import Observation

ROUNDING_SECONDS = 0.2
"""By how much two clocks of a machine, or a timer, may differ."""

LATE_SECONDS = 3.0
"""How long after its timeout a run may end, on a machine that has nothing else to do."""

HINT = ("timeout", "max-time")


def find_waiting(observation: Observation, case: Case, scenario: Scenario) -> Iterator[Finding]:
    """Yield a finding for a run that did not wait as long as the scenario says.

    A busy machine makes runs longer and never shorter. So the least is counted from the start of
    the run, and the most from its first contact with the API; there, a run may take as much longer
    as it took before: to start an interpreter and a connection is more work than to end them.

    Args:
        observation: what was seen.
        case: says whether the API answers at all.
        scenario: says how long to wait.
    """
    if not case.waits:
        return
    timeout = scenario.request.timeout_seconds
    started, ended = observation.started_at, observation.ended_at
    expected = f"an end {timeout} s after the request"
    if ended - started < timeout - ROUNDING_SECONDS:
        yield Finding("request", HINT, expected, f"one {ended - started:.1f} s after the start")
    contact = _first_contact(observation, scenario)
    if contact is None:
        return
    waited, preparation = ended - contact, contact - started
    if waited > timeout + LATE_SECONDS + preparation:
        yield Finding("request", HINT, expected, f"one {waited:.1f} s after it")


def _first_contact(observation: Observation, scenario: Scenario) -> float | None:
    """Return when the run tried to connect, or else when its request arrived."""
    times = [
        contact.at for contact in observation.contacts if contact.host == scenario.request.host
    ]
    times += [exchange.received_at for exchange in observation.exchanges]
    return min(times, default=None)
