"""Write the report as JSON, for other programs. Pure."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from tabproof.model.catalog import Catalog
from tabproof.proof.reports.report_data import Report, SampleReport
from tabproof.samples.tree import FOLDER


def text(report: Report, _catalog: Catalog) -> str:
    """Return `{"summary": ..., "samples": [...], "problems": [...], "notes": [...]}`."""
    counts = Counter(result.verdict for result in report.results)
    tree = {
        "summary": {
            "samples": len(report.accounts),
            "passed": counts["passed"],
            "failed": counts["failed"],
            "skipped": counts["skipped"],
            "on_record": report.reused,
        },
        "samples": [_sample(account) for account in report.accounts],
        "problems": [
            {
                "file": problem.place.partition(":")[0],
                "line": int(problem.place.partition(":")[2] or 0) or None,
                "cases": problem.cases,
                "message": problem.message,
            }
            for problem in report.problems
        ],
        "notes": report.notes,
    }
    return msgspec.json.format(msgspec.json.encode(tree), indent=2).decode() + "\n"


def _sample(account: SampleReport) -> dict[str, Any]:
    key = msgspec.structs.asdict(account.key)
    return {
        "file": f"{FOLDER}/{account.path}",
        **key,
        "toolchains": account.toolboxes,
        "results": [
            {
                "case": result.case,
                "verdict": result.verdict,
                "reason": result.reason,
                "date": result.date,
                "earlier_failure": result.earlier_failure,
            }
            for result in account.results
        ],
        "parsers": [
            {"parser": parsed.parser, "verdict": parsed.verdict, "reason": parsed.reason}
            for parsed in account.syntax
        ],
    }
