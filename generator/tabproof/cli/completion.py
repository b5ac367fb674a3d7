"""`tabproof completion`: write the completion script for a shell."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

from tabproof.cli.handle_errors import handle_errors
from tabproof.cli.help_text import Argument, epilog
from tabproof.cli.suggestions import Choice
from tabproof.errors import ExitStatus

SHELLS = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}
VARIABLE = "_TABPROOF_COMPLETE"
"""The environment variable by which the script asks click for completions."""


@click.command(
    epilog=epilog(
        {
            ExitStatus.DONE: "",
            ExitStatus.INVALID_INPUT: "unknown shell",
        },
        "tabproof completion bash > ~/.tabproof-completion",
        "tabproof completion zsh > ~/.tabproof-completion",
        "tabproof completion fish > ~/.config/fish/completions/tabproof.fish",
    )
)
@click.argument("shell", cls=Argument, type=Choice(list(SHELLS)), help="The shell.")
@click.pass_context
@handle_errors
def completion(context: click.Context, shell: str) -> None:
    """Write the completion script for a shell.

    It completes commands, options, and the scenarios, languages, variants and cases of the
    project. For bash and zsh, add to ~/.bashrc or ~/.zshrc: source ~/.tabproof-completion.
    """
    program = context.find_root().command
    click.echo(SHELLS[shell](program, {}, "tabproof", VARIABLE).source(), nl=False)
