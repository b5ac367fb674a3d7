"""Suggest the correct spelling of a command or a choice, as click does for options."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click


def did_you_mean(misspelt: str, names: Iterable[str]) -> str:
    """Return "Did you mean ...?" with the names that are similar; "" if there is none.

    Args:
        misspelt: what was typed.
        names: all valid names.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - only an error needs it

    suggestions = [f"'{name}'" for name in get_close_matches(misspelt, list(names))]
    return f" Did you mean {' or '.join(suggestions)}?" if suggestions else ""


class Group(click.Group):
    """Hold a command with subcommands, and suggest one for a misspelt name."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the subcommand that is named first, or fail with a suggestion."""
        name, names = args[0], self.list_commands(ctx)
        if name not in names and name[:1].isalnum() and not ctx.resilient_parsing:
            ctx.fail(f"No such command '{name}'.{did_you_mean(name, names)}")
        return super().resolve_command(ctx, args)


class Choice(click.Choice):  # type: ignore[type-arg] # older releases of click have none
    """Accept one of several words, and suggest one for a misspelt word."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the word, or fail with a suggestion."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            self.fail(f"{error.message}{did_you_mean(str(value), self.choices)}", param, ctx)
