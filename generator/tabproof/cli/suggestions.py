"""What was meant, where a command or a choice is misspelt; click does this for options."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click


def did_you_mean(misspelt: str, names: Iterable[str]) -> str:
    """Return the question whether a name that is alike was meant; "" where none is.

    Args:
        misspelt: what was typed.
        names: all that could be meant.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - it takes its time, here alone

    close = [f"'{name}'" for name in get_close_matches(misspelt, list(names))]
    return f" Did you mean {' or '.join(close)}?" if close else ""


class Group(click.Group):
    """A command with commands of its own."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is named first, or say which one may be meant."""
        name, names = args[0], self.list_commands(ctx)
        if name not in names and name[:1].isalnum() and not ctx.resilient_parsing:
            ctx.fail(f"No such command '{name}'.{did_you_mean(name, names)}")
        return super().resolve_command(ctx, args)


class Choice(click.Choice):  # type: ignore[type-arg] # older releases of click have none
    """One of several words."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the word, or say which one may be meant."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            self.fail(f"{error.message}{did_you_mean(str(value), self.choices)}", param, ctx)
