"""Write the report as one HTML file: a table of cases and samples for each scenario."""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup

from tabproof.model.catalog import Catalog
from tabproof.pages.html_templates import render
from tabproof.pages.reference import proof_table
from tabproof.project.cases import cases_of
from tabproof.proof.reports.report_data import Report, summary

TEMPLATE = "report.html.jinja"


def text(report: Report, catalog: Catalog) -> str:
    """Return the whole document."""
    html = render(
        TEMPLATE,
        folder=Path(__file__).parent,
        summary=summary(report),
        problems=[problem.line() for problem in report.problems],
        notes=report.notes,
        scenarios=list(_scenarios(report, catalog)),
    )
    return f"{html}\n"


def _scenarios(report: Report, catalog: Catalog) -> list[tuple[str, Markup]]:
    """Return the title and the table of each scenario that has samples in the report."""
    digests = {account.key: account.digest for account in report.accounts}
    names = {key.scenario for key in digests}
    return [
        (
            scenario.title,
            Markup(  # noqa: S704 - the table escapes its values
                proof_table.html(
                    proof_table.proof_table(
                        scenario,
                        cases_of(scenario, catalog.cases),
                        catalog.languages,
                        digests,
                        report.record,
                    )
                )
            ),
        )
        for name, scenario in catalog.scenarios.items()
        if name in names
    ]
