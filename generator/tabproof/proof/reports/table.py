"""The report for a terminal: a table, a line for each problem, and a sum."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tabproof.proof.reports.account import Report
from tabproof.proof.reports.rows import COUNTS, HEAD, SAMPLE, Row, rows
from tabproof.proof.reports.words import summary

STYLES = {"passed": "green", "failed": "bold red", "not run": "yellow"}


def show(report: Report, console: Console) -> None:
    """Print the whole report."""
    console.print(_table(rows(report)))
    for problem in report.problems:
        console.print(Text(problem.line(), style="red"), soft_wrap=True, highlight=False)
    console.print(summary(report), highlight=False, soft_wrap=True)


def _table(found: list[Row]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in HEAD:
        if title in COUNTS:
            table.add_column(title, justify="right")
        else:
            table.add_column(title, no_wrap=title == SAMPLE, overflow="fold")
    for row in found:
        *cells, words = row.cells
        table.add_row(*cells, Text(words, STYLES[row.fate]))
    return table
