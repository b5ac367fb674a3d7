"""The rows of the table: a sample in each. Pure."""

from __future__ import annotations

from collections import Counter
from typing import Literal

import msgspec

from tabproof.model.result import Verdict
from tabproof.proof.reports.account import Account, Report
from tabproof.proof.reports.words import but_for, not_run

SAMPLE = "sample"
COUNTS: tuple[Verdict, ...] = ("passed", "failed", "skipped")
HEAD = (SAMPLE, "toolchain", *COUNTS, "result")


class Row(msgspec.Struct, frozen=True):
    """One sample: what stands in each column, and what the last of them comes to."""

    cells: tuple[str, ...]
    fate: Literal["passed", "failed", "not run"]


def rows(report: Report) -> list[Row]:
    """The rows of a report."""
    return [_row(account, report.nothing) for account in report.accounts]


def _row(account: Account, nothing: str) -> Row:
    counts: Counter[Verdict] = Counter(result.verdict for result in account.results)
    toolchain = "; ".join(toolbox.shown() for toolbox in account.toolboxes) or "none"
    cells = account.path, toolchain, *(str(counts[verdict] or "") for verdict in COUNTS)
    if counts["failed"]:
        return Row((*cells, "failed"), "failed")
    if counts["passed"]:
        more = f", but for {but_for(account)}" if counts["skipped"] else ""
        return Row((*cells, f"passed{more}"), "passed")
    return Row((*cells, not_run(account, nothing)), "not run")
