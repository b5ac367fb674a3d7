"""The one exception tree and the one table of exit statuses: what a user can cause, in one line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import IntEnum, unique
from pathlib import Path
from typing import Self

CONFLICT = re.compile(rb"^<{7} ", re.MULTILINE)
"""How Git begins a place where two branches disagree."""


MANY, FEW = 20, 5
"""More choices than anybody reads in one line, and how many of them are named then."""


@unique
class ExitStatus(IntEnum):
    """Hold every exit status of the command line: its name, its number and what it means.

    All that ends with one, the help of the commands and the table in the manual take it from here.

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
        """Make a number that knows what it means."""
        status = int.__new__(cls, number)
        status._value_ = number
        status.meaning, status.detail = meaning, detail
        return status


class TabproofError(Exception):
    """Something that a user can mend; its text is one line: where, what, choices, mend."""

    exit_status = ExitStatus.WRONG

    def __str__(self) -> str:
        """One line, whatever is quoted in it: the name of a file may hold a newline."""
        return printable(super().__str__())

    @property
    def lines(self) -> tuple[str, ...]:
        """What the command line prints of it: one line for each fault."""
        return (str(self),)


def printable(text: str) -> str:
    """A text in one line of characters that every stream takes; the others as escapes."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


class InputError(TabproofError):
    """A scenario, language, case or template is not right."""

    exit_status = ExitStatus.INVALID_INPUT


class ScenarioError(InputError):
    """A scenario is not right; whoever knows its file adds the file and the line.

    Attributes:
        place: where in the scenario (`$.request.body`); "" where it is in none of its parts.
        value: the value that is not right, where its place is not known.
    """

    def __init__(self, message: str, place: str = "", value: object = None) -> None:
        """Keep the message and the place."""
        super().__init__(message)
        self.place = place
        self.value = value


class TemplateError(InputError):
    """A template does not render.

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
    """Several faults that leave all else alone; each is a line of its own."""

    def __init__(self, errors: Sequence[TabproofError]) -> None:
        """Keep them; as one line it is the first one, and how many more there are."""
        self._lines = tuple(dict.fromkeys(line for error in errors for line in error.lines))
        count = len(self._lines) - 1
        more = f" (and {count} more, which `tabproof check` lists)" if count else ""
        super().__init__(f"{self._lines[0]}{more}")

    @property
    def lines(self) -> tuple[str, ...]:
        """A line for each."""
        return self._lines


class MachineError(TabproofError):
    """This machine lacks something, or refuses something."""

    exit_status = ExitStatus.UNABLE


def located(path: Path | str, line: int | None, message: str) -> InputError:
    """An input error at a place: `path:line: message`."""
    place = f"{path}:{line}" if line else str(path)
    return InputError(f"{place}: {message}")


def refuse_conflict(path: Path | str, content: bytes, mend: str = "resolve it") -> None:
    """Refuse a file with the marks of a merge conflict.

    Raises:
        InputError: it has them; with the line of the first.
    """
    found = CONFLICT.search(content)
    if found:
        line = content.count(b"\n", 0, found.start()) + 1
        raise located(path, line, f"a merge conflict begins here; {mend}.")


def choose(options: Iterable[str], given: str | None = None) -> str:
    """The words that name the choices: `choose a, b or c`.

    Args:
        options: all of them.
        given: what stands there instead; of many choices, those that are like it are named.
    """
    names = sorted(options)
    if given is not None and len(names) > MANY:
        from difflib import get_close_matches  # noqa: PLC0415 - 7 ms before Ctrl-C is heeded

        closest = get_close_matches(given, names, FEW, cutoff=0)
        return f"{choose(closest)} (the closest of {len(names):,})"
    if not names:
        return "there is none to choose"
    if len(names) == 1:
        return f"choose {names[0]}"
    return f"choose {', '.join(names[:-1])} or {names[-1]}"


def pluralize(count: int, noun: str) -> str:
    """`1 file`, `2 files`.

    Args:
        count: how many there are.
        noun: what one of them is called; its plural takes an `s`.
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"


def duration(seconds: float) -> str:
    """Return a time in words: `0.4 s`, `24 s`, `1 min 24 s`, `2 h 5 min`.

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
    """`is` or `are`, after as many."""
    return "is" if count == 1 else "are"
