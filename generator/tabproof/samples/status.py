"""Derive the status of a sample from a record. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal, TypeAlias

import msgspec

from tabproof.model import isolation
from tabproof.model.case import Case
from tabproof.model.isolation import REBASED
from tabproof.model.language import Limit, Toolchain, Variant
from tabproof.model.result import ToolchainVersions
from tabproof.model.sample import SampleKey
from tabproof.samples.proof_rows import ProofFile
from tabproof.samples.record import Record

State: TypeAlias = Literal["proved", "parsed", "failed", "unproved"]


class SampleStatus(msgspec.Struct, frozen=True):
    """Hold the status of a sample as it is now.

    Attributes:
        state: `proved` (passed every possible case on some machine, failed nowhere), `parsed`
            (well formed, never run), `failed`, or `unproved`.
        reason: why it is not proved, for people.
        toolboxes: the toolchains that it was proved with.
        date: the date of the latest result.
        case_count: the number of cases that it passed.
        parser: the parser that accepted it, where it was never run.
    """

    state: State
    reason: str = ""
    toolboxes: tuple[ToolchainVersions, ...] = ()
    date: str = ""
    case_count: int = 0
    parser: str = ""

    @property
    def publishable(self) -> bool:
        """Return whether a page may show the sample."""
        return self.state in ("proved", "parsed")


def status_of(
    sample: SampleKey,
    digest: str,
    cases: Collection[Case],
    record: Record | ProofFile,
    toolchains: Collection[Toolchain],
) -> SampleStatus:
    """Return the status of a sample with these bytes in these cases.

    A sample that was only run without a sandbox need not have passed the cases that need one, or
    a tool that such machines lack. Nor need a sample have passed a case that each of its runtimes
    has a limit for.

    Args:
        sample: the sample.
        digest: the SHA-256 of its bytes.
        cases: the cases that it must pass.
        record: the results of all samples.
        toolchains: the toolchains of its language, with their limits.
    """
    results = [r for r in record.results_of(sample, cases) if r.sample_digest == digest]
    failed = [result for result in results if result.verdict == "failed"]
    if failed:
        return SampleStatus("failed", f"failed in case {failed[0].case}: {failed[0].reason}")
    passed = [result for result in results if result.verdict == "passed"]
    date = max((result.date for result in passed), default="")
    toolboxes = {r.toolbox.label(): r.toolbox for r in passed if r.toolbox}
    names = {result.case for result in passed}
    rebased = all(box.isolation == REBASED for box in toolboxes.values())
    missing = [
        case.name
        for case in cases
        if case.name not in names
        and not (rebased and isolation.gap_when_rebased(case))
        and not _is_limited(case, sample.variant, toolboxes.values(), toolchains)
    ]
    if passed and not missing:
        return SampleStatus("proved", "", tuple(toolboxes.values()), date, len(names))
    if passed:
        return SampleStatus("unproved", f"not proved in {_cases(missing)}")
    return _parsed(sample, digest, record)


def _cases(names: list[str]) -> str:
    return f"{len(names)} cases, such as {names[0]}" if len(names) > 1 else f"case {names[0]}"


def why_missing(
    case: Case,
    sample: SampleKey,
    toolboxes: Collection[ToolchainVersions],
    toolchains: Collection[Toolchain],
) -> str:
    """Return why a sample that was run has no result in a case.

    Args:
        case: the case.
        sample: the sample.
        toolboxes: what the sample was run with.
        toolchains: the toolchains of its language, with their limits.
    """
    for toolchain in toolchains:
        for box in toolboxes:
            if limit := _limit(case, sample.variant, box, (toolchain,)):
                return limit.excuse
    rebased = toolboxes and all(box.isolation == REBASED for box in toolboxes)
    return (rebased and isolation.gap_when_rebased(case)) or NO_RESULT


NO_RESULT = "no result for these bytes"


def _is_limited(
    case: Case,
    variant: Variant,
    toolboxes: Iterable[ToolchainVersions],
    toolchains: Collection[Toolchain],
) -> bool:
    """Return whether each runtime has a limit that keeps it from passing a case."""
    return all(_limit(case, variant, box, toolchains) for box in toolboxes)


def _limit(
    case: Case, variant: Variant, box: ToolchainVersions, toolchains: Collection[Toolchain]
) -> Limit | None:
    """Return the limit that keeps a runtime from passing a case, if any."""
    limits = (
        toolchain.limit(case.name, variant, box.version, box.libraries)
        for toolchain in toolchains
        if toolchain.runtime == box.runtime
    )
    return next((limit for limit in limits if limit), None)


def _parsed(sample: SampleKey, digest: str, record: Record | ProofFile) -> SampleStatus:
    parses = [s for s in record.syntax_of(sample) if s.sample_digest == digest]
    failed = [s for s in parses if s.verdict == "failed"]
    if failed:
        return SampleStatus("failed", f"{failed[0].parser}: {failed[0].reason}")
    clean = [s for s in parses if s.verdict == "passed"]
    if clean:
        parser, date = clean[0].parser, clean[0].date
        return SampleStatus("parsed", f"not run; well formed by {parser}", (), date, parser=parser)
    return SampleStatus("unproved", "not proved for its present bytes")
