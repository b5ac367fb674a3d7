"""The report as one HTML file: a matrix of cases and samples for each scenario. Pure."""

from __future__ import annotations

from html import escape

from tabproof import matrix
from tabproof.cases import cases_of
from tabproof.model.catalog import Catalog
from tabproof.proof.reports.account import Report
from tabproof.proof.reports.words import summary

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 2rem auto; max-width: 75rem; padding: 0 1rem }
table { border-collapse: collapse; display: block; max-width: 100%; overflow-x: auto }
caption { font-weight: bold; padding: .5rem 0; text-align: left }
th, td { border: 1px solid #8888; padding: .2rem .6rem }
tbody th { font-weight: normal; text-align: left; white-space: nowrap }
td { text-align: center }
abbr { text-decoration: none }
td.failed { background: #d3302f40; font-weight: bold }
td.skipped, td.rebased { background: #b5890040 }
"""


def text(report: Report, catalog: Catalog) -> str:
    """The whole document."""
    digests = {account.key: account.digest for account in report.accounts}
    results = report.record
    tables = ""
    for name, scenario in catalog.scenarios.items():
        if any(key.scenario == name for key in digests):
            wanted = report.cases
            cases = tuple(
                case
                for case in cases_of(scenario, catalog.cases)
                if wanted is None or case.name in wanted
            )
            table = matrix.of(scenario, cases, catalog.languages, digests, results)
            tables += f"<h2>{escape(scenario.title)}</h2>\n{matrix.html(table)}\n"
    problems = "".join(f"<li>{escape(problem.line())}</li>\n" for problem in report.problems)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>Tabproof: the proof</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<h1>The proof</h1>\n<p>{escape(summary(report))}</p>\n<ul>\n{problems}</ul>\n"
        f"{tables}</body>\n</html>\n"
    )
