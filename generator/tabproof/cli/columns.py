"""Print rows in columns, for `tabproof config` and `tabproof doctor`."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

PADDING = (0, 2, 0, 0)


def print_columns(rows: Iterable[tuple[str, ...]]) -> None:
    """Print rows on stdout.

    On a terminal, a cell that is too long continues on the next line. Elsewhere each row is one
    line, however long it is.
    """
    table = Table.grid(padding=PADDING)
    for row in rows:
        # Text: brackets in a cell are not rich markup.
        table.add_row(*(Text(cell, overflow="fold") for cell in row))
    console = Console(highlight=False)
    if not sys.stdout.isatty():
        console.width = max(
            1, console.measure(table, options=console.options.update(width=1 << 20)).maximum
        )
    with console.capture() as capture:
        console.print(table)
    click.echo("".join(f"{line.rstrip()}\n" for line in capture.get().splitlines()), nl=False)
