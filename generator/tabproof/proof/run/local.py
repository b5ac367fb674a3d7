"""Make runs on this machine, and yield the outcome of each as it ends."""

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
"""A run's identity, and its observation or why it cannot be made."""

Runner: TypeAlias = Callable[[RequestedRuns], Generator[RunOutcome, None, None]]
"""Makes runs; closing the generator ends those under way."""


def default_parallelism() -> int:
    """Return how many runs compute at the same time where no option says so.

    One more than there are processors: a run also waits, for its sandbox and for the mock API.
    """
    return (os.cpu_count() or 1) + 1


def run_locally(
    requested: RequestedRuns, processors: int | None = None, given_up: IsCancelled = never_cancelled
) -> Generator[RunOutcome, None, None]:
    """Make runs on this machine.

    Args:
        requested: what to run; all with the same isolation.
        processors: how many runs may compute at the same time; `default_parallelism()` if None.
        given_up: returns whether the runs are cancelled.

    Raises:
        MachineError: bubblewrap is gone.
    """
    if not requested:
        return
    processors = processors or default_parallelism()
    isolation = next(iter(requested.values()))[0].isolation
    with ExitStack() as stack:
        folder = stack.enter_context(batch_runner.work_folder())
        staged = stack.enter_context(stage.stage_runs(requested, folder, processors, given_up))
        yield from staged.faults.items()
        batch = Batch(folder, processors, staged.homes, staged.runs)
        runs = batch_runner.run_batch(batch, isolation, given_up)
        for observation in stack.enter_context(closing(runs)):
            yield observation.id, staged.restored(observation)
