"""Run a proof on other machines with Dask: a scheduler gives its jobs to the workers.

It needs the extra `dask`.
"""

from __future__ import annotations

import logging
import threading
import time
import warnings
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import dask
from distributed import Client, KilledWorker, get_worker

from tabproof.errors import InputError, MachineError
from tabproof.proof.prepare.runnable_sample import RequestedRuns
from tabproof.proof.run import jobs, remote_worker
from tabproof.proof.run.jobs import Cluster, Job, JobResult
from tabproof.proof.run.local import Runner, RunOutcome

CONNECT_SECONDS = 10
TICK_SECONDS = 0.1
WORKERLESS_SECONDS = 60
"""How long there may be no worker: one that ended may be restarted."""

SAME = ("tabproof", "dask", "distributed")
"""Packages whose versions must be the same everywhere."""


def cluster_runner(address: str) -> Runner:
    """Return a runner that uses the workers of a scheduler.

    Args:
        address: the scheduler's; "" for the one in Dask's own configuration.

    Raises:
        InputError: no scheduler is named, or not in a way that Dask knows.
    """
    place = address or dask.config.get("scheduler-address", None)
    if not place:
        raise InputError(
            "--executor dask: no scheduler is named; write dask:HOST:PORT, or set "
            "DASK_SCHEDULER_ADDRESS."
        )

    def run(requested: RequestedRuns) -> Generator[RunOutcome, None, None]:
        if requested:
            with _connected(place) as machines:
                yield from jobs.run_remotely(requested, machines)

    return run


@contextmanager
def _connected(address: str) -> Iterator[Cluster]:
    """Connect to the workers of a scheduler; at the end, no job of this proof is left with them.

    Raises:
        InputError: Dask knows no such protocol.
        MachineError: nothing answers there, no worker is there, or versions differ.
    """
    with _silent():
        try:
            client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except ValueError as error:
            raise InputError(f"--executor dask:{address}: {error}.") from error
        except OSError as error:
            raise MachineError(f"no Dask scheduler answers at {address}.") from error
        executor = client.get_executor(pure=False)
        try:
            look = _look(client, address)
            while not look():
                time.sleep(TICK_SECONDS)
            refuse_other_versions(_versions(client, address))
            yield Cluster(executor, _do, (KilledWorker,), look)
        finally:
            # A scheduler that is gone does not answer.
            with suppress(Exception):
                if client.status == "running":
                    executor.shutdown(wait=False)
            client.close(timeout=CONNECT_SECONDS)


@contextmanager
def _silent() -> Iterator[None]:
    """Suppress Dask's own messages: the user gets one line instead."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _look(client: Client, address: str) -> Callable[[], bool]:
    """Return a function that returns whether there is a worker.

    It raises a MachineError where there was none for `WORKERLESS_SECONDS`, or where the scheduler
    is gone.
    """
    last = time.monotonic()

    def look() -> bool:
        nonlocal last
        try:
            workers = client.nthreads() if client.status == "running" else None
        except OSError:
            workers = None
        if workers is None:
            raise MachineError(f"the Dask scheduler at {address} is gone.")
        if workers:
            last = time.monotonic()
        elif time.monotonic() - last > WORKERLESS_SECONDS:
            raise MachineError(f"the Dask scheduler at {address} has no workers.")
        return bool(workers)

    return look


def _versions(client: Client, address: str) -> Any:
    try:
        return client.get_versions(packages=["tabproof"])
    except OSError as error:
        raise MachineError(f"the Dask scheduler at {address} is gone.") from error


def refuse_other_versions(versions: Mapping[str, Any]) -> None:
    """Refuse a machine with other versions than this one's."""
    own = versions["client"]["packages"]
    others = {"the scheduler": versions["scheduler"], **versions["workers"]}
    for place, machine in others.items():
        for name in SAME:
            other = machine["packages"].get(name)
            if other != own[name]:
                difference = f"{place} has {name} {other}, this machine {name} {own[name]}"
                raise MachineError(f"{difference}; they must be the same.")


def _do(job: Job) -> JobResult:
    """Run a job on a worker, until the scheduler cancels it."""
    worker = get_worker()
    key = worker.get_current_task()
    over = threading.Event()

    def given_up() -> bool:
        # Dask cannot end a thread: a task that is cancelled has to see it for itself.
        task = worker.state.tasks.get(key)
        if task is None or task.state == "cancelled":
            over.set()
        return over.is_set()

    done = remote_worker.run_job(job, given_up)
    return JobResult(refused=f"worker {worker.address}: {done.refused}") if done.refused else done
