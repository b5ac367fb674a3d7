"""The command line. Exit statuses are those of `tabproof.errors`.

A command's module is imported when the command is asked for: the others cost it nothing.
"""

from __future__ import annotations

import importlib
from pathlib import Path

import click

from tabproof import __version__, interruption

COMMANDS = {
    "init": "init",
    "generate": "samples",
    "check": "samples",
    "expand": "expand",
    "watch": "watch",
    "prove": "prove",
    "report": "report",
    "explain": "explain",
    "serve": "serve",
    "doctor": "machine",
    "toolchains": "machine",
    "schema": "schema",
}
"""Command -> the module of this package that holds it, in the order of `--help`."""


class Commands(click.Group):
    """The commands, each imported when it is asked for."""

    def __call__(self, *_arguments: object, **_options: object) -> None:
        """Be the whole program."""
        interruption.program(self.main)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names, in the order of `--help`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command with this name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"{__name__}.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        return command


@click.command(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit statuses: 0 done, 1 the samples are not right, 2 the input is not right, "
    "3 this machine cannot, 130 interrupted.",
)
@click.version_option(__version__, prog_name="tabproof")
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="The project's folder, the one that holds templates/. Default: this one.",
)
@click.pass_context
def main(context: click.Context, root: Path) -> None:
    """Render one scenario to code samples in every language, and prove each of them."""
    context.obj = root.resolve()
