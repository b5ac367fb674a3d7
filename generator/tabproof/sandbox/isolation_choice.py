"""Which isolation a proof has on this machine."""

from __future__ import annotations

from typing import Literal

import msgspec

from tabproof.model.isolation import BUBBLEWRAP, REBASED, Isolation
from tabproof.sandbox import batch

AUTO: Literal["auto"] = "auto"
CHOICES = (AUTO, BUBBLEWRAP, REBASED)


class IsolationChoice(msgspec.Struct, frozen=True):
    """How runs are kept apart from this machine.

    Attributes:
        missing_reason: why this machine cannot do it; "" where it can.
    """

    isolation: Isolation = BUBBLEWRAP
    missing_reason: str = ""


IN_SANDBOX = IsolationChoice()


def choose_isolation(wanted: str) -> IsolationChoice:
    """The isolation of that name; `auto` is the sandbox, or `rebased` where there can be none."""
    if wanted == REBASED:
        return IsolationChoice(REBASED)
    lack = batch.missing_sandbox()
    return (
        IsolationChoice(REBASED)
        if lack and wanted == AUTO
        else IsolationChoice(missing_reason=lack)
    )
