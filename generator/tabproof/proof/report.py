"""A proof's outcome as people read it: a table, a line for each problem, and a sum."""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tabproof.model.result import Verdict
from tabproof.proof.plan import Subject
from tabproof.proof.prove import Outcome

VERDICTS: tuple[Verdict, ...] = ("passed", "failed", "skipped")
STYLES = {"passed": "green", "failed": "bold red", "skipped": "yellow", "not run": "yellow"}


def show(outcome: Outcome, console: Console) -> None:
    """Print the whole outcome."""
    console.print(_table(outcome))
    for problem in outcome.problems:
        console.print(Text(problem.line(), style="red"), soft_wrap=True, highlight=False)
    console.print(summary(outcome), highlight=False, soft_wrap=True)


def summary(outcome: Outcome) -> str:
    """One line: how many runs passed, failed, were skipped, and how many were on record."""
    counts = Counter(result.verdict for result in outcome.results)
    words = f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped"
    if outcome.reused:
        words += f" ({len(outcome.reused)} of them on record, not run again; --fresh runs all)"
    return f"{len(outcome.subjects)} samples: {words}"


def _table(outcome: Outcome) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("sample", no_wrap=True)
    table.add_column("toolchain", overflow="fold")
    for title in VERDICTS:
        table.add_column(title, justify="right")
    table.add_column("result", overflow="fold")
    for subject in outcome.subjects:
        results = [r for r in outcome.results if r.sample == subject.sample.key]
        counts: Counter[Verdict] = Counter(result.verdict for result in results)
        toolbox = subject.toolbox
        numbers = [str(counts[verdict] or "") for verdict in VERDICTS]
        table.add_row(
            subject.sample.path,
            toolbox.shown() if toolbox else "none",
            *numbers,
            _verdict(subject, counts, outcome),
        )
    return table


def _verdict(subject: Subject, counts: Counter[Verdict], outcome: Outcome) -> Text:
    if counts["failed"]:
        return Text("failed", STYLES["failed"])
    if counts["passed"] and not counts["skipped"]:
        return Text("passed", STYLES["passed"])
    mine = [r for r in outcome.new.results if r.sample == subject.sample.key]
    skipped = [r for r in mine if r.verdict == "skipped"]
    reasons = "; ".join(sorted({r.reason for r in skipped})) or "no case is selected"
    if counts["passed"]:
        cases = ", ".join(r.case for r in skipped)
        return Text(f"passed, but for {cases}: {reasons}", STYLES["passed"])
    said = [s for s in outcome.new.syntax if s.sample == subject.sample.key]
    words = f"not run: {reasons}"
    for each in said:
        fate = {"passed": "well formed by", "failed": "faulty by", "skipped": "not parsed by"}
        words += f"; {fate[each.verdict]} {each.parser}"
    return Text(words, STYLES["not run"])
