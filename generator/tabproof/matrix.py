"""What results say, as a matrix of cases and samples with the reason on each cell. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from html import escape
from typing import Literal, TypeAlias

import msgspec

from tabproof.counting import counted
from tabproof.isolation import REBASED, gap_when_rebased
from tabproof.model.case import Case
from tabproof.model.case_file import CasesShape
from tabproof.model.language import VARIANTS, Language
from tabproof.model.result import Result, SyntaxResult, Toolbox
from tabproof.model.sample import SampleKey
from tabproof.model.scenario import Scenario
from tabproof.record import Record

Fate: TypeAlias = Literal["passed", "rebased", "failed", "skipped", "absent"]
MARKS: dict[Fate, str] = {
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

NARROW = ' style="min-width: 0; padding-right: .5em"'
"""Themes give each column room for words."""

ON_ONE_LINE = ' style="white-space: nowrap"'


class Column(msgspec.Struct, frozen=True):
    """One sample: which, in which bytes."""

    key: SampleKey
    title: str
    digest: str


class Cell(msgspec.Struct, frozen=True):
    """What became of one sample in one case, and why."""

    fate: Fate
    words: str


class Matrix(msgspec.Struct, frozen=True):
    """One scenario: a row for each case, a column for each sample."""

    title: str
    cases: tuple[Case, ...]
    columns: tuple[Column, ...]
    cells: dict[tuple[str, SampleKey], Cell]


def of(
    scenario: Scenario,
    cases: tuple[Case, ...],
    languages: Mapping[str, Language],
    digests: Mapping[SampleKey, str],
    proof: Record,
) -> Matrix:
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
    return Matrix(scenario.title, cases, columns, cells)


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
    case: Case, language: Language, boxes: list[Toolbox], said: SyntaxResult | None
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
    box = result.toolbox.shown() if result.toolbox else "no toolchain"
    return "; ".join(part for part in (box, result.date.partition("T")[0], result.reason) if part)


def html(matrix: Matrix) -> str:
    """An accessible table, and below it in words what each sample came to."""
    head = '<th scope="col" rowspan="2">Case</th>'
    groups = Counter(column.title for column in matrix.columns)
    for title, count in groups.items():
        head += f'<th scope="colgroup" colspan="{count}">{escape(title)}</th>'
    variants = "".join(
        f'<th scope="col"{NARROW}>{column.key.variant}</th>' for column in matrix.columns
    )
    rows = "".join(f"<tr>{row}</tr>\n" for row in _rows(matrix))
    size = f"{counted(len(matrix.cases), 'case')}, {counted(len(matrix.columns), 'sample')}"
    notes = "".join(f"<li>{note}</li>\n" for note in _notes(matrix))
    return (
        f"<p>{LEGEND}</p>\n<table>\n<caption>{escape(matrix.title)}: {size}</caption>\n"
        f"<thead>\n<tr>{head}</tr>\n<tr>{variants}</tr>\n</thead>\n"
        f"<tbody>\n{rows}</tbody>\n</table>\n<ul>\n{notes}</ul>"
    )


def _rows(matrix: Matrix) -> Iterator[str]:
    for case in matrix.cases:
        row = f'<th scope="row"{ON_ONE_LINE}>{_abbr(case.name, case.reason)}</th>'
        for column in matrix.columns:
            cell = matrix.cells[case.name, column.key]
            row += f'<td class="{cell.fate}">{_abbr(MARKS[cell.fate], cell.words)}</td>'
        yield row


def _notes(matrix: Matrix) -> Iterator[str]:
    """A line for each sample: how many cases passed and with what, and why others did not."""
    for column in matrix.columns:
        cells = {case.name: matrix.cells[case.name, column.key] for case in matrix.cases}
        asked = {name: cell for name, cell in cells.items() if cell.fate != "absent"}
        passed = [cell for cell in asked.values() if cell.fate in ("passed", "rebased")]
        note = f"{escape(column.title)}, {column.key.variant}: "
        note += f"{len(passed)} of {counted(len(asked), 'case')} passed"
        ways = sorted({cell.words for cell in passed})
        note += f" ({escape('; or '.join(ways))})." if ways else "."
        reasons: dict[tuple[str, str], list[str]] = defaultdict(list)
        for name, cell in asked.items():
            if cell.fate in ("failed", "skipped"):
                reasons[cell.fate, cell.words].append(name)
        for (fate, words), names in reasons.items():
            where = "" if len(names) == len(asked) else f" {', '.join(names)}:"
            note += f" <strong>{fate.capitalize()}</strong>:{escape(where)} {escape(words)}."
        yield note


def _abbr(text: str, title: str) -> str:
    return f'<abbr title="{escape(title)}">{escape(text)}</abbr>'


def cases_html(table: CasesShape) -> str:
    """The rows of `cases.yml`, each with its reason."""
    rows = ""
    for case in table.cases:
        reason = escape(case.reason)
        if case.languages:
            reason += f" Only for {escape(', '.join(case.languages))}."
        rows += f'<tr><th scope="row"><code>{escape(case.name)}</code></th><td>{reason}</td></tr>\n'
    return (
        f"<table>\n<caption>{counted(len(table.cases), 'row')} of templates/cases.yml</caption>\n"
        '<thead>\n<tr><th scope="col">Case</th><th scope="col">Why</th></tr>\n</thead>\n'
        f"<tbody>\n{rows}</tbody>\n</table>"
    )
