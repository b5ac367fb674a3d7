"""The one exception tree: what a user can cause, in one line, with an exit status.

Exit statuses of the command line: 0 done, 1 the samples are not right, 2 the input is
not right, 3 this machine cannot do it, 130 interrupted.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


class TabproofError(Exception):
    """Something that a user can mend; its text is one line: where, what, choices, mend."""

    exit_status = 1

    def __str__(self) -> str:
        """One line, whatever is quoted in it: the name of a file may hold a newline."""
        text = super().__str__()
        return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


class InputError(TabproofError):
    """A scenario, language, case or template is not right."""

    exit_status = 2


class MachineError(TabproofError):
    """This machine lacks something, or refuses something."""

    exit_status = 3


def located(path: Path | str, line: int | None, message: str) -> InputError:
    """An input error at a place: `path:line: message`."""
    place = f"{path}:{line}" if line else str(path)
    return InputError(f"{place}: {message}")


def choose(options: Iterable[str]) -> str:
    """The words that name the choices: `choose a, b or c`."""
    names = sorted(options)
    if not names:
        return "there is none to choose"
    if len(names) == 1:
        return f"choose {names[0]}"
    return f"choose {', '.join(names[:-1])} or {names[-1]}"
