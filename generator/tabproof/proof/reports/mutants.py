"""Print the results of a mutation test: kinds and languages, and a line for each survivor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tabproof.errors import pluralize
from tabproof.proof.mutation.run import MutantOutcome, MutantResult

STYLES: dict[MutantOutcome, str] = {
    "killed": "green",
    "survived": "bold red",
    "unfit": "bold red",
    "not run": "yellow",
}
"""Outcome -> its style, in the order of the sum."""


def show(
    results: list[MutantResult],
    kinds: Iterable[str],
    titles: Mapping[str, str],
    console: Console,
    *,
    same: int = 0,
) -> None:
    """Print the table, what was not run, the survivors and unfit mutants, and a sum.

    Args:
        results: the result of each mutant.
        kinds: the names of the kinds, in the order of the rows.
        titles: language -> its title, in the order of the columns.
        console: where to print.
        same: how many were left out, since the other variant has the same lines.
    """
    present = {result.sample.language for result in results}
    languages = {name: title for name, title in titles.items() if name in present}
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("kind", no_wrap=True)
    for title in languages.values():
        table.add_column(title, overflow="fold")
    for kind in kinds:
        row = [_cell(results, kind, language) for language in languages]
        if any(row):
            table.add_row(kind, *row)
    console.print(table)
    for reason in _not_run(results):
        console.print(Text(reason, STYLES["not run"]), soft_wrap=True)
    for result in results:
        if result.outcome in ("survived", "unfit"):
            console.print(Text(line(result), STYLES[result.outcome]), soft_wrap=True)
    console.print(summary(results, same), highlight=False, soft_wrap=True)


def line(result: MutantResult) -> str:
    """Return where the fault is, the mutation that made it, and the case that should notice it."""
    if result.outcome == "survived":
        reason = f"{result.case} should have noticed it"
    else:
        reason = f"proves nothing in {result.case}: {result.message}"
    return f"{result.place}: {result.kind} ({result.rule}): {result.outcome}: {reason}"


def summary(results: list[MutantResult], same: int = 0) -> str:
    """Return one line: how many mutants there were, and how many of each outcome.

    Args:
        results: the result of each mutant.
        same: how many were left out, since the other variant has the same lines.
    """
    counts = Counter(result.outcome for result in results)
    outcomes = ", ".join(f"{counts[outcome]} {outcome}" for outcome in STYLES)
    kinds = len({result.kind for result in results})
    line = f"{pluralize(len(results), 'mutant')} of {pluralize(kinds, 'kind')}: {outcomes}"
    return f"{line} ({same} more with the same lines in the other variant)" if same else line


def _cell(results: list[MutantResult], kind: str, language: str) -> Text:
    """Return `2 killed`, each outcome in its own colour; empty where there is no mutant."""
    counts = Counter(
        result.outcome
        for result in results
        if (result.kind, result.sample.language) == (kind, language)
    )
    parts = [
        (f"{counts[outcome]} {outcome}", style)
        for outcome, style in STYLES.items()
        if counts[outcome]
    ]
    return Text(", ").join(Text(*part) for part in parts)


def _not_run(results: list[MutantResult]) -> list[str]:
    """Return how many mutants were not run, for each reason and kind of sample."""
    counts: Counter[str] = Counter()
    for result in results:
        if result.outcome == "not run":
            sample = result.sample
            counts[f"{sample.language}, {sample.variant}: {result.message}"] += 1
    return [f"{count} not run: {reason}" for reason, count in counts.items()]
