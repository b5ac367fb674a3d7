"""What a proof came to. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from tabproof.errors import pluralize
from tabproof.model.result import Result
from tabproof.model.sample import SampleKey
from tabproof.proof.prepare.runnable_sample import RunnableSample
from tabproof.samples.record import Record

Progress: TypeAlias = Callable[[int, int, str], None]
"""Called with the number of runs that are done and of all, and the name of the sample under way."""


class Problem(msgspec.Struct, frozen=True):
    """One finding of one sample, with the cases that it was found in."""

    sample: SampleKey
    place: str
    cases: tuple[str, ...]
    message: str

    def line(self) -> str:
        """Sample, line, case, expected, seen."""
        rest = len(self.cases) - 1
        more = f" (and {pluralize(rest, 'more case')})" if rest > 0 else ""
        return f"{self.place}: {self.cases[0]}{more}: {self.message}"


class Outcome(msgspec.Struct, frozen=True):
    """What a proof came to.

    Attributes:
        new: the results of this run; skipped ones too.
        reused: results on record that were left out of the run.
        problems: what is wrong, one for each sample and fault.
    """

    subjects: tuple[RunnableSample, ...]
    new: Record
    reused: tuple[Result, ...]
    problems: tuple[Problem, ...]

    @property
    def results(self) -> tuple[Result, ...]:
        """All results, fresh and reused."""
        return (*self.new.results, *self.reused)
