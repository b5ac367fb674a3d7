"""Make the proof table: a row for each case, a column for each sample, with reasons. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec

from tabproof.errors import pluralize
from tabproof.model.case import Case
from tabproof.model.case_file import CasesFile
from tabproof.model.isolation import REBASED
from tabproof.model.language import VARIANTS, Language
from tabproof.model.result import Result, SyntaxResult, ToolchainVersions, flaky_label
from tabproof.model.sample import SampleKey
from tabproof.model.scenario import Scenario
from tabproof.pages.html_templates import render
from tabproof.project.cases import cases_for_language
from tabproof.samples.proof_rows import ProofFile
from tabproof.samples.record import Record
from tabproof.samples.status import NO_RESULT, why_missing

CellOutcome: TypeAlias = Literal["passed", "rebased", "failed", "skipped", "absent"]
MARKS: dict[CellOutcome, str] = {
    "passed": "✓",
    "rebased": "✓ rebased",
    "failed": "✗ failed",
    "skipped": "○",
    "absent": "n/a",
}
LEGEND = (
    "✓ passed, ✗ failed, ○ skipped or not run, n/a not a case for this language. "
    "The reason is in each cell's tooltip, and what did not pass is listed below the table."
)


class Column(msgspec.Struct, frozen=True):
    """Identify one sample, and its bytes by their digest."""

    key: SampleKey
    title: str
    digest: str


class Cell(msgspec.Struct, frozen=True):
    """Hold the outcome of one sample in one case, and the reason."""

    outcome: CellOutcome
    reason: str


class ProofTable(msgspec.Struct, frozen=True):
    """Hold the results of one scenario: a row for each case, a column for each sample."""

    title: str
    cases: tuple[Case, ...]
    columns: tuple[Column, ...]
    cells: dict[tuple[str, SampleKey], Cell]


def proof_table(
    scenario: Scenario,
    cases: tuple[Case, ...],
    languages: Mapping[str, Language],
    digests: Mapping[SampleKey, str],
    proof: Record | ProofFile,
) -> ProofTable:
    """Return the proof table of a scenario.

    Args:
        scenario: the samples' source.
        cases: the rows.
        languages: in the order of the columns.
        digests: sample -> the SHA-256 of its bytes; those of other scenarios are left out.
        proof: results; those of other bytes and other cases are left out.
    """
    columns = tuple(
        Column(key, language.data.title, digests[key])
        for name, language in languages.items()
        for variant in VARIANTS
        if (key := SampleKey(scenario.name, variant, name)) in digests
    )
    cells = {}
    for column in columns:
        key, language = column.key, languages[column.key.language]
        results_by_case: dict[str, list[Result]] = defaultdict(list)
        for result in proof.results_of(key, cases_for_language(language, cases)):
            if result.sample_digest == column.digest:
                results_by_case[result.case].append(result)
        boxes = [r.toolbox for results in results_by_case.values() for r in results if r.toolbox]
        parsed = [s for s in proof.syntax_of(key) if s.sample_digest == column.digest]
        for case in cases:
            results = results_by_case[case.name]
            cells[case.name, key] = (
                _cell_of_results(results)
                if results
                else _cell_without_results(
                    case, key, language, boxes, parsed[-1] if parsed else None
                )
            )
    return ProofTable(scenario.title, cases, columns, cells)


def _cell_of_results(results: list[Result]) -> Cell:
    failed = [_describe_result(result) for result in results if result.verdict == "failed"]
    if failed:
        return Cell("failed", "; ".join(failed))
    passed = [result for result in results if result.verdict == "passed"]
    if passed:
        isolations = {result.toolbox.isolation for result in passed if result.toolbox}
        reason = "; ".join(_describe_result(result) for result in passed)
        return Cell("rebased" if isolations == {REBASED} else "passed", reason)
    return Cell("skipped", "; ".join(sorted({result.reason for result in results})))


def _cell_without_results(
    case: Case,
    sample: SampleKey,
    language: Language,
    boxes: list[ToolchainVersions],
    syntax_result: SyntaxResult | None,
) -> Cell:
    """Return a cell with the reason why there is no result."""
    if case.languages and language.name not in case.languages:
        return Cell("absent", f"not a case for {language.data.title}")
    reason = why_missing(case, sample, boxes, language.data.toolchains)
    if reason == NO_RESULT and syntax_result:
        if syntax_result.verdict == "failed":
            return Cell("failed", f"{syntax_result.parser}: {syntax_result.reason}")
        if syntax_result.verdict == "passed" and not boxes:
            return Cell("skipped", f"not run; well formed by {syntax_result.parser}")
    return Cell("skipped", reason)


def _describe_result(result: Result) -> str:
    box = result.toolbox.label() if result.toolbox else "no toolchain"
    parts = (box, result.date.partition("T")[0], result.reason, flaky_label(result))
    return "; ".join(part for part in parts if part)


class Note(msgspec.Struct, frozen=True):
    """Summarize the results of a sample in reason.

    Attributes:
        sample: its language and variant.
        passed: how many cases it passed.
        ways: the toolchains that it passed with.
        others: what became of it in other cases, which (empty for all), and why.
    """

    sample: str
    passed: str
    ways: str
    others: tuple[tuple[str, str, str], ...]


def html(table: ProofTable) -> str:
    """Return an accessible table, and below it in reason what each sample came to."""
    keys = [column.key for column in table.columns]
    return render(
        "reference/proof_table.html.jinja",
        title=table.title,
        size=f"{pluralize(len(table.cases), 'case')}, {pluralize(len(keys), 'sample')}",
        legend=LEGEND,
        marks=MARKS,
        groups=Counter(column.title for column in table.columns).items(),
        variants=[key.variant for key in keys],
        rows=[(case, [table.cells[case.name, key] for key in keys]) for case in table.cases],
        notes=[_note(table, column) for column in table.columns],
    )


def _note(table: ProofTable, column: Column) -> Note:
    cells = {case.name: table.cells[case.name, column.key] for case in table.cases}
    applicable = {name: cell for name, cell in cells.items() if cell.outcome != "absent"}
    passed = [cell for cell in applicable.values() if cell.outcome in ("passed", "rebased")]
    reasons: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, cell in applicable.items():
        if cell.outcome in ("failed", "skipped"):
            reasons[cell.outcome, cell.reason].append(name)
    return Note(
        f"{column.title}, {column.key.variant}",
        f"{len(passed)} of {pluralize(len(applicable), 'case')}",
        "; or ".join(sorted({cell.reason for cell in passed})),
        tuple(
            (
                outcome.capitalize(),
                "" if len(names) == len(applicable) else ", ".join(names),
                reason,
            )
            for (outcome, reason), names in reasons.items()
        ),
    )


def cases_html(table: CasesFile) -> str:
    """Return the rows of `cases.yml`, each with its reason."""
    return render(
        "reference/cases.html.jinja", size=pluralize(len(table.cases), "row"), cases=table.cases
    )
