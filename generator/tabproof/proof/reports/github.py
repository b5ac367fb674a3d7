"""Write the report as GitHub's workflow commands: an annotation at each faulty line. Pure.

Source: GitHub Docs, "Workflow commands for GitHub Actions".
"""

from __future__ import annotations

from collections.abc import Iterator

from tabproof.errors import pluralize
from tabproof.model.catalog import Catalog
from tabproof.proof.reports.report_data import Report, flaky_cases, not_run
from tabproof.samples.tree import FOLDER


def text(report: Report, _catalog: Catalog) -> str:
    """Return an error for each problem, and a notice for each sample that was not run."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    for problem in report.problems:
        file, _colon, line = problem.place.partition(":")
        place = f"file={_property(file)}"
        if line:
            place += f",line={line}"
        rest = len(problem.cases) - 1
        more = f" (and {pluralize(rest, 'more case')})" if rest > 0 else ""
        title = _property(f"{problem.cases[0]}{more}")
        yield f"::error {place},title={title}::{_escaped(problem.message)}"
    for account in report.accounts:
        for line in flaky_cases(account):
            place = f"file={_property(f'{FOLDER}/{account.path}')}"
            yield f"::warning {place},title=flaky::{_escaped(line)}"
        if not any(result.verdict != "skipped" for result in account.results):
            place = f"file={_property(f'{FOLDER}/{account.path}')}"
            message = _escaped(not_run(account, report.nothing))
            yield f"::notice {place},title={account.name}::{message}"


def _escaped(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _escaped(value).replace(":", "%3A").replace(",", "%2C")
