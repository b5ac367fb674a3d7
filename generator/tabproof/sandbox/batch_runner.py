"""Run a batch in a worker process, and yield its observations as they are made."""

from __future__ import annotations

import os
import select
import shutil
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import msgspec

from tabproof.errors import MachineError
from tabproof.model.isolation import BUBBLEWRAP, REBASED, STAND_IN, Isolation
from tabproof.sandbox import bubblewrap
from tabproof.sandbox.protocol import Batch, Observation
from tabproof.system import processes
from tabproof.system.temporary_folders import temporary_folder

GRACE_SECONDS = 10
READ_BYTES = 1 << 16
POLL_SECONDS = 0.5
"""How often `is_cancelled` is called."""

IsCancelled: TypeAlias = Callable[[], bool]
"""Returns whether the observations are no longer needed."""


def never_cancelled() -> bool:
    """Return False: only an interruption ends the batch early."""
    return False


@contextmanager
def work_folder() -> Iterator[str]:
    """Make a folder for builds and runs; it is removed at the end, even if that is a SIGKILL."""
    with temporary_folder("tabproof-") as folder, processes.guarded_folder(Path(folder)):
        yield folder


def run_batch(
    batch: Batch, isolation: Isolation = BUBBLEWRAP, is_cancelled: IsCancelled = never_cancelled
) -> Generator[Observation, None, None]:
    """Run a batch in one worker; yield each observation as it is made.

    Where the worker ends early or the batch is cancelled, the runs that remain yield `broken`
    observations.

    Args:
        batch: the runs.
        isolation: how they are isolated from this machine.
        is_cancelled: returns whether the observations are no longer needed.

    Raises:
        MachineError: bubblewrap is not installed.
    """
    # The batch comes from a file: a pipe would fill while the worker writes its first answers.
    file, errors = Path(batch.work_folder, "batch.json"), Path(batch.work_folder, "worker-errors")
    file.write_bytes(msgspec.json.encode(batch))
    _write_certificates(batch, isolation)
    open_ids = {run.id for run in batch.runs}
    with _worker(batch.work_folder, isolation, file, errors) as process:
        for line in _lines(process, is_cancelled):
            try:
                observation = msgspec.json.decode(line, type=Observation)
            except msgspec.MsgspecError:
                break  # the worker ended while it wrote, or its output cannot be trusted
            open_ids.discard(observation.id)
            yield observation
    last_line = errors.read_text(errors="replace").strip().rpartition("\n")[2]
    for run_id in sorted(open_ids):
        yield Observation(run_id, broken=f"the worker ended early: {last_line or 'no message'}")


def _write_certificates(batch: Batch, isolation: Isolation) -> None:
    """Write the certificate of each run's mock API, and the authority that samples trust."""
    servers = [run.server for run in batch.runs]
    identities = [
        (server.certificate, (STAND_IN,) if isolation == REBASED else server.hosts)
        for server in servers
    ]
    from tabproof.sandbox import certificates  # noqa: PLC0415 - 117 ms where all is on record

    certificates.process_certificates().write(Path(batch.work_folder), identities)


def _lines(process: processes.Process, is_cancelled: IsCancelled) -> Iterator[bytes]:
    """Yield a worker's output line by line, until it ends or is cancelled."""
    pipe = process.stdout
    parts: list[bytes] = []
    while pipe and not is_cancelled():
        if not select.select([pipe], [], [], POLL_SECONDS)[0]:
            continue
        chunk = os.read(pipe.fileno(), READ_BYTES)
        if not chunk:
            return
        first, *lines = chunk.split(b"\n")
        parts.append(first)
        for line in lines:
            yield b"".join(parts)
            parts = [line]


@contextmanager
def _worker(
    folder: str, isolation: Isolation, batch: Path, errors: Path
) -> Iterator[processes.Process]:
    """Start a worker that runs a batch; end it and all of its processes at the end of the context.

    The worker has a session of its own: Ctrl-C reaches only this process, which ends the worker.
    The first process of a sandbox takes all others with it. No namespace does that for a rebased
    worker: it gets time to end its runs.
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": folder}
    grace_seconds = GRACE_SECONDS if isolation == REBASED else 0
    setting = processes.ProcessSettings(environment=environment, grace_seconds=grace_seconds)
    command = _command(folder, isolation)
    with (
        batch.open("rb") as stdin,
        errors.open("wb") as stderr,
        processes.running(command, setting, stdin=stdin, stderr=stderr) as process,
    ):
        yield process


def _command(folder: str, isolation: Isolation) -> list[str]:
    """Return the command that starts a worker."""
    if isolation == REBASED:
        return [sys.executable, "-m", "tabproof.sandbox.rebased_worker"]
    program = shutil.which("bwrap")
    if program is None:
        raise MachineError("bwrap is not installed.")
    worker = [sys.executable, "-m", "tabproof.sandbox.worker", program]
    return bubblewrap.around_worker(program, [folder], worker)
