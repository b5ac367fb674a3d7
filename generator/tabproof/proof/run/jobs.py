"""Divide a proof into jobs for other machines; any `Executor` distributes them."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import CancelledError, Executor, Future
from pathlib import Path
from queue import Empty, SimpleQueue

import msgspec

from tabproof import __version__
from tabproof.errors import MachineError
from tabproof.model.case import Case
from tabproof.proof.prepare.runnable_sample import RequestedRuns, RunnableSample
from tabproof.proof.run.local import RunOutcome
from tabproof.sandbox.protocol import Observation
from tabproof.toolchains.find import language_digest

MOST_RUNS = 32
"""How many runs a job has at most: the start of its sandbox is cheap beside so many runs, and
there are enough jobs for all machines."""

LOOK_SECONDS = 5.0
"""How often to look whether the machines are still there, while no result arrives."""


class JobPart(msgspec.Struct, frozen=True):
    """Hold one sample, and the cases that it is run in.

    Attributes:
        subject: as this machine has it; results name its toolchain.
        content: the bytes to run.
        language_digest: of the files of its language's folder.
        cases: the run's identity -> the case.
    """

    subject: RunnableSample
    content: bytes
    language_digest: str
    cases: dict[str, Case]


class Job(msgspec.Struct, frozen=True):
    """Hold the runs that one machine does at a time.

    Attributes:
        proof: names the proof that it belongs to.
        version: of Tabproof.
    """

    proof: str
    version: str
    parts: tuple[JobPart, ...]

    @property
    def identities(self) -> tuple[str, ...]:
        """Return the identities of its runs."""
        return tuple(identity for part in self.parts for identity in part.cases)


class JobResult(msgspec.Struct, frozen=True):
    """Hold the outcomes of a job; `refused` says why its machine cannot do it, or is empty."""

    outcomes: tuple[RunOutcome, ...] = ()
    refused: str = ""


class Cluster(msgspec.Struct, frozen=True):
    """Hold the connection to other machines.

    Attributes:
        do: does a job on one of them.
        lost: what a future raises whose job ended each machine that tried it.
        look: raises a MachineError where they are gone.
    """

    executor: Executor
    do: Callable[[Job], JobResult]
    lost: tuple[type[Exception], ...]
    look: Callable[[], object]


def jobs_of(requested: RequestedRuns) -> Iterator[Job]:
    """Yield the jobs of a proof; each run is in one of them.

    Runs that wait come first, and wait together whatever their samples are. The others are grouped
    by sample, so that a sample is built once.
    """
    proof = str(uuid.uuid4())
    groups: dict[str, list[str]] = defaultdict(list)
    whole: dict[str, JobPart] = {}
    for identity, (subject, case) in requested.items():
        groups["" if case.waits else subject.identity].append(identity)
        if subject.identity not in whole:
            whole[subject.identity] = _part(subject)
    for name in sorted(groups, key=bool):
        for start in range(0, len(groups[name]), MOST_RUNS):
            cases: dict[str, dict[str, Case]] = defaultdict(dict)
            for identity in groups[name][start : start + MOST_RUNS]:
                subject, case = requested[identity]
                cases[subject.identity][identity] = case
            parts = (msgspec.structs.replace(whole[name], cases=own) for name, own in cases.items())
            yield Job(proof, __version__, tuple(parts))


def _part(subject: RunnableSample) -> JobPart:
    return JobPart(subject, Path(subject.file).read_bytes(), language_digest(subject.language), {})


def run_remotely(requested: RequestedRuns, cluster: Cluster) -> Generator[RunOutcome, None, None]:
    """Make runs on other machines, and yield the outcome of each.

    Raises:
        MachineError: there are no machines, or one of them is not like this one.
    """
    done: SimpleQueue[Future[JobResult]] = SimpleQueue()
    under_way: dict[Future[JobResult], Job] = {}
    for job in jobs_of(requested):
        try:
            future = cluster.executor.submit(cluster.do, job)
        except Exception:
            cluster.look()
            raise
        under_way[future] = job
        future.add_done_callback(done.put)
    while under_way:
        try:
            future = done.get(timeout=LOOK_SECONDS)
        except Empty:
            cluster.look()
            continue
        yield from _outcomes(under_way.pop(future), future, cluster)


def _outcomes(job: Job, future: Future[JobResult], cluster: Cluster) -> Iterator[RunOutcome]:
    try:
        done = future.result()
    except CancelledError as error:
        cluster.look()
        raise MachineError("someone else took the jobs away from the workers.") from error
    except cluster.lost:
        reason = "every machine that tried it ended in the middle of it"
        yield from ((i, Observation(i, broken=reason)) for i in job.identities)
        return
    except Exception as error:
        raise MachineError(f"the workers cannot do a job: {error!r}.") from error
    if done.refused:
        raise MachineError(f"{done.refused}.")
    yield from done.outcomes
