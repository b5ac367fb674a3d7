"""`tabproof schema`: the JSON Schemas of the files that people write."""

from __future__ import annotations

import click

from tabproof import schema as schemas
from tabproof.cli.epilog import epilog


@click.command(
    epilog=epilog(
        "0 done, 2 there is no such schema",
        "tabproof schema",
        "tabproof schema scenario > scenario.schema.json",
    )
)
@click.argument("name", type=click.Choice(list(schemas.FILES)), metavar="[NAME]", required=False)
def schema(name: str | None) -> None:
    """Write the JSON Schema of a kind of file, for editors and other programs.

    Without NAME, the names are listed.
    """
    click.echo(schemas.text(name) if name else "\n".join(schemas.FILES), nl=not name)
