"""A report goes out: a table for people, or a format for programs with the sum on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import click

from tabproof.model.catalog import Catalog
from tabproof.proof.reports import formats, lines
from tabproof.proof.reports.account import Report
from tabproof.proof.reports.words import summary

PLAIN_WIDTH_COLUMNS = 160
"""The width of tables where stdout is no terminal."""

Show: TypeAlias = Callable[[Report, Catalog], None]
"""Writes a report on stdout, by what the templates say."""


def showing(form: str) -> Show:
    """What writes reports in the format of this name."""
    if form != formats.TABLE:
        return partial(_write, form)
    if not sys.stdout.isatty():
        return lambda report, _known: click.echo(lines.text(report), nl=False)
    # Together 27 ms, which a terminal alone needs.
    from rich.console import Console  # noqa: PLC0415 - see above

    from tabproof.proof.reports import table  # noqa: PLC0415 - see above

    # What tools and files are called is no markup.
    console = Console(markup=False, emoji=False)
    return lambda report, _known: table.show(report, console)


def _write(form: str, report: Report, known: Catalog) -> None:
    click.echo(formats.text(form, report, known), nl=False)
    click.echo(summary(report), err=True)
