"""Print a report: a table for people, or another format with a summary on stderr."""

from __future__ import annotations

import sys

import click

from tabproof.model.catalog import Catalog
from tabproof.proof.reports import formats
from tabproof.proof.reports.report_data import Report, summary

PLAIN_WIDTH_COLUMNS = 160
"""The width of tables where stdout is not a terminal."""


def write_report(form: str, report: Report, catalog: Catalog, seconds: float | None = None) -> None:
    """Write a report on stdout.

    Args:
        form: the format's name.
        report: the results.
        catalog: the project's templates and scenarios.
        seconds: how long it took; shown on a terminal only, so that the output for programs is
            reproducible.
    """
    if form != formats.TABLE:
        click.echo(formats.text(form, report, catalog), nl=False)
        click.echo(summary(report, seconds if sys.stderr.isatty() else None), err=True)
    elif sys.stdout.isatty():
        # 27 ms, which only a terminal needs.
        from rich.console import Console  # noqa: PLC0415 - see above

        from tabproof.proof.reports import table  # noqa: PLC0415 - see above

        # Brackets in the names of tools and files are not rich markup.
        table.show(report, Console(markup=False, emoji=False, highlight=False), seconds)
    else:
        click.echo(formats.text(form, report, catalog), nl=False)
