"""A linter, formatter or parser of a language."""

from __future__ import annotations

import re
from string import Formatter

from tabproof.errors import choose
from tabproof.model.command import Command, Probe
from tabproof.model.scenario import Shape

PLACES = ("folder", "language", "off", "sample", "samples", "tabproof_python", "work")
"""Placeholders of a linter's command, beside its programs."""


class Off(Shape, frozen=True, kw_only=True):
    """A rule that a linter leaves out, and why."""

    rule: str
    reason: str


class Linter(Shape, frozen=True, kw_only=True):
    """What a language's community checks its code with: a linter, a formatter or a parser.

    Attributes:
        name: the name that reports carry.
        programs: placeholder -> program looked up on PATH, or a path with `{folder}`.
        version: how its version is found; `minimum` is the least that will do.
        packages: Debian packages that bring the programs.
        run: the command, in a folder that holds copies of the samples. A word `{samples}` stands
            for all of them; with `{sample}` in it the command runs once for each. `{off}` is
            the rules that are off, by `off_form`, with commas between; without any, its word
            is left out.
        environment: what it needs beyond path, home and language.
        fault: finds a fault in its output, by a pattern with the groups `line` and `words`, and
            `file`. A match with `file` alone is a heading: faults without a file are that file's.
        writes: it is a formatter that writes; a copy that it changes was not in its style.
        parses: it says whether a sample that does not run here is well formed.
        off: the rules that are switched off, in this one place.
    """

    name: str
    programs: dict[str, str] = {}
    version: Probe
    minimum: str = "0"
    packages: tuple[str, ...] = ()
    run: Command
    environment: dict[str, str] = {}
    fault: str = ""
    writes: bool = False
    parses: bool = False
    off: tuple[Off, ...] = ()
    off_form: str = "{rule}"

    def __post_init__(self) -> None:
        """A pattern that can find nothing would make every sample clean."""
        try:
            groups = re.compile(self.fault).groupindex
        except re.error as error:
            raise ValueError(f"`fault` of {self.name} is no pattern: {error}") from error
        if self.fault and "words" not in groups:
            raise ValueError(f"`fault` of {self.name} needs a group called `words`")
        fields = {field for word in self.run for field in _fields(word, self.name)}
        known = {*self.programs, *PLACES}
        for field in sorted(fields - known):
            words = f"`run` of {self.name}: there is no {{{field}}}; {choose(known)}"
            raise ValueError(words)
        if self.off and "off" not in fields:
            raise ValueError(f"`run` of {self.name} has no {{off}} for the rules that are off")


def _fields(word: str, name: str) -> set[str]:
    """The placeholders in a word."""
    try:
        return {
            field for _text, field, _form, _type in Formatter().parse(word) if field is not None
        }
    except ValueError as error:
        raise ValueError(f"`run` of {name}: {word!r}: {error}") from error
