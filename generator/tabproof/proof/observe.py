"""The edge to the sandbox: a batch of runs goes in, observations come out as they are made."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tabproof.errors import MachineError
from tabproof.sandbox import bubblewrap
from tabproof.sandbox.protocol import Batch, Home, Observation, Run

TRIAL_SECONDS = 30


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
    runs: tuple[Run, ...], homes: dict[str, Home], folder: str, processors: int
) -> Iterator[Observation]:
    """Run them all in one worker; yield each observation as it is made.

    A worker that ends before all runs are observed yields `broken` ones for the rest.

    Raises:
        MachineError: bubblewrap is gone.
    """
    program = shutil.which("bwrap")
    if program is None:
        raise MachineError("bwrap is not installed.")
    batch = msgspec.json.encode(Batch(folder, processors, homes, runs))
    worker = [sys.executable, "-m", "tabproof.sandbox.worker", program]
    command = bubblewrap.around_worker(program, folder, worker)
    open_ids = {run.id for run in runs}
    errors = Path(folder) / "worker-errors"
    with (
        errors.open("wb") as stderr,
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": folder},
        ) as process,
    ):
        if process.stdin is None or process.stdout is None:
            raise MachineError("the worker has no pipes.")
        feeder = threading.Thread(target=_feed, args=(process.stdin, batch), daemon=True)
        feeder.start()
        try:
            for line in process.stdout:
                observation = msgspec.json.decode(line, type=Observation)
                open_ids.discard(observation.id)
                yield observation
        finally:
            process.kill()
    words = errors.read_text(errors="replace").strip().rpartition("\n")[2]
    for identity in sorted(open_ids):
        yield Observation(identity, broken=f"the worker ended early: {words or 'no message'}")


def _feed(pipe: object, batch: bytes) -> None:
    if hasattr(pipe, "write") and hasattr(pipe, "close"):
        try:
            pipe.write(batch)
            pipe.close()
        except BrokenPipeError:
            pass  # the worker is gone; its runs are reported as broken
