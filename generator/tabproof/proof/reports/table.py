"""Write the report for people: samples, their toolchains, what was not run, and a sum."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tabproof.errors import pluralize
from tabproof.model.catalog import Catalog
from tabproof.model.result import Verdict
from tabproof.proof.reports.report_data import (
    Report,
    SampleReport,
    flaky_cases,
    not_run,
    skipped_cases,
    summary,
)

RowOutcome: TypeAlias = Literal["passed", "failed", "not run"]
STYLES: dict[RowOutcome, str] = {"passed": "green", "failed": "bold red", "not run": "yellow"}
COUNTS: tuple[Verdict, ...] = ("passed", "failed", "skipped")

NAMED = 2
"""How many samples a line below the table names."""

NOTHING_FOLDS_COLUMNS = 100_000
"""The width where stdout is not a terminal: no line is folded."""


def text(report: Report, _catalog: Catalog) -> str:
    """Return the report as it is where stdout is not a terminal: no colours, no folded lines."""
    file = io.StringIO()
    console = Console(
        file=file,
        width=NOTHING_FOLDS_COLUMNS,
        color_system=None,
        force_terminal=False,
        force_jupyter=False,
        markup=False,
        emoji=False,
    )
    show(report, console)
    return "".join(f"{line.rstrip()}\n" for line in file.getvalue().splitlines())


def show(report: Report, console: Console, seconds: float | None = None) -> None:
    """Print the whole report.

    Args:
        report: the results.
        console: where to print.
        seconds: how long the runs took; None where there were none.
    """
    console.print(_samples(report.accounts))
    toolchains = _toolchains(report.accounts)
    if toolchains.row_count:
        console.print()
        console.print(toolchains)
    console.print()
    for line in _not_passed(report):
        console.print(Text(line, STYLES["not run"]), soft_wrap=True)
    for line in (line for account in report.accounts for line in flaky_cases(account)):
        console.print(Text(line, STYLES["not run"]), soft_wrap=True)
    for note in report.notes:
        console.print(Text(note, STYLES["not run"]), soft_wrap=True)
    for problem in report.problems:
        console.print(Text(problem.line(), style="red"), soft_wrap=True)
    console.print(summary(report, seconds), highlight=False, soft_wrap=True)


def _samples(accounts: Iterable[SampleReport]) -> Table:
    """Return a row for each sample: its result, and how many of its cases passed or did not."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("sample", overflow="fold")
    table.add_column("result", no_wrap=True)
    for verdict in COUNTS:
        table.add_column(verdict, justify="right", no_wrap=True)
    for account in accounts:
        outcome = _outcome(account)
        counts = Counter(result.verdict for result in account.results)
        numbers = (str(counts[verdict] or "") for verdict in COUNTS)
        table.add_row(account.name, Text(outcome, STYLES[outcome]), *numbers)
    return table


def _outcome(account: SampleReport) -> RowOutcome:
    verdicts = {result.verdict for result in account.results}
    if "failed" in verdicts:
        return "failed"
    return "passed" if "passed" in verdicts else "not run"


def _toolchains(accounts: Iterable[SampleReport]) -> Table:
    """Return a row for each toolchain: the variants and languages that were run with it."""
    users: dict[str, dict[str, None]] = {}
    for account in accounts:
        for toolbox in account.toolboxes:
            label = f"{account.key.variant}/{account.key.language}"
            users.setdefault(toolbox.label(), {})[label] = None
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("run with", overflow="fold")
    table.add_column("samples", overflow="fold")
    for toolchain, labels in users.items():
        table.add_row(toolchain, ", ".join(labels))
    return table


def _not_passed(report: Report) -> Iterator[str]:
    """Yield a line for each reason why samples, or some of their cases, were not run."""
    names: dict[str, list[str]] = {}
    for account in report.accounts:
        if _outcome(account) == "not run":
            reasons = [not_run(account, report.nothing)]
        else:
            reasons = list(skipped_cases(account))
        for reason in reasons:
            names.setdefault(reason, []).append(account.name)
    for reason, samples in names.items():
        rest = len(samples) - NAMED
        more = f" and {pluralize(rest, 'more sample')}" if rest > 0 else ""
        yield f"{', '.join(samples[:NAMED])}{more}: {reason}"
