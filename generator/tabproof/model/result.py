"""Hold the results of samples: of each case, and of their language's parser."""

from __future__ import annotations

from typing import Literal, Self, TypeAlias

import msgspec

from tabproof.errors import printable
from tabproof.model.isolation import Isolation
from tabproof.model.sample import SampleKey

Verdict: TypeAlias = Literal["passed", "failed", "skipped"]


class Finding(msgspec.Struct, frozen=True):
    """Hold one difference between what was expected and what was observed.

    Attributes:
        step: the step of the sample that it belongs to.
        hint: texts that the line at fault may contain, the best first.
        line: the line that a compiler names, counted from 1; 0 without one.
    """

    step: str
    hint: tuple[str, ...]
    expected: str
    observed: str
    line: int = 0

    def message(self) -> str:
        """Return what was expected and what was observed, in one line.

        What was observed may come from a run or a compiler, and holds what it likes: it goes to
        terminals, to records and to pages.
        """
        return f"expected {self.expected}; seen {printable(self.observed)}"


class Unavailable(msgspec.Struct, frozen=True):
    """Hold why a run was not possible, through no fault of the sample."""

    reason: str

    @classmethod
    def for_want_of(cls, what: str) -> Self:
        """Say that this machine had not enough of something, such as "memory"."""
        return cls(f"this machine had not enough {what}")


class ToolchainVersions(msgspec.Struct, frozen=True, order=True):
    """Hold what a sample was run with: part of the key of a result."""

    runtime: str
    version: str
    libraries: dict[str, str]
    isolation: Isolation

    @property
    def series(self) -> tuple[str, str, str]:
        """Return runtime, minor version and isolation: a new result replaces one of its series.

        Python 3.9 and 3.14 are two series, .NET 10.0.100 and 10.0.401 are one.
        """
        return self.runtime, ".".join(self.version.split(".")[:2]), self.isolation

    def label(self, label: str = "rebased") -> str:
        """Return `node 20.20.2, jsonwebtoken 9.0.3`, with the label where a copy was run."""
        libraries = [f"{name} {version}" for name, version in self.libraries.items()]
        rebased = [label] if self.isolation == "rebased" else []
        return ", ".join([f"{self.runtime} {self.version}", *libraries, *rebased])


class Failure(msgspec.Struct, frozen=True):
    """Hold when and why a sample failed in a case."""

    date: str
    reason: str


class Result(msgspec.Struct, frozen=True, omit_defaults=True):
    """Hold the result of one sample in one case.

    Attributes:
        case_digest: the digest of all that the result depends on beside the sample's bytes and
            the toolchain.
        toolbox: what it was run with; None where it was skipped.
        date: the date of the run (ISO 8601, UTC).
        earlier_failure: of a sample that passed, how the same bytes failed before in this case
            and toolchain series: it is flaky.
    """

    sample: SampleKey
    case: str
    verdict: Verdict
    reason: str
    sample_digest: str
    case_digest: str
    toolbox: ToolchainVersions | None
    date: str
    earlier_failure: Failure | None = None

    @property
    def run(self) -> tuple[object, ...]:
        """Return the key of its run: the bytes, the case and the toolchain series."""
        series = self.toolbox.series if self.toolbox else ("", "", "")
        return self.sample, self.case, self.sample_digest, self.case_digest, series

    @property
    def failure(self) -> Failure | None:
        """Return the failure of its run, or the one before it passed; None without one."""
        if self.verdict == "failed":
            return Failure(self.date, self.reason)
        return self.earlier_failure


def flaky_label(result: Result) -> str:
    """Return how a sample that passed had failed before: `flaky: failed on 2026-11-30: ...`."""
    earlier = result.earlier_failure
    return f"flaky: failed on {earlier.date.partition('T')[0]}: {earlier.reason}" if earlier else ""


class SyntaxResult(msgspec.Struct, frozen=True):
    """Hold the result of a parser, for a sample that could not be run."""

    sample: SampleKey
    sample_digest: str
    parser: str
    verdict: Verdict
    reason: str
    date: str
