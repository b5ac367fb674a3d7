"""Which isolation a proof has on this machine."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from tabproof.isolation import BUBBLEWRAP, REBASED, Isolation
from tabproof.proof import observe

AUTO: Literal["auto"] = "auto"
CHOICES = (AUTO, BUBBLEWRAP, REBASED)


def choose(wanted: str) -> Isolation:
    """The isolation of that name; `auto` is the sandbox, or `rebased` where there can be none."""
    if wanted == AUTO:
        return REBASED if observe.lacking() else BUBBLEWRAP
    return REBASED if wanted == REBASED else BUBBLEWRAP


def lacking(isolations: Collection[Isolation]) -> str:
    """Why this machine cannot give the isolations; "" where it can."""
    return observe.lacking() if BUBBLEWRAP in isolations else ""
