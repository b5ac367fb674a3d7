"""Hold the results of samples: of each case, and of their language's parser."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from tabproof.errors import printable
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


class ToolchainVersions(msgspec.Struct, frozen=True, order=True):
    """Hold what a sample was run with: part of the key of a result."""

    runtime: str
    version: str
    libraries: dict[str, str]
    isolation: str

    @property
    def series(self) -> tuple[str, str, str]:
        """Return runtime, major version and isolation: a new result replaces one of its series."""
        return self.runtime, self.version.partition(".")[0], self.isolation

    def label(self, label: str = "rebased") -> str:
        """Return `node 20.20.2, jsonwebtoken 9.0.3`, with the label where a copy was run."""
        libraries = [f"{name} {version}" for name, version in self.libraries.items()]
        rebased = [label] if self.isolation == "rebased" else []
        return ", ".join([f"{self.runtime} {self.version}", *libraries, *rebased])


class Result(msgspec.Struct, frozen=True):
    """Hold the result of one sample in one case.

    Attributes:
        toolbox: what it was run with; None where it was skipped.
        date: the date of the run (ISO 8601, UTC).
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
    """Hold the result of a parser, for a sample that could not be run."""

    sample: SampleKey
    sample_digest: str
    parser: str
    verdict: Verdict
    reason: str
    date: str
