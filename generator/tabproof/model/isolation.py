"""Define how runs are isolated, and which cases each isolation supports. Pure."""

from __future__ import annotations

from typing import Literal, TypeAlias

from tabproof.model.case import Answer, Case

Isolation: TypeAlias = Literal["bubblewrap", "rebased"]
BUBBLEWRAP: Isolation = "bubblewrap"
"""The published bytes call the API's own host, in a file system and a network of their own."""

REBASED: Isolation = "rebased"
"""A copy calls this machine instead of the API: for machines without namespaces."""

STAND_IN = "localhost"
"""The host that a copy calls: a name, as not every client accepts addresses in certificates."""


def unsupported_reason(case: Case, isolation: str) -> str:
    """Return why an isolation does not support a case; "" if it does.

    Without a sandbox, the system's own files cannot be replaced: names resolve as usual, and no
    program can be hidden.
    """
    if isolation == BUBBLEWRAP:
        return ""
    environment = case.situation.environment
    stage = case.stall.stage if case.stall else None
    obstacles = {
        "names resolve as this machine has them": case.resolves != "normal",
        "no connection can be left unanswered": stage == "connection",
        "no program can be hidden": bool(case.situation.hides or case.situation.breaks),
        "no other host can be played": _names_another_host(case),
        "clients ask no proxy for a loopback address": any(
            name.lower().endswith("_proxy") for name in environment
        ),
    }
    return next((f"rebased: {reason}" for reason, there in obstacles.items() if there), "")


def gap_when_rebased(case: Case) -> str:
    """Return why a sample that was only run without a sandbox may lack a case; "" if not.

    Machines that refuse namespaces, such as macOS, often have no strace and no libfaketime
    either, and only root can install them; nor does every Python speak TLS 1.1. A result that is
    there counts all the same.
    """
    tools = {
        "strace": case.situation.traced,
        "libfaketime": case.situation.clock is not None,
        "TLS 1.1": case.protocol == "tls-1.1",
    }
    for tool, is_needed in tools.items():
        if is_needed:
            return f"rebased: {tool} is not everywhere"
    return unsupported_reason(case, REBASED)


def _names_another_host(case: Case) -> bool:
    answers = [action for action in case.actions if isinstance(action, Answer)]
    values = [value for answer in answers for value in answer.headers.values()]
    return any(host in value for host in case.other_hosts for value in values)
