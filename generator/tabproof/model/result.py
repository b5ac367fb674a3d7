"""What became of a sample: in a case that it was run in, and under its language's parser."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from tabproof.model.sample import SampleKey

Verdict: TypeAlias = Literal["passed", "failed", "skipped"]


class Finding(msgspec.Struct, frozen=True):
    """One thing that was seen and should not have been, or the other way round.

    Attributes:
        step: the step of the sample that it belongs to.
        hint: words that the guilty line may hold, the best first.
        line: the line that a compiler names, counted from 1; 0 where nobody named one.
    """

    step: str
    hint: tuple[str, ...]
    expected: str
    observed: str
    line: int = 0

    def message(self) -> str:
        """Expected and seen, in one line."""
        return f"expected {self.expected}; seen {self.observed}"


class Unavailable(msgspec.Struct, frozen=True):
    """Why a run could not be made, through no fault of the sample."""

    reason: str


class ToolchainVersions(msgspec.Struct, frozen=True, order=True):
    """What a sample was run with: the key of a result beside the sample and the case."""

    runtime: str
    version: str
    libraries: dict[str, str]
    isolation: str

    @property
    def series(self) -> tuple[str, str, str]:
        """A renewed result replaces that of the same series: runtime, major version, isolation."""
        return self.runtime, self.version.partition(".")[0], self.isolation

    def label(self, label: str = "rebased") -> str:
        """Return `node 20.20.2, jsonwebtoken 9.0.3`, and a label where only a copy was run."""
        libraries = [f"{name} {version}" for name, version in self.libraries.items()]
        rebased = [label] if self.isolation == "rebased" else []
        return ", ".join([f"{self.runtime} {self.version}", *libraries, *rebased])


class Result(msgspec.Struct, frozen=True):
    """What became of one sample in one case.

    Attributes:
        toolbox: None where the sample was skipped.
        date: of the run, ISO 8601, UTC.
    """

    sample: SampleKey
    case: str
    verdict: Verdict
    reason: str
    sample_digest: str
    case_digest: str
    toolbox: ToolchainVersions | None
    date: str


class SyntaxResult(msgspec.Struct, frozen=True):
    """What a parser said of a sample that could not be run."""

    sample: SampleKey
    sample_digest: str
    parser: str
    verdict: Verdict
    reason: str
    date: str
