"""The report where nobody knows how wide the paper is: a line for each sample. Pure."""

from __future__ import annotations

from tabproof.proof.reports.account import Report
from tabproof.proof.reports.rows import COUNTS, HEAD, rows
from tabproof.proof.reports.words import summary


def text(report: Report) -> str:
    """The table with nothing folded, a line for each problem, and a sum."""
    table = [HEAD, *(row.cells for row in rows(report))]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [_line(cells, widths) for cells in table]
    lines += [problem.line() for problem in report.problems]
    return "".join(f"{line}\n" for line in (*lines, summary(report)))


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    columns = zip(HEAD, cells, widths, strict=True)
    return "  ".join(f"{cell:{'>' if n in COUNTS else '<'}{w}}" for n, cell, w in columns).rstrip()
