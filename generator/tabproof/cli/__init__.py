"""Start the command line, and import the module of a command only when it is used.

To import all of them would take several times as long as `--help` does.
"""

from __future__ import annotations

import importlib
import os
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from tabproof import __version__
from tabproof.cli import complete_values, option_defaults, root_option
from tabproof.cli.handle_errors import handle_errors
from tabproof.cli.help_text import epilog
from tabproof.cli.suggestions import Group
from tabproof.errors import ExitStatus
from tabproof.project import settings_file
from tabproof.system import interruption

COMMANDS = {
    "init": "Set up Tabproof in a repository that has an mkdocs.yml.",
    "new": "Create a scenario or a language.",
    "generate": "Render all samples into samples/.",
    "check": "Check that samples/ is current and publishable.",
    "expand": "Write pages with their tabs written out.",
    "watch": "Serve the site and update it while you work.",
    "prove": "Run the samples in a sandbox and check what they do.",
    "record": "Remove results from the record.",
    "report": "Show the recorded results of the current samples.",
    "explain": "Explain what is wrong with a token, and the likely cause.",
    "serve": "Run the mock API on this machine, for experiments.",
    "doctor": "Show what this machine has, and lacks, for each language.",
    "toolchains": "Install what is missing for the languages.",
    "config": "List the settings, and where each comes from.",
    "schema": "Write the JSON Schema of a kind of file, for editors.",
    "completion": "Write the completion script for a shell.",
}
"""Command, which is also the name of its module here -> its line of `--help`, in that order."""


WITHOUT_PROJECT = frozenset({"schema", "completion"})
"""Commands that need no project and ignore faulty settings."""

CREATES_PROJECT = frozenset({"init"})
"""Commands that do not look for a project in the folders above."""


# What click itself refuses is invalid input too.
click.UsageError.exit_code = ExitStatus.INVALID_INPUT


class Commands(Group):
    """List the commands, and import each when it is used."""

    def __call__(self, *_arguments: object, **_options: object) -> None:
        """Run the program."""
        interruption.run_program(self.main)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the options of the program, with `--root` also accepted after the command."""
        command = next((argument for argument in args if argument in COMMANDS), None)
        ctx.meta[option_defaults.NO_SEARCH] = command in CREATES_PROJECT
        return super().parse_args(ctx, root_option.in_front(args))

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names, in the order of `--help`."""
        return list(COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Write the commands' lines of `--help` without importing the commands."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Return what may come next, without the help texts, which would import all commands."""
        if incomplete[:1].isalnum() or not incomplete:
            return [CompletionItem(name) for name in COMMANDS if name.startswith(incomplete)]
        return click.Command.shell_complete(self, ctx, incomplete)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import the command with this name; None if there is none."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"{__name__}.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        root_option.declare(command)
        return command


@click.command(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=epilog(
        dict.fromkeys(ExitStatus, ""),
        "tabproof check --root ../api",
        "tabproof --languages node,python generate",
    ),
)
@click.version_option(__version__, prog_name="tabproof")
@click.option(
    root_option.FLAG,
    type=root_option.TYPE,
    is_eager=True,
    callback=option_defaults.find_project,
    help=root_option.HELP,
)
@click.option(
    "--languages",
    type=option_defaults.parse_names,
    metavar="NAME,NAME",
    envvar=settings_file.LANGUAGES,
    shell_complete=complete_values.languages,
    help="The languages of the samples, in the order of their tabs. Default: all.",
)
@click.option(
    "--variants",
    type=option_defaults.parse_names,
    metavar="NAME,NAME",
    envvar=settings_file.VARIANTS_OF,
    shell_complete=complete_values.variants,
    help="The variants of the samples. Default: both.",
)
@click.pass_context
@handle_errors
def main(context: click.Context, /, root: Path, **_others: object) -> None:
    """Render a scenario to code samples in every language, and test each sample.

    A project keeps its settings in tabproof.toml, or in pyproject.toml under [tool.tabproof]:
    see tabproof config.
    """
    context.obj = root.resolve()
    if context.invoked_subcommand in WITHOUT_PROJECT:
        return
    if not option_defaults.is_on_command_line(context, "root") and context.obj != Path.cwd():
        folder = os.path.relpath(context.obj)
        click.echo(f"Project: {folder}; file names are relative to it.", err=True)
    context.with_resource(settings_file.override_scope(option_defaults.sample_scope_of(context)))
