"""Convert results to the rows of `samples/proof.json` and back. Pure.

A row holds one sample with one toolchain: what it is about (digests), when it was run, and the
exceptions. All other cases passed. Which these are, the templates say, so that a row can only be
read beside them: once a case is changed, the row says nothing any more.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from typing import Annotated

import msgspec

from tabproof.model.case import Case
from tabproof.model.isolation import BUBBLEWRAP, Isolation
from tabproof.model.result import Failure, Result, SyntaxResult, ToolchainVersions
from tabproof.model.sample import SampleKey
from tabproof.project.cases import FindCases
from tabproof.samples.record import Record, toolchain_parts


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Hold the results of one sample with one toolchain.

    Attributes:
        sample: its name, as `SampleKey.name` returns it.
        bytes: the SHA-256 of the sample.
        cases: the digest of all of the sample's cases.
        date: that of the latest run.
        failed: case -> when and why it failed.
        flaky: case -> when and why it failed, before it passed.
        missing: the cases that it has not passed and not failed either.
    """

    sample: Annotated[str, msgspec.Meta(pattern=r"^[^/]+/(library|stdlib)/[^/]+$")]
    runtime: str
    version: str
    libraries: dict[str, str] = {}
    isolation: Isolation = BUBBLEWRAP
    bytes: str
    cases: str
    date: str
    failed: dict[str, Failure] = {}
    flaky: dict[str, Failure] = {}
    missing: tuple[str, ...] = ()

    @property
    def key(self) -> SampleKey:
        """Return the key of the sample."""
        scenario, variant, language = self.sample.split("/")
        return SampleKey(scenario, "library" if variant == "library" else "stdlib", language)

    @property
    def order(self) -> tuple[object, ...]:
        """Return what rows are sorted by."""
        libraries = sorted(self.libraries.items())
        return self.key, self.runtime, self.version, self.isolation, libraries, self.bytes

    def results(self, cases: Collection[Case]) -> Iterator[Result]:
        """Yield a result for each case that it has; none if it is about other cases.

        Args:
            cases: those of the sample, as they are now.
        """
        if self.cases != cases_digest(cases):
            return
        key = self.key
        box = ToolchainVersions(self.runtime, self.version, self.libraries, self.isolation)
        for case in cases:
            if case.name in self.missing:
                continue
            failure = self.failed.get(case.name)
            yield Result(
                key,
                case.name,
                "failed" if failure else "passed",
                failure.reason if failure else "",
                self.bytes,
                case.digest,
                box,
                failure.date if failure else self.date,
                self.flaky.get(case.name),
            )


FORM = 2
"""The version of the format of `samples/proof.json`."""

DIGEST_DIGITS = 32
"""How many digits of a digest tell sets of cases apart: 128 bits, for which nobody finds a twin."""


class ProofFile(msgspec.Struct, frozen=True, dict=True):
    """Hold the contents of `samples/proof.json`.

    Attributes:
        form: the version of the format.
        rows: a row for each sample and toolchain.
        syntax: what parsers reported of samples that could not be run.
    """

    form: int
    rows: tuple[Row, ...]
    syntax: tuple[SyntaxResult, ...]

    @cached_property
    def _rows_by_sample(self) -> dict[SampleKey, list[Row]]:
        grouped: dict[SampleKey, list[Row]] = defaultdict(list)
        for row in self.rows:
            grouped[row.key].append(row)
        return grouped

    def results_of(self, sample: SampleKey, cases: Collection[Case]) -> list[Result]:
        """Return the results of a sample in these cases, whatever bytes they are about."""
        rows = self._rows_by_sample.get(sample, ())
        return [result for row in rows for result in row.results(cases)]

    def syntax_of(self, sample: SampleKey) -> list[SyntaxResult]:
        """Return what parsers reported of a sample."""
        return [parsed for parsed in self.syntax if parsed.sample == sample]

    def record(self, find_cases: FindCases) -> Record:
        """Return the results of all samples whose cases are as they were."""
        keys = sorted(self._rows_by_sample)  # scenario by scenario, as `find_cases` likes it
        results = (r for key in keys for r in self.results_of(key, find_cases(key)))
        return Record(tuple(results), self.syntax)

    @property
    def dates(self) -> Iterator[str]:
        """Yield each date in it."""
        for row in self.rows:
            yield row.date
            yield from (each.date for each in (*row.failed.values(), *row.flaky.values()))
        yield from (parsed.date for parsed in self.syntax)


EMPTY = ProofFile(FORM, (), ())


def proof_file_of(record: Record, find_cases: FindCases, others: Iterable[Row] = ()) -> ProofFile:
    """Return the contents of the file for a record; the order of its results leaves no trace.

    Args:
        record: results of the samples and cases as they are now.
        find_cases: returns a sample's cases.
        others: rows of samples whose cases cannot be told now.
    """
    grouped: dict[object, list[Result]] = defaultdict(list)
    for result in record.results:
        grouped[result.sample, result.sample_digest, toolchain_parts(result)].append(result)
    rows = [_row(results, find_cases(results[0].sample)) for results in grouped.values()]
    in_order = sorted([*rows, *others], key=lambda row: row.order)
    syntax = sorted(record.syntax, key=lambda parsed: (parsed.sample, parsed.parser))
    return ProofFile(FORM, tuple(in_order), tuple(syntax))


def _row(results: Collection[Result], cases: Collection[Case]) -> Row:
    box = next(result.toolbox for result in results if result.toolbox)
    sample = next(result.sample for result in results)
    have = {result.case: result for result in results}
    in_order = [have[case.name] for case in cases if case.name in have]
    return Row(
        sample=sample.name,
        runtime=box.runtime,
        version=box.version,
        libraries=dict(sorted(box.libraries.items())),
        isolation=box.isolation,
        bytes=next(result.sample_digest for result in results),
        cases=cases_digest(cases),
        date=max(result.date for result in results),
        failed={r.case: Failure(r.date, r.reason) for r in in_order if r.verdict == "failed"},
        flaky={r.case: r.earlier_failure for r in in_order if r.earlier_failure},
        missing=tuple(case.name for case in cases if case.name not in have),
    )


def cases_digest(cases: Collection[Case]) -> str:
    """Return one digest of all cases of a sample, whatever their order."""
    lines = sorted(f"{case.name} {case.digest}" for case in cases)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:DIGEST_DIGITS]


def encode(content: ProofFile) -> bytes:
    """Return the bytes of the file: JSON, one line for each row."""
    rows, syntax = _lines(content.rows), _lines(content.syntax)
    return f'{{"form": {content.form},\n"rows": [{rows}],\n"syntax": [{syntax}]}}\n'.encode()


def _lines(rows: Iterable[Row | SyntaxResult]) -> str:
    lines = ",\n".join(msgspec.json.encode(row).decode() for row in rows)
    return f"\n{lines}\n" if lines else ""
