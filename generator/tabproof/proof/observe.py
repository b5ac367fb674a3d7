"""The edge to the sandbox: a batch of runs goes in, observations come out as they are made."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

import msgspec

from tabproof.errors import MachineError
from tabproof.isolation import BUBBLEWRAP, REBASED, Isolation
from tabproof.sandbox import bubblewrap
from tabproof.sandbox.protocol import Batch, Home, Observation, Run

TRIAL_SECONDS = 30
END_SECONDS = 1


def lacking() -> str:
    """Why this machine has no sandbox; "" where it has one."""
    program = shutil.which("bwrap")
    if program is None:
        return f"bwrap is not installed (Debian: {bubblewrap.PACKAGE})"
    inner = [program, "--unshare-pid", "--ro-bind", "/", "/", "--proc", "/proc"]
    with tempfile.TemporaryDirectory(prefix="tabproof-") as folder:
        trial = bubblewrap.around_worker(program, folder, [*inner, "true"])
        try:
            done = subprocess.run(trial, capture_output=True, check=False, timeout=TRIAL_SECONDS)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"bwrap does not work here: {error}"
    if done.returncode == 0:
        return ""
    words = done.stderr.decode(errors="replace").strip().partition("\n")[0]
    return f"bwrap does not work here: {words}"


def work_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder for builds and runs; it goes when it is closed."""
    return tempfile.TemporaryDirectory(prefix="tabproof-", ignore_cleanup_errors=True)


def observe(
    runs: tuple[Run, ...],
    homes: dict[str, Home],
    folder: str,
    processors: int,
    isolation: Isolation = BUBBLEWRAP,
) -> Generator[Observation, None, None]:
    """Run them all in one worker; yield each observation as it is made.

    A worker that ends before all runs are observed yields `broken` ones for the rest.

    Raises:
        MachineError: bubblewrap is gone.
    """
    command = _worker(folder, isolation)
    # The batch comes from a file: a pipe would fill while the worker writes its first answers.
    batch = Path(folder) / "batch.json"
    batch.write_bytes(msgspec.json.encode(Batch(folder, processors, homes, runs)))
    open_ids = {run.id for run in runs}
    errors = Path(folder) / "worker-errors"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": folder}
    with (
        batch.open("rb") as stdin,
        errors.open("wb") as stderr,
        subprocess.Popen(
            command, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr, env=environment
        ) as process,
    ):
        try:
            for line in process.stdout or ():
                if not line.endswith(b"\n"):
                    break  # the worker ended while it wrote
                observation = msgspec.json.decode(line, type=Observation)
                open_ids.discard(observation.id)
                yield observation
        finally:
            _end(process)
    words = errors.read_text(errors="replace").strip().rpartition("\n")[2]
    for identity in sorted(open_ids):
        yield Observation(identity, broken=f"the worker ended early: {words or 'no message'}")


def _worker(folder: str, isolation: Isolation) -> list[str]:
    if isolation == REBASED:
        return [sys.executable, "-m", "tabproof.sandbox.rebased"]
    program = shutil.which("bwrap")
    if program is None:
        raise MachineError("bwrap is not installed.")
    worker = [sys.executable, "-m", "tabproof.sandbox.worker", program]
    return bubblewrap.around_worker(program, folder, worker)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the worker; a rebased one is let end its runs, which no namespace takes with it."""
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
