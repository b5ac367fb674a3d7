"""The report for a terminal: a table, a line for each problem, and a sum."""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tabproof.model.result import Verdict
from tabproof.proof.reports.account import Account, Report

VERDICTS: tuple[Verdict, ...] = ("passed", "failed", "skipped")
STYLES = {"passed": "green", "failed": "bold red", "skipped": "yellow", "not run": "yellow"}
FATES: dict[Verdict, str] = {
    "passed": "well formed by",
    "failed": "faulty by",
    "skipped": "not parsed by",
}


def show(report: Report, console: Console) -> None:
    """Print the whole report."""
    console.print(_table(report))
    for problem in report.problems:
        console.print(Text(problem.line(), style="red"), soft_wrap=True, highlight=False)
    console.print(summary(report), highlight=False, soft_wrap=True)


def summary(report: Report) -> str:
    """One line: how many runs passed, failed, were skipped, and how many were on record."""
    counts = Counter(result.verdict for result in report.results)
    words = f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped"
    if report.reused:
        words += f" ({report.reused} of them on record, not run again; --fresh runs all)"
    return f"{len(report.accounts)} samples: {words}"


def _table(report: Report) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("sample", no_wrap=True)
    table.add_column("toolchain", overflow="fold")
    for title in VERDICTS:
        table.add_column(title, justify="right")
    table.add_column("result", overflow="fold")
    for account in report.accounts:
        counts: Counter[Verdict] = Counter(result.verdict for result in account.results)
        table.add_row(
            account.path,
            "; ".join(toolbox.shown() for toolbox in account.toolboxes) or "none",
            *(str(counts[verdict] or "") for verdict in VERDICTS),
            _verdict(account, counts),
        )
    return table


def _verdict(account: Account, counts: Counter[Verdict]) -> Text:
    if counts["failed"]:
        return Text("failed", STYLES["failed"])
    if counts["passed"] and not counts["skipped"]:
        return Text("passed", STYLES["passed"])
    if counts["passed"]:
        return Text(f"passed, but for {but_for(account)}", STYLES["passed"])
    return Text(not_run(account), STYLES["not run"])


def but_for(account: Account) -> str:
    """The cases that were skipped, under each reason."""
    grouped: dict[str, list[str]] = {}
    for result in account.results:
        if result.verdict == "skipped":
            grouped.setdefault(result.reason, []).append(result.case)
    return "; ".join(f"{', '.join(cases)}: {reason}" for reason, cases in grouped.items())


def not_run(account: Account) -> str:
    """Why a sample was not run, and what parsers said of it instead."""
    reasons = sorted({r.reason for r in account.results if r.verdict == "skipped"})
    words = f"not run: {'; '.join(reasons) or 'no case is selected'}"
    for said in account.syntax:
        words += f"; {FATES[said.verdict]} {said.parser}"
    return words
