"""What results say, as a matrix of cases and samples with the reason on each cell. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec

from tabproof.errors import pluralize
from tabproof.model.case import Case
from tabproof.model.case_file import CasesFile
from tabproof.model.isolation import REBASED, gap_when_rebased
from tabproof.model.language import VARIANTS, Language
from tabproof.model.result import Result, SyntaxResult, ToolchainVersions
from tabproof.model.sample import SampleKey
from tabproof.model.scenario import Scenario
from tabproof.pages.html_templates import render
from tabproof.samples.record import Record

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
    """One sample: which, in which bytes."""

    key: SampleKey
    title: str
    digest: str


class Cell(msgspec.Struct, frozen=True):
    """What became of one sample in one case, and why."""

    fate: CellOutcome
    reason: str


class ProofTable(msgspec.Struct, frozen=True):
    """One scenario: a row for each case, a column for each sample."""

    title: str
    cases: tuple[Case, ...]
    columns: tuple[Column, ...]
    cells: dict[tuple[str, SampleKey], Cell]


def proof_table(
    scenario: Scenario,
    cases: tuple[Case, ...],
    languages: Mapping[str, Language],
    digests: Mapping[SampleKey, str],
    proof: Record,
) -> ProofTable:
    """The matrix of a scenario.

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
    found: dict[tuple[str, SampleKey], list[Result]] = defaultdict(list)
    wanted = {case.name: case.digest for case in cases}
    for result in proof.results:
        if (
            digests.get(result.sample) == result.sample_digest
            and wanted.get(result.case) == result.case_digest
        ):
            found[result.case, result.sample].append(result)
    said = {s.sample: s for s in proof.syntax if digests.get(s.sample) == s.sample_digest}
    cells = {}
    for column in columns:
        key, language = column.key, languages[column.key.language]
        boxes = [r.toolbox for case in cases for r in found[case.name, key] if r.toolbox]
        for case in cases:
            seen = found[case.name, key]
            cells[case.name, key] = (
                _seen(seen) if seen else _unseen(case, language, boxes, said.get(key))
            )
    return ProofTable(scenario.title, cases, columns, cells)


def _seen(results: list[Result]) -> Cell:
    failed = [_told(result) for result in results if result.verdict == "failed"]
    if failed:
        return Cell("failed", "; ".join(failed))
    passed = [result for result in results if result.verdict == "passed"]
    if passed:
        isolations = {result.toolbox.isolation for result in passed if result.toolbox}
        words = "; ".join(_told(result) for result in passed)
        return Cell("rebased" if isolations == {REBASED} else "passed", words)
    return Cell("skipped", "; ".join(sorted({result.reason for result in results})))


def _unseen(
    case: Case, language: Language, boxes: list[ToolchainVersions], said: SyntaxResult | None
) -> Cell:
    """Why there is no result."""
    if case.languages and language.name not in case.languages:
        return Cell("absent", f"not a case for {language.data.title}")
    for toolchain in language.data.toolchains:
        for box in (box for box in boxes if box.runtime == toolchain.runtime):
            limit = toolchain.limit(case.name, box.version, box.libraries)
            if limit:
                return Cell("skipped", f"a limit of the runtime: {limit.reason}")
    rebased = boxes and all(box.isolation == REBASED for box in boxes)
    if rebased and (gap := gap_when_rebased(case)):
        return Cell("skipped", gap)
    if said and said.verdict == "failed":
        return Cell("failed", f"{said.parser}: {said.reason}")
    if said and said.verdict == "passed" and not boxes:
        return Cell("skipped", f"not run; well formed by {said.parser}")
    return Cell("skipped", "no result for these bytes")


def _told(result: Result) -> str:
    box = result.toolbox.label() if result.toolbox else "no toolchain"
    return "; ".join(part for part in (box, result.date.partition("T")[0], result.reason) if part)


class Note(msgspec.Struct, frozen=True):
    """What a sample came to, in words.

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


def html(matrix: ProofTable) -> str:
    """Return an accessible table, and below it in words what each sample came to."""
    keys = [column.key for column in matrix.columns]
    return render(
        "reference/proof_table.html.jinja",
        title=matrix.title,
        size=f"{pluralize(len(matrix.cases), 'case')}, {pluralize(len(keys), 'sample')}",
        legend=LEGEND,
        marks=MARKS,
        groups=Counter(column.title for column in matrix.columns).items(),
        variants=[key.variant for key in keys],
        rows=[(case, [matrix.cells[case.name, key] for key in keys]) for case in matrix.cases],
        notes=[_note(matrix, column) for column in matrix.columns],
    )


def _note(matrix: ProofTable, column: Column) -> Note:
    cells = {case.name: matrix.cells[case.name, column.key] for case in matrix.cases}
    asked = {name: cell for name, cell in cells.items() if cell.fate != "absent"}
    passed = [cell for cell in asked.values() if cell.fate in ("passed", "rebased")]
    reasons: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, cell in asked.items():
        if cell.fate in ("failed", "skipped"):
            reasons[cell.fate, cell.reason].append(name)
    return Note(
        f"{column.title}, {column.key.variant}",
        f"{len(passed)} of {pluralize(len(asked), 'case')}",
        "; or ".join(sorted({cell.reason for cell in passed})),
        tuple(
            (fate.capitalize(), "" if len(names) == len(asked) else ", ".join(names), words)
            for (fate, words), names in reasons.items()
        ),
    )


def cases_html(table: CasesFile) -> str:
    """Return the rows of `cases.yml`, each with its reason."""
    return render(
        "reference/cases.html.jinja", size=pluralize(len(table.cases), "row"), cases=table.cases
    )
