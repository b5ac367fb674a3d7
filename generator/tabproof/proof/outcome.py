"""Hold the outcome of a proof: its results and its problems. Pure."""

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
"""Called with the number of finished runs, of all runs, and the name of the current sample."""


class Problem(msgspec.Struct, frozen=True):
    """Hold one finding of one sample, with the cases in which it occurred."""

    sample: SampleKey
    place: str
    cases: tuple[str, ...]
    message: str

    def line(self) -> str:
        """Return place, case and message in one line."""
        rest = len(self.cases) - 1
        more = f" (and {pluralize(rest, 'more case')})" if rest > 0 else ""
        return f"{self.place}: {self.cases[0]}{more}: {self.message}"


class Outcome(msgspec.Struct, frozen=True):
    """Hold the outcome of a proof.

    Attributes:
        new: the results of this run; skipped ones too.
        reused: results on record whose runs were not repeated.
        problems: one for each sample and fault.
    """

    subjects: tuple[RunnableSample, ...]
    new: Record
    reused: tuple[Result, ...]
    problems: tuple[Problem, ...]

    @property
    def results(self) -> tuple[Result, ...]:
        """Return all results, new and reused."""
        return (*self.new.results, *self.reused)
