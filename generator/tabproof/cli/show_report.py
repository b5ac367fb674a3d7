"""A report goes out: a table for people, or a format for programs with the sum on stderr."""

from __future__ import annotations

import sys

import click

from tabproof.model.catalog import Catalog
from tabproof.proof.reports import formats
from tabproof.proof.reports.report_data import Report, summary

PLAIN_WIDTH_COLUMNS = 160
"""The width of tables where stdout is no terminal."""


def write_report(form: str, report: Report, catalog: Catalog, seconds: float | None = None) -> None:
    """Write a report on stdout.

    Args:
        form: the format's name.
        report: the results.
        catalog: what the templates say.
        seconds: how long it took; said where a person watches, so that what other programs read
            is the same each time.
    """
    if form != formats.TABLE:
        click.echo(formats.text(form, report, catalog), nl=False)
        click.echo(summary(report, seconds if sys.stderr.isatty() else None), err=True)
    elif sys.stdout.isatty():
        # Together 27 ms, which a terminal alone needs.
        from rich.console import Console  # noqa: PLC0415 - see above

        from tabproof.proof.reports import table  # noqa: PLC0415 - see above

        # What tools and files are called is no markup.
        table.show(report, Console(markup=False, emoji=False, highlight=False), seconds)
    else:
        click.echo(formats.text(form, report, catalog), nl=False)
