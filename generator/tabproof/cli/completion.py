"""`tabproof completion`: what makes a shell complete commands, options and values."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

from tabproof.cli.handle_errors import handle_errors
from tabproof.cli.help_text import Argument, epilog
from tabproof.cli.suggestions import Choice
from tabproof.errors import ExitStatus

SHELLS = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}
VARIABLE = "_TABPROOF_COMPLETE"
"""By which the shell asks; click has it from the program's name."""


@click.command(
    epilog=epilog(
        {
            ExitStatus.DONE: "",
            ExitStatus.INVALID_INPUT: "there is no such shell",
        },
        "tabproof completion bash > ~/.tabproof-completion",
        "tabproof completion zsh > ~/.tabproof-completion",
        "tabproof completion fish > ~/.config/fish/completions/tabproof.fish",
    )
)
@click.argument("shell", cls=Argument, type=Choice(list(SHELLS)), help="Which one.")
@click.pass_context
@handle_errors
def completion(context: click.Context, shell: str) -> None:
    """Write the script that completes commands, options and values in a shell.

    For bash and zsh, read it from ~/.bashrc or ~/.zshrc: source ~/.tabproof-completion. Scenarios,
    languages, variants and cases are completed as the project has them.
    """
    program = context.find_root().command
    click.echo(SHELLS[shell](program, {}, "tabproof", VARIABLE).source(), nl=False)
