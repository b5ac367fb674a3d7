"""Hold what every report is made of: a report of each sample, and the problems. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from tabproof.errors import duration, pluralize
from tabproof.model.catalog import Catalog
from tabproof.model.result import Result, SyntaxResult, ToolchainVersions, Verdict, flaky_label
from tabproof.model.sample import Sample, SampleKey
from tabproof.project.cases import FindCases
from tabproof.proof.outcome import Outcome, Problem
from tabproof.samples.coverage import coverage_notes
from tabproof.samples.record import Record
from tabproof.samples.status import why_missing
from tabproof.samples.tree import FOLDER


class SampleReport(msgspec.Struct, frozen=True):
    """Hold one sample: its toolchains and its results.

    Attributes:
        path: below `samples/`.
        toolboxes: the toolchains that it was run with; empty where it was not run.
        syntax: the results of parsers where it was not run.
    """

    key: SampleKey
    path: str
    digest: str
    toolboxes: tuple[ToolchainVersions, ...]
    results: tuple[Result, ...]
    syntax: tuple[SyntaxResult, ...] = ()

    @property
    def name(self) -> str:
        """Return its name, like `list-users/stdlib/ruby`."""
        return self.key.name


class Report(msgspec.Struct, frozen=True):
    """Hold everything that a report shows.

    Attributes:
        problems: one for each sample and fault.
        reused: how many of the results were on record and not run again.
        cases: the names of the selected cases; None for all.
        notes: in which respects the project proves less than it could.
    """

    accounts: tuple[SampleReport, ...]
    problems: tuple[Problem, ...] = ()
    reused: int = 0
    cases: frozenset[str] | None = None
    notes: tuple[str, ...] = ()

    @property
    def nothing(self) -> str:
        """Return why a sample has no results at all."""
        return "no run is on record" if self.cases is None else "no case is selected"

    @property
    def results(self) -> tuple[Result, ...]:
        """Return the results of all samples."""
        return tuple(result for account in self.accounts for result in account.results)

    @property
    def record(self) -> Record:
        """Return its results as a record."""
        syntax = tuple(parsed for account in self.accounts for parsed in account.syntax)
        return Record(self.results, syntax)


def report_of_outcome(outcome: Outcome, notes: Iterable[str] = ()) -> Report:
    """Return the report of a run.

    Args:
        outcome: the outcome of the run.
        notes: in which respects the project proves less than it could.
    """
    by_sample, syntax = Record(outcome.results).by_sample, outcome.new.syntax
    boxes: dict[SampleKey, list[ToolchainVersions]] = defaultdict(list)
    for subject in outcome.subjects:
        boxes[subject.sample.key] += [subject.toolbox] if subject.toolbox else []
    accounts = tuple(
        SampleReport(
            subject.sample.key,
            subject.sample.path,
            subject.digest,
            tuple(boxes[subject.sample.key]),
            tuple(by_sample.get(subject.sample.key, ())),
            tuple(parsed for parsed in syntax if parsed.sample == subject.sample.key),
        )
        for subject in {s.sample.key: s for s in outcome.subjects}.values()
    )
    cases = frozenset(case.name for subject in outcome.subjects for case in subject.cases)
    return Report(accounts, outcome.problems, len(outcome.reused), cases, tuple(notes))


def report_of_record(
    samples: Iterable[Sample], record: Record, catalog: Catalog, find_cases: FindCases
) -> Report:
    """Return the report of the results on record, without a run.

    Args:
        samples: those to report.
        record: the results of the samples and cases as they are now.
        catalog: what the templates say.
        find_cases: returns a sample's cases.
    """
    accounts = []
    for sample in samples:
        results = tuple(record.by_sample.get(sample.key, ()))
        syntax = tuple(record.syntax_of(sample.key))
        boxes = {box.label(): box for box in (result.toolbox for result in results) if box}
        if results:
            toolchains = catalog.languages[sample.key.language].data.toolchains
            names = {result.case for result in results}
            results += tuple(
                Result(
                    sample=sample.key,
                    case=case.name,
                    verdict="skipped",
                    reason=why_missing(case, sample.key, boxes.values(), toolchains),
                    sample_digest=sample.digest,
                    case_digest=case.digest,
                    toolbox=None,
                    date="",
                )
                for case in find_cases(sample.key)
                if case.name not in names
            )
        account = SampleReport(
            sample.key, sample.path, sample.digest, tuple(boxes.values()), results, syntax
        )
        accounts.append(account)
    problems = tuple(problem for account in accounts for problem in _problems(account))
    return Report(tuple(accounts), problems, notes=tuple(coverage_notes(catalog)))


def _problems(account: SampleReport) -> Iterable[Problem]:
    grouped: dict[str, list[str]] = defaultdict(list)
    for result in account.results:
        if result.verdict == "failed":
            grouped[result.reason].append(result.case)
    for parsed in account.syntax:
        if parsed.verdict == "failed":
            grouped[parsed.reason].append(parsed.parser)
    for reason, cases in grouped.items():
        yield Problem(account.key, f"{FOLDER}/{account.path}", tuple(cases), reason)


PARSER_PHRASES: dict[Verdict, str] = {
    "passed": "well formed by",
    "failed": "faulty by",
    "skipped": "not parsed by",
}


def summary(report: Report, seconds: float | None = None) -> str:
    """Return one line: how many runs passed, failed, were skipped, and were on record.

    Args:
        report: the results.
        seconds: how long the runs took; None where there were none.
    """
    counts = Counter(result.verdict for result in report.results)
    totals = f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped"
    if seconds is not None:
        totals += f" in {duration(seconds)}"
    if report.reused:
        totals += f" ({report.reused} of them on record, not run again; --fresh runs all)"
    return f"{pluralize(len(report.accounts), 'sample')}: {totals}"


def skipped_cases(account: SampleReport) -> Iterator[str]:
    """Yield each reason for which cases were skipped, with their names."""
    grouped: dict[str, list[str]] = {}
    for result in account.results:
        if result.verdict == "skipped":
            grouped.setdefault(result.reason, []).append(result.case)
    for reason, cases in grouped.items():
        yield f"skipped in {', '.join(cases)}: {reason}"


def flaky_cases(account: SampleReport) -> Iterator[str]:
    """Yield a line for each failure that came before the sample passed."""
    for result in account.results:
        if label := flaky_label(result):
            yield f"{account.name}: {result.case}: {label}"


def not_run(account: SampleReport, nothing: str) -> str:
    """Return why a sample was not run, and what parsers report instead.

    Args:
        account: of the sample.
        nothing: the reason where it has no results at all.
    """
    reasons = sorted({r.reason for r in account.results if r.verdict == "skipped"})
    sentence = f"not run: {'; '.join(reasons) or nothing}"
    for parsed in account.syntax:
        sentence += f"; {PARSER_PHRASES[parsed.verdict]} {parsed.parser}"
    return sentence
