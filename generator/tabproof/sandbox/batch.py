"""The edge to the sandbox: a batch of runs goes in, observations come out as they are made."""

from __future__ import annotations

import os
import select
import shutil
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TypeAlias

import msgspec

from tabproof.errors import MachineError
from tabproof.model.isolation import BUBBLEWRAP, REBASED, STAND_IN, Isolation
from tabproof.sandbox import bubblewrap
from tabproof.sandbox.protocol import Batch, Observation
from tabproof.system import processes
from tabproof.system.temporary_folders import temporary_folder

TRIAL_SECONDS = 30
END_SECONDS = 10
READ_BYTES = 1 << 16
LOOK_SECONDS = 0.5
"""How often it is asked whether the observations are still wanted."""

GivenUp: TypeAlias = Callable[[], bool]
"""Says whether nobody wants to know any more."""


def never_given_up() -> bool:
    """Observations are wanted to the end, as where an interruption says that they are not."""
    return False


def missing_sandbox() -> str:
    """Why this machine has no sandbox; "" where it has one."""
    program = shutil.which("bwrap")
    if program is None and not sys.platform.startswith("linux"):
        return "bubblewrap runs on Linux alone"
    if program is None:
        return f"bwrap is not installed (Debian: {bubblewrap.PACKAGE})"
    inner = [program, "--unshare-pid", "--ro-bind", "/", "/", "--proc", "/proc"]
    with work_folder() as folder:
        trial = bubblewrap.around_worker(program, folder, [*inner, "true"])
        try:
            done = processes.run(trial, TRIAL_SECONDS)
        except OSError as error:
            return f"bwrap cannot be started: {error.strerror}"
    if done.killed:
        return f"bwrap does not work here: {done.killed}"
    if done.exit_status == 0:
        return ""
    words = done.stderr.decode(errors="replace").strip().partition("\n")[0]
    return f"bwrap does not work here: {words}"


def work_folder() -> AbstractContextManager[str]:
    """A folder for builds and runs; it goes when it is closed."""
    return temporary_folder("tabproof-")


def observe(
    batch: Batch, isolation: Isolation = BUBBLEWRAP, given_up: GivenUp = never_given_up
) -> Generator[Observation, None, None]:
    """Make all runs of a batch in one worker; yield each observation as it is made.

    A worker that ends before all runs are observed yields `broken` ones for the rest; one that is
    given up does so too.

    Raises:
        MachineError: bubblewrap is gone.
    """
    # The batch comes from a file: a pipe would fill while the worker writes its first answers.
    file, errors = Path(batch.work_folder, "batch.json"), Path(batch.work_folder, "worker-errors")
    file.write_bytes(msgspec.json.encode(batch))
    _certify(batch, isolation)
    open_ids = {run.id for run in batch.runs}
    with _worker(batch.work_folder, isolation, file, errors) as process:
        for line in _lines(process, given_up):
            try:
                observation = msgspec.json.decode(line, type=Observation)
            except msgspec.MsgspecError:
                break  # the worker ended while it wrote, or what it wrote is not to be trusted
            open_ids.discard(observation.id)
            yield observation
    words = errors.read_text(errors="replace").strip().rpartition("\n")[2]
    for identity in sorted(open_ids):
        yield Observation(identity, broken=f"the worker ended early: {words or 'no message'}")


def _certify(batch: Batch, isolation: Isolation) -> None:
    """Write what the mock API of each run shows."""
    servers = [run.server for run in batch.runs]
    wanted = [
        (each.certificate, (STAND_IN,) if isolation == REBASED else each.hosts) for each in servers
    ]
    from tabproof.sandbox import certificates  # noqa: PLC0415 - 117 ms where all is on record

    certificates.process_certificates().write(Path(batch.work_folder), wanted)


def _lines(process: processes.Process, given_up: GivenUp) -> Iterator[bytes]:
    """What a worker writes, line by line, until it ends or is given up."""
    pipe = process.stdout
    parts: list[bytes] = []
    while pipe and not given_up():
        if not select.select([pipe], [], [], LOOK_SECONDS)[0]:
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
    """Start a worker that runs a batch; at the end of this, nothing of it is left.

    It has a session of its own: a Ctrl-C reaches this process alone, and this one ends the worker.
    The first process of a sandbox takes all others with it. A rebased worker is let end its runs,
    which no namespace takes with it.
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": folder}
    grace_seconds = END_SECONDS if isolation == REBASED else 0
    setting = processes.ProcessSettings(environment=environment, grace_seconds=grace_seconds)
    command = _command(folder, isolation)
    with (
        batch.open("rb") as stdin,
        errors.open("wb") as stderr,
        processes.running(command, setting, stdin=stdin, stderr=stderr) as process,
    ):
        yield process


def _command(folder: str, isolation: Isolation) -> list[str]:
    """Return the command of a worker."""
    if isolation == REBASED:
        return [sys.executable, "-m", "tabproof.sandbox.rebased"]
    program = shutil.which("bwrap")
    if program is None:
        raise MachineError("bwrap is not installed.")
    worker = [sys.executable, "-m", "tabproof.sandbox.worker", program]
    return bubblewrap.around_worker(program, folder, worker)
