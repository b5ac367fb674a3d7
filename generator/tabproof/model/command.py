"""Define commands in language files, their placeholders and patterns, and version probes."""

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
    """Describes how to find a version: in what a command prints, or in a file.

    Attributes:
        run: the command that prints the version.
        file: the file that holds the version, instead of a command; `*` matches any part of a name.
        pattern: a regular expression whose first group is the version.
    """

    run: Command | None = None
    file: str | None = None
    pattern: str = r"(\d+(?:\.\d+)+)"

    def __post_init__(self) -> None:
        """Refuse a pattern without a group, and a probe with both sources or none."""
        if not compile_pattern("pattern", self.pattern).groups:
            raise ValueError("`pattern` needs a group that matches the version")
        if (self.run is None) == (self.file is None):
            raise ValueError("give exactly one of `run` and `file`")


def compile_pattern(name: str, pattern: str) -> re.Pattern[str]:
    """Compile the pattern that is the value of a key.

    Raises:
        ValueError: it is not a regular expression.
    """
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(f"`{name}` is not a regular expression: {error}") from error


def check_message_group(name: str, pattern: str) -> None:
    """Refuse a pattern without the group `words`, which matches the message; "" is no pattern.

    Raises:
        ValueError: it is not a regular expression, or has no such group.
    """
    if pattern and "words" not in compile_pattern(name, pattern).groupindex:
        raise ValueError(f"`{name}` needs a group called `words`")


def fill_command(command: Command, values: Mapping[str, str]) -> list[str]:
    """Return a command with its placeholders filled in."""
    return [argument.format_map(values) for argument in command]


def placeholder_names(argument: str) -> set[str]:
    """Return the names in braces in an argument of a command.

    Raises:
        ValueError: the braces do not match.
    """
    return {field for _, field, _, _ in Formatter().parse(argument) if field is not None}
