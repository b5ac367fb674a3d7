"""Which isolation a proof has on this machine."""

from __future__ import annotations

from typing import Literal

import msgspec

from tabproof.isolation import BUBBLEWRAP, REBASED, Isolation
from tabproof.proof import observe

AUTO: Literal["auto"] = "auto"
CHOICES = (AUTO, BUBBLEWRAP, REBASED)


class Apart(msgspec.Struct, frozen=True):
    """How runs are kept apart from this machine.

    Attributes:
        lacking: why this machine cannot do it; "" where it can.
    """

    isolation: Isolation = BUBBLEWRAP
    lacking: str = ""


IN_SANDBOX = Apart()


def choose(wanted: str) -> Apart:
    """The isolation of that name; `auto` is the sandbox, or `rebased` where there can be none."""
    if wanted == REBASED:
        return Apart(REBASED)
    lack = observe.lacking()
    return Apart(REBASED) if lack and wanted == AUTO else Apart(lacking=lack)
