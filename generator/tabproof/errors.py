"""Define all exceptions, all exit statuses, and helpers for the wording of messages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import IntEnum, unique
from pathlib import Path
from typing import Self

CONFLICT = re.compile(rb"^<{7} ", re.MULTILINE)
"""The first line of a merge conflict, as Git marks it."""


LISTED = 5
"""How many names a message lists before it only counts them."""

MOST_CHOICES, CLOSEST_CHOICES = 20, 5
"""The most choices that a message lists, and how many it lists where there are more."""


@unique
class ExitStatus(IntEnum):
    """Hold every exit status of the command line: its name, its number and what it means.

    The commands, their help and the table in the manual use this table.

    Attributes:
        meaning: in a few words.
        detail: which things that covers.
    """

    meaning: str
    detail: str

    DONE = 0, "done", ""
    WRONG = 1, "something is wrong", "a sample, a page or a token"
    INVALID_INPUT = (
        2,
        "invalid input",
        "a scenario, a case, a language, a template, a setting or an option",
    )
    UNABLE = 3, "this machine cannot do it", "a program, a port or a permission is missing"
    INTERRUPTED = 130, "interrupted", ""

    def __new__(cls, number: int, meaning: str, detail: str) -> Self:
        """Make a status with its meaning."""
        status = int.__new__(cls, number)
        status._value_ = number
        status.meaning, status.detail = meaning, detail
        return status


class TabproofError(Exception):
    """Report what a user can fix, in one line: where, what, the choices, and the fix."""

    exit_status = ExitStatus.WRONG

    def __str__(self) -> str:
        """Return the message in one line; the name of a file in it may hold a newline."""
        return printable(super().__str__())

    @property
    def lines(self) -> tuple[str, ...]:
        """Return what the command line prints: one line for each fault."""
        return (str(self),)


def printable(text: str) -> str:
    """Return a text with escapes for line ends and for what is not printable."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


class InputError(TabproofError):
    """Report an invalid scenario, language, case, template or setting."""

    exit_status = ExitStatus.INVALID_INPUT


class ScenarioError(InputError):
    """Report an invalid scenario; the caller that knows its file adds the file and the line.

    Attributes:
        place: where in the scenario (`$.request.body`); "" where it is in none of its parts.
        value: the invalid value, where its place is not known.
    """

    def __init__(self, message: str, place: str = "", value: object = None) -> None:
        """Keep the message and the place."""
        super().__init__(message)
        self.place = place
        self.value = value


class TemplateError(InputError):
    """Report a template that does not render.

    Attributes:
        template: the file and the line, where they are known.
        subject: the language and the variant.
        message: what is wrong.
    """

    def __init__(self, template: str, subject: str, message: str) -> None:
        """Keep the parts."""
        super().__init__(": ".join(filter(None, (template, subject, message))))
        self.template = template
        self.subject = subject
        self.message = message

    def with_scenarios(self, scenarios: str) -> TemplateError:
        """Return the same error, with the scenarios that do not render."""
        return TemplateError(self.template, f"{scenarios}, {self.subject}", self.message)


class ScenarioFaultsError(InputError):
    """Report the faults of several scenarios, each in a line of its own."""

    def __init__(self, errors: Sequence[TabproofError]) -> None:
        """Keep the faults; the message is the first one, and how many more there are."""
        self._lines = tuple(dict.fromkeys(line for error in errors for line in error.lines))
        count = len(self._lines) - 1
        more = f" (and {count} more, which `tabproof check` lists)" if count else ""
        super().__init__(f"{self._lines[0]}{more}")

    @property
    def lines(self) -> tuple[str, ...]:
        """Return a line for each fault."""
        return self._lines


class MachineError(TabproofError):
    """Report what this machine lacks or refuses."""

    exit_status = ExitStatus.UNABLE


def located(path: Path | str, line: int | None, message: str) -> InputError:
    """Return an input error at a place: `path:line: message`."""
    place = f"{path}:{line}" if line else str(path)
    return InputError(f"{place}: {message}")


def refuse_conflict(path: Path | str, content: bytes, mend: str = "resolve it") -> None:
    """Refuse a file with the markers of a merge conflict.

    Raises:
        InputError: it has markers; with the line of the first.
    """
    match = CONFLICT.search(content)
    if match:
        line = content.count(b"\n", 0, match.start()) + 1
        raise located(path, line, f"a merge conflict begins here; {mend}.")


def listed(names: Iterable[str]) -> str:
    """Return the first names, and how many more there are: `a, b and 3 more`."""
    all_names = list(names)
    rest = len(all_names) - LISTED
    more = f" and {rest} more" if rest > 0 else ""
    return ", ".join(all_names[:LISTED]) + more


def choose(options: Iterable[str], value: str | None = None) -> str:
    """Return the end of a message that lists the choices: `choose a, b or c`.

    Args:
        options: all of them.
        value: the value in their place; of many choices, the closest to it are listed.
    """
    names = sorted(options)
    if value is not None and len(names) > MOST_CHOICES:
        from difflib import get_close_matches  # noqa: PLC0415 - 7 ms before Ctrl-C is heeded

        closest = get_close_matches(value, names, CLOSEST_CHOICES, cutoff=0)
        return f"{choose(closest)} (the closest of {len(names):,})"
    if not names:
        return "there is none to choose"
    if len(names) == 1:
        return f"choose {names[0]}"
    return f"choose {', '.join(names[:-1])} or {names[-1]}"


def pluralize(count: int, noun: str) -> str:
    """Return a count with its noun: `1 file`, `2 files`.

    Args:
        count: how many there are.
        noun: the singular; its plural takes an `s`.
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"


def duration(seconds: float) -> str:
    """Return a duration for people: `0.4 s`, `24 s`, `1 min 24 s`, `2 h 5 min`.

    Args:
        seconds: how long it took.
    """
    if seconds < 1:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def is_or_are(count: int) -> str:
    """Return the verb that agrees with a count."""
    return "is" if count == 1 else "are"
