"""What a report says in words, on a terminal and elsewhere. Pure."""

from __future__ import annotations

from collections import Counter

from tabproof.counting import counted
from tabproof.model.result import Verdict
from tabproof.proof.reports.account import Account, Report

FATES: dict[Verdict, str] = {
    "passed": "well formed by",
    "failed": "faulty by",
    "skipped": "not parsed by",
}


def summary(report: Report) -> str:
    """One line: how many runs passed, failed, were skipped, and how many were on record."""
    counts = Counter(result.verdict for result in report.results)
    words = f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped"
    if report.reused:
        words += f" ({report.reused} of them on record, not run again; --fresh runs all)"
    return f"{counted(len(report.accounts), 'sample')}: {words}"


def but_for(account: Account) -> str:
    """The cases that were skipped, under each reason."""
    grouped: dict[str, list[str]] = {}
    for result in account.results:
        if result.verdict == "skipped":
            grouped.setdefault(result.reason, []).append(result.case)
    return "; ".join(f"{', '.join(cases)}: {reason}" for reason, cases in grouped.items())


def not_run(account: Account, nothing: str) -> str:
    """Why a sample was not run, and what parsers said of it instead.

    Args:
        account: of the sample.
        nothing: why it may have no results at all.
    """
    reasons = sorted({r.reason for r in account.results if r.verdict == "skipped"})
    words = f"not run: {'; '.join(reasons) or nothing}"
    for said in account.syntax:
        words += f"; {FATES[said.verdict]} {said.parser}"
    return words
