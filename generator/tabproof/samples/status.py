"""What a record says of one sample as it is now. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal, TypeAlias

import msgspec

from tabproof.model import isolation
from tabproof.model.isolation import REBASED
from tabproof.model.case import Case
from tabproof.model.language import Toolchain
from tabproof.model.result import ToolchainVersions
from tabproof.model.sample import SampleKey
from tabproof.samples.record import Record

State: TypeAlias = Literal["proved", "parsed", "failed", "unproved"]


class SampleStatus(msgspec.Struct, frozen=True):
    """What the record says of one sample as it is now.

    Attributes:
        state: `proved` (passed every case that it can somewhere, failed nowhere), `parsed` (well
            formed, never run), `failed`, or `unproved`.
        reason: for people, where it is not proved.
        toolboxes: what it was proved with.
        date: the latest result's.
        case_count: how many cases it passed.
        parser: what found it well formed, where it was never run.
    """

    state: State
    reason: str = ""
    toolboxes: tuple[ToolchainVersions, ...] = ()
    date: str = ""
    case_count: int = 0
    parser: str = ""

    @property
    def publishable(self) -> bool:
        """Whether a page may show the sample."""
        return self.state in ("proved", "parsed")


def status_of(
    sample: SampleKey,
    digest: str,
    cases: Collection[Case],
    record: Record,
    toolchains: Collection[Toolchain],
) -> SampleStatus:
    """What a record says of a sample with these bytes in these cases.

    A sample that was only ever run without a sandbox need not have passed what that cannot make
    or what needs a tool that such machines lack, nor one that no runtime has run without a limit
    what that limit is about.

    Args:
        sample: which one.
        digest: the SHA-256 of its bytes.
        cases: all that it must pass.
        record: results of all samples.
        toolchains: those of its language, with their limits.
    """
    wanted = {case.name: case.digest for case in cases}
    results = [
        result
        for result in record.by_sample.get(sample, ())
        if result.sample_digest == digest and wanted.get(result.case) == result.case_digest
    ]
    failed = [result for result in results if result.verdict == "failed"]
    if failed:
        return SampleStatus("failed", f"failed in case {failed[0].case}: {failed[0].reason}")
    passed = [result for result in results if result.verdict == "passed"]
    date = max((result.date for result in passed), default="")
    toolboxes = {r.toolbox.label(): r.toolbox for r in passed if r.toolbox}
    names = {result.case for result in passed}
    rebased = all(box.isolation == REBASED for box in toolboxes.values())
    lacking = [
        case.name
        for case in cases
        if case.name not in names
        and not (rebased and isolation.gap_when_rebased(case))
        and not _limited(case, toolboxes.values(), toolchains)
    ]
    if passed and not lacking:
        return SampleStatus("proved", "", tuple(toolboxes.values()), date, len(names))
    if passed:
        return SampleStatus("unproved", f"not proved in {_cases(lacking)}")
    return _parsed(sample, digest, record)


def _cases(names: list[str]) -> str:
    return f"{len(names)} cases, such as {names[0]}" if len(names) > 1 else f"case {names[0]}"


def _limited(case: Case, toolboxes: Iterable[ToolchainVersions], toolchains: Collection[Toolchain]) -> bool:
    """Whether each runtime has a limit that keeps it from passing a case."""
    return all(
        any(
            toolchain.limit(case.name, box.version, box.libraries)
            for toolchain in toolchains
            if toolchain.runtime == box.runtime
        )
        for box in toolboxes
    )


def _parsed(sample: SampleKey, digest: str, record: Record) -> SampleStatus:
    said = [s for s in record.syntax if s.sample == sample and s.sample_digest == digest]
    failed = [s for s in said if s.verdict == "failed"]
    if failed:
        return SampleStatus("failed", f"{failed[0].parser}: {failed[0].reason}")
    clean = [s for s in said if s.verdict == "passed"]
    if clean:
        parser, date = clean[0].parser, clean[0].date
        return SampleStatus("parsed", f"not run; well formed by {parser}", (), date, parser=parser)
    return SampleStatus("unproved", "not proved for its present bytes")
