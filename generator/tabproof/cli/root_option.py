"""Accept the option `--root`, the project's folder, before the command and after it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

FLAG = "--root"
TYPE = click.Path(exists=True, file_okay=False, path_type=Path)
HELP = (
    "The project's folder, which contains templates/. Default: this folder, or the nearest one "
    "above it that is a project."
)


def in_front(arguments: Sequence[str]) -> list[str]:
    """Return the command line with `--root FOLDER` before the command, wherever it stands.

    The settings of that folder are the defaults of every other option, so it has to be known
    before they are read.
    """
    moved: list[str] = []
    rest = [*arguments]
    end = rest.index("--") if "--" in rest else len(rest)
    place = 0
    while place < end:
        # A flag at the end has no folder; click reports that.
        length = 2 if rest[place] == FLAG and place + 1 < end else 1
        if length == 2 or rest[place].startswith(f"{FLAG}="):  # noqa: PLR2004 - flag and folder
            moved += rest[place : place + length]
            del rest[place : place + length]
            end -= length
        else:
            place += 1
    return [*moved, *rest]


def declare(command: click.Command) -> None:
    """Add the option to the help and the completion of a command and its subcommands."""
    if any(FLAG in parameter.opts for parameter in command.params):
        return
    command.params.append(click.Option([FLAG], type=TYPE, help=HELP, expose_value=False))
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        declare(inner)
