"""Runs on this machine: staged, made, and told one after the other as they are seen."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from contextlib import ExitStack, closing
from typing import TypeAlias

from tabproof.model.result import Finding, Unavailable
from tabproof.proof.prepare import stage
from tabproof.proof.prepare.runnable_sample import RequestedRuns
from tabproof.sandbox import batch_runner
from tabproof.sandbox.batch_runner import IsCancelled, never_cancelled
from tabproof.sandbox.protocol import Batch, Observation

RunOutcome: TypeAlias = tuple[str, Observation | Finding | Unavailable]
"""A run's identity, and what was seen in it or why it cannot be made."""

Runner: TypeAlias = Callable[[RequestedRuns], Generator[RunOutcome, None, None]]
"""Makes runs; closing what it returns ends those that are under way."""


def default_parallelism() -> int:
    """How many runs compute at the same time here, where nobody says.

    One more than there are processors: a run also waits, for its sandbox and for the mock API.
    """
    return (os.cpu_count() or 1) + 1


def run_locally(
    wanted: RequestedRuns, processors: int | None = None, given_up: IsCancelled = never_cancelled
) -> Generator[RunOutcome, None, None]:
    """Make runs on this machine.

    Args:
        wanted: what to run; all with the same isolation.
        processors: how many runs may compute at the same time; `at_once` if None.
        given_up: says whether nobody wants to know any more.

    Raises:
        MachineError: bubblewrap is gone.
    """
    if not wanted:
        return
    processors = processors or default_parallelism()
    isolation = next(iter(wanted.values()))[0].isolation
    with ExitStack() as held:
        folder = held.enter_context(batch_runner.work_folder())
        staged = held.enter_context(stage.stage_runs(wanted, folder, processors, given_up))
        yield from staged.faults.items()
        batch = Batch(folder, processors, staged.homes, staged.runs)
        runs = batch_runner.run_batch(batch, isolation, given_up)
        for seen in held.enter_context(closing(runs)):
            yield seen.id, staged.restored(seen)
