"""`tabproof schema`: write the JSON Schemas of the files that people write."""

from __future__ import annotations

import click

from tabproof.cli.help_text import Argument, epilog
from tabproof.cli.suggestions import Choice
from tabproof.errors import ExitStatus
from tabproof.project import json_schema as schemas


@click.command(
    epilog=epilog(
        {
            ExitStatus.DONE: "",
            ExitStatus.INVALID_INPUT: "unknown kind of file",
        },
        "tabproof schema",
        "tabproof schema scenario > scenario.schema.json",
    )
)
@click.argument(
    "name",
    cls=Argument,
    type=Choice(list(schemas.FILES)),
    metavar="[NAME]",
    required=False,
    help="The kind of file. Without it, the kinds are listed.",
)
def schema(name: str | None) -> None:
    """Write the JSON Schema of a kind of file, for editors and other programs."""
    click.echo(schemas.schema_text(name) if name else "\n".join(schemas.FILES), nl=not name)
