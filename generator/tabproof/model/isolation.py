"""How a run is kept apart from its machine, and which cases each way can make. Pure."""

from __future__ import annotations

from typing import Literal, TypeAlias

from tabproof.model.case import Answer, Case

Isolation: TypeAlias = Literal["bubblewrap", "rebased"]
BUBBLEWRAP: Isolation = "bubblewrap"
"""The published bytes call the API's own name, in a file system and a network of their own."""

REBASED: Isolation = "rebased"
"""A copy calls this machine in the API's place: for machines that refuse namespaces."""

STAND_IN = "localhost"
"""The host that a copy calls: a name, because not every client takes an address in certificates."""


def unsupported_reason(case: Case, isolation: str) -> str:
    """Why a case cannot be made under an isolation; "" where it can.

    Without a sandbox nothing can lie over the system's own files: its names resolve as they do,
    and its programs are there.
    """
    if isolation == BUBBLEWRAP:
        return ""
    if case.resolves != "normal":
        return "rebased: names resolve as this machine has them"
    if case.situation.hides:
        return "rebased: no program can be hidden"
    if _names_another_host(case):
        return "rebased: no other host can be played"
    if any(name.lower().endswith("_proxy") for name in case.situation.environment):
        return "rebased: clients ask no proxy for a loopback address"
    return ""


def gap_when_rebased(case: Case) -> str:
    """Return why a sample that was only ever run without a sandbox may lack a case; "" if not.

    Machines that refuse namespaces, such as macOS, often have no strace and no libfaketime
    either, and only root can install them. A result that is there counts all the same.
    """
    if case.situation.clock is not None or case.situation.traced:
        tool = "strace" if case.situation.traced else "libfaketime"
        return f"rebased: {tool} is not everywhere"
    return unsupported_reason(case, REBASED)


def _names_another_host(case: Case) -> bool:
    answers = [action for action in case.actions if isinstance(action, Answer)]
    values = [value for answer in answers for value in answer.headers.values()]
    return any(host in value for host in case.other_hosts for value in values)
