"""A file with one fault, and the message about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

INPUTS = Path(__file__).parents[2] / "inputs"
"""Right files, which a test edits."""


@dataclass(frozen=True)
class Fault:
    """One row of a table of faults."""

    name: str
    """The fault in a few words: the test's id."""

    edit: tuple[str, str] | str
    """The part of the right file that is replaced, and its replacement; or a whole wrong file."""

    line: int | None
    """The line of the wrong file that the message names, if it names one."""

    message: str
    """The whole message after the place."""

    def apply_to(self, right: str) -> str:
        """Return the wrong file that this fault makes of the right one."""
        if isinstance(self.edit, str):
            return self.edit
        old, new = self.edit
        assert right.count(old) == 1, f"{old!r} must be in the right file exactly once"
        return right.replace(old, new)

    def located(self, path: str) -> str:
        """Return the message with its place in front: the file and the line."""
        place = path if self.line is None else f"{path}:{self.line}"
        return f"{place}: {self.message}"


def below(line: str, added: str) -> tuple[str, str]:
    """Return the edit that inserts lines below the one that ends in `line`."""
    return f"{line}\n", f"{line}\n{added}\n"


def parametrize(faults: Iterable[Fault]) -> pytest.MarkDecorator:
    """Return the mark that runs a test once for each fault, under the fault's name."""
    params = [pytest.param(fault, id=fault.name) for fault in faults]
    return pytest.mark.parametrize("fault", params)
