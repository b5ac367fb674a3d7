"""A report goes out: a table for people, or a format for programs with the sum on stderr."""

from __future__ import annotations

import sys

import click
from rich.console import Console

from tabproof.model.catalog import Catalog
from tabproof.proof.reports import formats, table
from tabproof.proof.reports.account import Report

PLAIN_WIDTH_COLUMNS = 160
"""The table's width where stdout is no terminal."""


def show(report: Report, form: str, known: Catalog) -> None:
    """Write a report on stdout in the format of this name."""
    if form == formats.TABLE:
        table.show(report, Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH_COLUMNS))
        return
    click.echo(formats.TEXTS[form](report, known), nl=False)
    click.echo(table.summary(report), err=True)
