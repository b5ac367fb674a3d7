"""What every report is made of: an account of each sample, and what is wrong. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from tabproof.errors import duration, pluralize
from tabproof.model.result import Result, SyntaxResult, ToolchainVersions, Verdict
from tabproof.model.sample import Sample, SampleKey
from tabproof.proof.outcome import Outcome, Problem
from tabproof.samples.record import Record
from tabproof.samples.tree import FOLDER


class SampleReport(msgspec.Struct, frozen=True):
    """One sample: what it was run with, and what became of it.

    Attributes:
        path: below `samples/`.
        toolboxes: what it was run with; without any it was not run.
        syntax: what parsers said where it was not run.
    """

    key: SampleKey
    path: str
    digest: str
    toolboxes: tuple[ToolchainVersions, ...]
    results: tuple[Result, ...]
    syntax: tuple[SyntaxResult, ...] = ()

    @property
    def name(self) -> str:
        """`list-users/stdlib/ruby`."""
        return self.key.name


class Report(msgspec.Struct, frozen=True):
    """Everything that a report tells.

    Attributes:
        problems: one for each sample and fault.
        reused: how many of the results were on record and not run again.
        cases: the names of the cases that were asked for; None for all.
    """

    accounts: tuple[SampleReport, ...]
    problems: tuple[Problem, ...] = ()
    reused: int = 0
    cases: frozenset[str] | None = None

    @property
    def nothing(self) -> str:
        """Why a sample has no results at all."""
        return "no run is on record" if self.cases is None else "no case is selected"

    @property
    def results(self) -> tuple[Result, ...]:
        """The results of all samples."""
        return tuple(result for account in self.accounts for result in account.results)

    @property
    def record(self) -> Record:
        """The same as a record."""
        syntax = tuple(said for account in self.accounts for said in account.syntax)
        return Record(self.results, syntax)


def report_of_outcome(outcome: Outcome) -> Report:
    """The report of a run."""
    told, said = Record(outcome.results).by_sample, outcome.new.syntax
    boxes: dict[SampleKey, list[ToolchainVersions]] = defaultdict(list)
    for subject in outcome.subjects:
        boxes[subject.sample.key] += [subject.toolbox] if subject.toolbox else []
    accounts = tuple(
        SampleReport(
            subject.sample.key,
            subject.sample.path,
            subject.digest,
            tuple(boxes[subject.sample.key]),
            tuple(told.get(subject.sample.key, ())),
            tuple(each for each in said if each.sample == subject.sample.key),
        )
        for subject in {each.sample.key: each for each in outcome.subjects}.values()
    )
    cases = frozenset(case.name for subject in outcome.subjects for case in subject.cases)
    return Report(accounts, outcome.problems, len(outcome.reused), cases)


def report_of_record(samples: Iterable[Sample], record: Record) -> Report:
    """The report of what is on record, without a run.

    Args:
        samples: those to report.
        record: what speaks of the samples and cases as they are now.
    """
    accounts = []
    for sample in samples:
        results = tuple(record.by_sample.get(sample.key, ()))
        said = tuple(s for s in record.syntax if s.sample == sample.key)
        boxes = {box.label(): box for box in (result.toolbox for result in results) if box}
        account = SampleReport(
            sample.key, sample.path, sample.digest, tuple(boxes.values()), results, said
        )
        accounts.append(account)
    problems = tuple(problem for account in accounts for problem in _problems(account))
    return Report(tuple(accounts), problems)


def _problems(account: SampleReport) -> Iterable[Problem]:
    grouped: dict[str, list[str]] = defaultdict(list)
    for result in account.results:
        if result.verdict == "failed":
            grouped[result.reason].append(result.case)
    for said in account.syntax:
        if said.verdict == "failed":
            grouped[said.reason].append(said.parser)
    for reason, cases in grouped.items():
        yield Problem(account.key, f"{FOLDER}/{account.path}", tuple(cases), reason)


FATES: dict[Verdict, str] = {
    "passed": "well formed by",
    "failed": "faulty by",
    "skipped": "not parsed by",
}


def summary(report: Report, seconds: float | None = None) -> str:
    """Return one line: how many runs passed, failed, were skipped, and were on record.

    Args:
        report: the results.
        seconds: how long it took; None where nobody waited for it.
    """
    counts = Counter(result.verdict for result in report.results)
    words = f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped"
    if seconds is not None:
        words += f" in {duration(seconds)}"
    if report.reused:
        words += f" ({report.reused} of them on record, not run again; --fresh runs all)"
    return f"{pluralize(len(report.accounts), 'sample')}: {words}"


def skipped_cases(account: SampleReport) -> Iterator[str]:
    """Yield each reason for which cases were skipped, with their names."""
    grouped: dict[str, list[str]] = {}
    for result in account.results:
        if result.verdict == "skipped":
            grouped.setdefault(result.reason, []).append(result.case)
    for reason, cases in grouped.items():
        yield f"skipped in {', '.join(cases)}: {reason}"


def not_run(account: SampleReport, nothing: str) -> str:
    """Why a sample was not run, and what parsers said of it instead.

    Args:
        account: of the sample.
        nothing: why it may have no results at all.
    """
    reasons = sorted({r.reason for r in account.results if r.verdict == "skipped"})
    words = f"not run: {'; '.join(reasons) or nothing}"
    for said in account.syntax:
        words += f"; {FATES[said.verdict]} {said.parser}"
    return words
