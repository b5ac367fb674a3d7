"""What a report says in words, on a terminal and elsewhere. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tabproof.errors import duration, pluralize
from tabproof.model.result import Verdict
from tabproof.proof.reports.report_data import Report, SampleReport

FATES: dict[Verdict, str] = {
    "passed": "well formed by",
    "failed": "faulty by",
    "skipped": "not parsed by",
}


def summary(report: Report, seconds: float | None = None) -> str:
    """Return one line: how many runs passed, failed, were skipped, and were on record.

    Args:
        report: the results.
        seconds: how long it took; None where nobody waited for it.
    """
    counts = Counter(result.verdict for result in report.results)
    words = f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped"
    if seconds is not None:
        words += f" in {duration(seconds)}"
    if report.reused:
        words += f" ({report.reused} of them on record, not run again; --fresh runs all)"
    return f"{pluralize(len(report.accounts), 'sample')}: {words}"


def skipped_cases(account: SampleReport) -> Iterator[str]:
    """Yield each reason for which cases were skipped, with their names."""
    grouped: dict[str, list[str]] = {}
    for result in account.results:
        if result.verdict == "skipped":
            grouped.setdefault(result.reason, []).append(result.case)
    for reason, cases in grouped.items():
        yield f"skipped in {', '.join(cases)}: {reason}"


def not_run(account: SampleReport, nothing: str) -> str:
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
