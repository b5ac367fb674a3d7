"""What stands at the end of a command's help: its exit statuses, and examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from tabproof.errors import ExitStatus


def epilog(statuses: Mapping[ExitStatus, str], *examples: str) -> str:
    """Return the text for click, which wraps all paragraphs but those that begin with a backspace.

    Args:
        statuses: the ones that a command ends with, each with what it means there; "" where it
            means what the table says.
        examples: command lines.
    """
    meanings = ", ".join(
        f"{status} {meaning or status.meaning}" for status, meaning in statuses.items()
    )
    lines = "".join(f"\n  {example}" for example in examples)
    return f"Exit status: {meanings}.\n\nExamples:\n\n\b{lines}"


class Argument(click.Argument):
    """Its help is in the manual, and in `--help` where click has a place for it."""

    def __init__(self, declarations: Sequence[str], /, *, help: str, **how: Any) -> None:  # noqa: A002 - as click.Option has it
        """Keep the help; older releases of click do not know this word."""
        super().__init__(declarations, **how)
        self.help = help
