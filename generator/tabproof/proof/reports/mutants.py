"""The report of the proof of the proof: kinds and languages, and a line for each survivor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tabproof.errors import pluralize
from tabproof.proof.mutation.run import MutantOutcome, MutantResult

FATES: dict[MutantOutcome, str] = {
    "killed": "green",
    "survived": "bold red",
    "unfit": "bold red",
    "not run": "yellow",
}
"""Fate -> the style of its words, in the order that they are told in."""


def show(
    fated: list[MutantResult], kinds: Iterable[str], titles: Mapping[str, str], console: Console
) -> None:
    """Print the table, the survivors, what is wrong with mutations, what was not run, and a sum.

    Args:
        fated: what became of each mutant.
        kinds: the names of the kinds, in the order of the rows.
        titles: language -> its title, in the order of the columns.
        console: where to print.
    """
    present = {each.sample.language for each in fated}
    languages = {name: title for name, title in titles.items() if name in present}
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("kind", no_wrap=True)
    for title in languages.values():
        table.add_column(title, overflow="fold")
    for kind in kinds:
        row = [_cell(fated, kind, language) for language in languages]
        if any(row):
            table.add_row(kind, *row)
    console.print(table)
    for each in fated:
        if each.fate in ("survived", "unfit"):
            console.print(Text(line(each), FATES[each.fate]), soft_wrap=True)
    for words in _idle(fated):
        console.print(Text(words, FATES["not run"]), soft_wrap=True)
    console.print(summary(fated), highlight=False, soft_wrap=True)


def line(fated: MutantResult) -> str:
    """Where the fault is, the mutation that put it there, and the case that should have seen it."""
    if fated.fate == "survived":
        words = f"{fated.case} should have noticed it"
    else:
        words = f"says nothing in {fated.case}: {fated.message}"
    return f"{fated.place}: {fated.kind} ({fated.rule}): {fated.fate}: {words}"


def summary(fated: list[MutantResult]) -> str:
    """One line: how many mutants there were, and what became of them."""
    counts = Counter(each.fate for each in fated)
    told = ", ".join(f"{counts[fate]} {fate}" for fate in FATES)
    kinds = len({each.kind for each in fated})
    return f"{pluralize(len(fated), 'mutant')} of {pluralize(kinds, 'kind')}: {told}"


def _cell(fated: list[MutantResult], kind: str, language: str) -> Text:
    """`2 killed`, with all that is not so well in its own colour; empty where there is none."""
    counts = Counter(
        each.fate for each in fated if (each.kind, each.sample.language) == (kind, language)
    )
    told = [(f"{counts[fate]} {fate}", style) for fate, style in FATES.items() if counts[fate]]
    return Text(", ").join(Text(*each) for each in told)


def _idle(fated: list[MutantResult]) -> list[str]:
    """How many mutants were not run, for each reason and kind of sample."""
    counts: Counter[str] = Counter()
    for each in fated:
        if each.fate == "not run":
            counts[f"{each.sample.language}, {each.sample.variant}: {each.message}"] += 1
    return [f"{count} not run: {words}" for words, count in counts.items()]
