"""Commands as language files have them, and how versions are found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from string import Formatter
from typing import Annotated

import msgspec

from tabproof.model.fields import FileFormat

Command = Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
"""A program and its arguments; `{placeholders}` are filled in, no shell is involved."""


class Probe(FileFormat, frozen=True, kw_only=True):
    """How a version is found: what a command prints, or what a file holds, by a pattern.

    Attributes:
        run: the command that prints the version.
        file: the file that holds it, where no command is run; `*` is any part of a name.
        pattern: finds the version; its first group is the version.
    """

    run: Command | None = None
    file: str | None = None
    pattern: str = r"(\d+(?:\.\d+)+)"

    def __post_init__(self) -> None:
        """The version is what the pattern's first group holds."""
        if not compile_pattern("pattern", self.pattern).groups:
            raise ValueError("`pattern` needs a group, which holds the version")
        if (self.run is None) == (self.file is None):
            raise ValueError("give exactly one of `run` and `file`")


def compile_pattern(name: str, pattern: str) -> re.Pattern[str]:
    """The pattern that is the value of a key.

    Raises:
        ValueError: it is none.
    """
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(f"`{name}` is no pattern: {error}") from error


def check_message_group(name: str, pattern: str) -> None:
    """Refuse a pattern, where there is one, that does not say what was found.

    Raises:
        ValueError: it is none, or has no group called `words`.
    """
    if pattern and "words" not in compile_pattern(name, pattern).groupindex:
        raise ValueError(f"`{name}` needs a group called `words`")


def fill_command(command: Command, places: Mapping[str, str]) -> list[str]:
    """A command with its placeholders filled in."""
    return [word.format_map(places) for word in command]


def placeholder_names(word: str) -> set[str]:
    """The names in braces in a word.

    Raises:
        ValueError: its braces do not match.
    """
    return {field for _text, field, _form, _kind in Formatter().parse(word) if field is not None}
