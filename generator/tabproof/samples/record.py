"""Hold the results of runs in memory, and decide which of two results of a run counts. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import cached_property
from typing import TypeAlias

import msgspec

from tabproof.model.case import Case
from tabproof.model.result import Failure, Result, SyntaxResult
from tabproof.model.sample import SampleKey
from tabproof.project.cases import FindCases

SampleDigests: TypeAlias = Mapping[SampleKey, str]


class Current(msgspec.Struct, frozen=True):
    """Hold the samples and cases as they are now; results of others are outdated.

    Attributes:
        samples: the SHA-256 of each sample's bytes.
        find_cases: returns a sample's cases.
        unread: scenarios that cannot be read at present. Whether their cases have changed is
            unknown, so the results of their samples stay as long as the bytes do.
    """

    samples: SampleDigests
    find_cases: FindCases
    unread: frozenset[str] = frozenset()

    def holds_bytes(self, sample: SampleKey, digest: str) -> bool:
        """Return whether these are the bytes of a sample now."""
        return self.samples.get(sample) == digest

    def covers(self, result: Result) -> bool:
        """Return whether a result is about the bytes and the case that there are now."""
        sample = result.sample
        return self.holds_bytes(sample, result.sample_digest) and (
            sample.scenario in self.unread
            or any(
                case.name == result.case and case.digest == result.case_digest
                for case in self.find_cases(sample)
            )
        )


class Record(msgspec.Struct, frozen=True, dict=True):
    """Hold results, and parsers' results for samples that could not be run."""

    results: tuple[Result, ...] = ()
    syntax: tuple[SyntaxResult, ...] = ()

    @cached_property
    def by_sample(self) -> dict[SampleKey, list[Result]]:
        """Return the results of each sample."""
        grouped: dict[SampleKey, list[Result]] = defaultdict(list)
        for result in self.results:
            grouped[result.sample].append(result)
        return dict(grouped)

    def results_of(self, sample: SampleKey, cases: Collection[Case]) -> list[Result]:
        """Return the results of a sample in these cases, whatever bytes they are about."""
        digests = {case.name: case.digest for case in cases}
        return [
            result
            for result in self.by_sample.get(sample, ())
            if digests.get(result.case) == result.case_digest
        ]

    def syntax_of(self, sample: SampleKey) -> list[SyntaxResult]:
        """Return what parsers reported of a sample."""
        return [parsed for parsed in self.syntax if parsed.sample == sample]

    def union(self, *others: Record) -> Record:
        """Return the union with other records; see `_counts` for results of the same run.

        The order of the records does not matter.
        """
        records = (self, *others)
        results: dict[object, Result] = {}
        for result in (result for record in records for result in record.results):
            earlier = results.get(result.run)
            results[result.run] = _counts(earlier, result) if earlier else result
        syntax: dict[object, SyntaxResult] = {}
        for parsed in (parsed for record in records for parsed in record.syntax):
            parse = (parsed.sample, parsed.sample_digest, parsed.parser)
            syntax[parse] = max(syntax.get(parse, parsed), parsed, key=_parse_order)
        return Record(tuple(results.values()), tuple(syntax.values()))

    def adds_to(self, other: Record) -> bool:
        """Return whether it has anything that the other lacks: a run, or a parser's result."""
        ran = any(result.toolbox for result in self.results)
        return ran or any(parsed not in other.syntax for parsed in self.syntax)

    def with_isolation(self, isolation: str) -> Record:
        """Return the results of runs with this isolation, and those of parsers."""
        results = (r for r in self.results if r.toolbox and r.toolbox.isolation == isolation)
        return Record(tuple(results), self.syntax)

    def within(self, current: Current, *, with_excused: bool = False) -> Record:
        """Return the part that is about runs, and about samples and cases as they are now.

        Args:
            current: the samples and cases as they are now.
            with_excused: whether to keep runs that a limit excused; they prove nothing.
        """
        return Record(
            tuple(
                result
                for result in self.results
                if result.toolbox
                and (result.verdict != "skipped" or with_excused)
                and current.covers(result)
            ),
            tuple(
                parsed
                for parsed in self.syntax
                if current.holds_bytes(parsed.sample, parsed.sample_digest)
            ),
        )


def _counts(one: Result, other: Result) -> Result:
    """Return the result that counts of two about the same run.

    A failure stays, whatever comes after it, except for a pass that knows of it, or of a later
    one: `earlier_failure` is given only where a sample passed every case in one run. A skipped
    result does not replace one that passed: a limit of the runtime excuses a fault that not every
    run shows.
    """
    return max(one, other, key=_weight)


def _weight(result: Result) -> tuple[object, ...]:
    """Return what sorts results of one run; a total order, so that no order of unions matters."""
    failure = result.failure or Failure("", "")
    rank = ("skipped", "failed", "passed").index(result.verdict)
    return failure.date, rank, failure.reason, result.date, toolchain_parts(result), result.reason


def _parse_order(parsed: SyntaxResult) -> tuple[object, ...]:
    """Return the same for a parser; one that is missing on a machine contradicts nothing."""
    is_skipped = parsed.verdict == "skipped"
    return not is_skipped, parsed.date, parsed.verdict == "failed", parsed.reason


def toolchain_parts(result: Result) -> tuple[str, str, tuple[tuple[str, str], ...], str]:
    """Return the toolchain of a result, as a tuple that can be compared and sorted."""
    box = result.toolbox
    if box is None:
        return "", "", (), ""
    return box.runtime, box.version, tuple(sorted(box.libraries.items())), box.isolation
