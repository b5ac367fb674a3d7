"""Build the end of a command's help: its exit statuses and examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from tabproof.errors import ExitStatus


def epilog(statuses: Mapping[ExitStatus, str], *examples: str) -> str:
    """Return the text for click, which does not wrap a paragraph that begins with a backspace.

    Args:
        statuses: the exit statuses of the command, each with its meaning there; "" for the
            meaning in the table of all exit statuses.
        examples: command lines.
    """
    meanings = ", ".join(
        f"{status} {meaning or status.meaning}" for status, meaning in statuses.items()
    )
    lines = "".join(f"\n  {example}" for example in examples)
    return f"Exit status: {meanings}.\n\nExamples:\n\n\b{lines}"


class Argument(click.Argument):
    """Hold an argument with a help text, for the docs; click shows none in `--help`."""

    def __init__(self, declarations: Sequence[str], /, *, help: str, **options: Any) -> None:  # noqa: A002 - as click.Option has it
        """Keep the help text, which click before 8.2 does not accept."""
        super().__init__(declarations, **options)
        self.help = help
