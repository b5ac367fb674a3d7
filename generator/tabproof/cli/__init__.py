"""The command line.

A command's module is imported when the command is asked for: the others cost it nothing.
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
    "init": ("init", "Begin in a repository that has an mkdocs.yml."),
    "new": ("new", "Begin a scenario or a language."),
    "generate": ("samples", "Render all samples into samples/."),
    "check": ("samples", "Check that samples/ is current and publishable."),
    "expand": ("expand", "Write pages with their tabs written out."),
    "watch": ("watch", "Serve the site while you work."),
    "prove": ("prove", "Run the samples in a sandbox, and judge what they do."),
    "report": ("report", "Say what is on record of the samples as they are now."),
    "explain": ("explain", "Say what is wrong with a token, and how it came about."),
    "serve": ("serve", "Play the API on this machine, for experiments."),
    "doctor": ("machine", "Say what this machine has for each language, and lacks."),
    "toolchains": ("machine", "Install what is missing for the languages."),
    "config": ("config", "List the settings, and where each comes from."),
    "schema": ("schema", "Write the JSON Schema of a kind of file, for editors."),
    "completion": ("completion", "Write the script that completes words in a shell."),
}
"""Command -> the module of this package that holds it, and its line of `--help`, in that order."""


WITHOUT_PROJECT = frozenset({"schema", "completion"})
"""Commands that work anywhere, whatever is wrong with the settings that happen to be there."""

BEGINNING = frozenset({"init"})
"""Commands that begin a project, in this very folder where no other one is named."""


# What click itself refuses is invalid input too.
click.UsageError.exit_code = ExitStatus.INVALID_INPUT


class Commands(Group):
    """The commands, each imported when it is asked for."""

    def __call__(self, *_arguments: object, **_options: object) -> None:
        """Be the whole program."""
        interruption.run_program(self.main)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the options of the program, `--root` also where it stands behind the command."""
        command = next((word for word in args if word in COMMANDS), None)
        ctx.meta[option_defaults.HERE] = command in BEGINNING
        return super().parse_args(ctx, root_option.in_front(args))

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names, in the order of `--help`."""
        return list(COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """The commands' lines of `--help`; to import all commands would take a while."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_module, words) in COMMANDS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """What may come next, without the commands' own help: that would import them all."""
        if incomplete[:1].isalnum() or not incomplete:
            return [CompletionItem(name) for name in COMMANDS if name.startswith(incomplete)]
        return click.Command.shell_complete(self, ctx, incomplete)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command with this name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"{__name__}.{COMMANDS[cmd_name][0]}")
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
    callback=option_defaults.read,
    help=root_option.HELP,
)
@click.option(
    "--languages",
    type=option_defaults.names,
    metavar="NAME,NAME",
    envvar=settings_file.LANGUAGES,
    shell_complete=complete_values.languages,
    help="The languages that the project has samples in, in the order of their tabs. Default: all.",
)
@click.option(
    "--variants",
    type=option_defaults.names,
    metavar="NAME,NAME",
    envvar=settings_file.VARIANTS_OF,
    shell_complete=complete_values.variants,
    help="The variants that the project has samples in. Default: both.",
)
@click.pass_context
@handle_errors
def main(context: click.Context, /, root: Path, **_others: object) -> None:
    """Render one scenario to code samples in every language, and prove each of them.

    What a project settles once is in its tabproof.toml, or in pyproject.toml under
    [tool.tabproof]: see tabproof config.
    """
    context.obj = root.resolve()
    if context.invoked_subcommand in WITHOUT_PROJECT:
        return
    if not option_defaults.typed(context, "root") and context.obj != Path.cwd():
        folder = os.path.relpath(context.obj)
        click.echo(f"The project is {folder}; names of files begin there.", err=True)
    context.with_resource(settings_file.override_scope(option_defaults.chosen(context)))
