"""`tabproof new`: create the first files of a scenario or of a language."""

from __future__ import annotations

import click

from tabproof.cli.help_text import epilog
from tabproof.cli.new.new_language import language
from tabproof.cli.new.new_scenario import scenario
from tabproof.cli.suggestions import Group
from tabproof.errors import ExitStatus


@click.group(
    cls=Group,
    epilog=epilog(
        {
            ExitStatus.DONE: "",
            ExitStatus.INVALID_INPUT: "",
            ExitStatus.UNABLE: "a file cannot be written",
        },
        "tabproof new scenario --help",
        "tabproof new language --help",
    ),
)
def new() -> None:
    """Create a scenario or a language: write its files, with comments as a guide."""


new.add_command(scenario)
new.add_command(language)
