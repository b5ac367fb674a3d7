"""An argument of a command that says what it is, as an option does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click


class Argument(click.Argument):
    """Its help is in the manual, and in `--help` where click has a place for it."""

    def __init__(self, declarations: Sequence[str], /, *, help: str, **how: Any) -> None:  # noqa: A002 - as click.Option has it
        """Keep the help; older releases of click do not know this word."""
        super().__init__(declarations, **how)
        self.help = help
