"""A process is run to its end, with bounds on its time and its output."""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import IO

import msgspec

LARGEST_OUTPUT_BYTES = 16 << 20
READ_BYTES = 1 << 16


class Ended(msgspec.Struct, frozen=True):
    """How a process ended; `killed` says why it was ended from outside, or is empty."""

    exit_status: int | None
    stdout: bytes
    stderr: bytes
    killed: str = ""


def run(command: Sequence[str], kill_after_seconds: float) -> Ended:
    """Run a command with nothing on its stdin.

    Raises:
        OSError: it cannot be started.
    """
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        if process.stdout is None or process.stderr is None:
            raise OSError("no pipes")
        pipes = {process.stdout: bytearray(), process.stderr: bytearray()}
        killed = _collect(pipes, process.kill, kill_after_seconds)
        exit_status = process.wait()
        stdout, stderr = (bytes(output) for output in pipes.values())
    return Ended(None if killed else exit_status, stdout, stderr, killed)


def _collect(
    pipes: dict[IO[bytes], bytearray], kill: Callable[[], None], kill_after_seconds: float
) -> str:
    deadline = time.monotonic() + kill_after_seconds
    killed = ""
    with selectors.DefaultSelector() as selector:
        for pipe in pipes:
            selector.register(pipe, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(deadline - time.monotonic() if not killed else None)
            for key, _events in ready:
                chunk = os.read(key.fd, READ_BYTES)
                if not chunk:
                    selector.unregister(key.fileobj)
                elif len(pipes[key.fileobj]) < LARGEST_OUTPUT_BYTES:  # type: ignore[index]
                    pipes[key.fileobj] += chunk  # type: ignore[index]
                elif not killed:
                    killed = f"it wrote more than {LARGEST_OUTPUT_BYTES >> 20} MiB"
                    kill()
            if not killed and time.monotonic() >= deadline:
                killed = f"it still ran after {kill_after_seconds:g} s"
                kill()
    return killed
