"""A process is run to its end, with bounds on its time and its output."""

from __future__ import annotations

import contextlib
import functools
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

import msgspec

from tabproof import interruption
from tabproof.sandbox.watch import Watch

LARGEST_OUTPUT_BYTES = 16 << 20
READ_BYTES = 1 << 16
INTERRUPTED = "it was interrupted"
_groups: set[int] = set()


class Ended(msgspec.Struct, frozen=True):
    """How a process ended; `killed` says why it was ended from outside, or is empty."""

    exit_status: int | None
    stdout: bytes
    stderr: bytes
    killed: str = ""


class Setting(msgspec.Struct, frozen=True):
    """Where a command runs that is not in a sandbox.

    Attributes:
        folder: where it starts; this process's own folder if None.
        environment: all that it finds; this process's own environment if None.
        one_stream: whether its stderr goes where its stdout goes.
    """

    folder: Path | None = None
    environment: Mapping[str, str] | None = None
    one_stream: bool = False


HERE = Setting()


def run(
    command: Sequence[str],
    kill_after_seconds: float,
    *,
    whole_group: bool = False,
    watch: Watch | None = None,
    setting: Setting = HERE,
) -> Ended:
    """Run a command with nothing on its stdin.

    Args:
        command: the program and its arguments.
        kill_after_seconds: when it is ended from outside.
        whole_group: give it a process group of its own, of which nothing is left at its end, nor
            after an interruption.
        watch: ends it when it has too many processes or too much memory.
        setting: where it runs.

    Raises:
        OSError: it cannot be started.
    """
    if interruption.came():
        return Ended(None, b"", b"", INTERRUPTED)
    with _started(command, setting, whole_group=whole_group) as process:
        kill = functools.partial(_kill_group, process.pid) if whole_group else process.kill
        pipes = {pipe: bytearray() for pipe in (process.stdout, process.stderr) if pipe}
        if watch:
            watch.add(process.pid, kill)
        killed = _collect(pipes, kill, kill_after_seconds)
        killed = (watch.remove(process.pid) if watch else "") or killed
        exit_status = process.wait()
        if whole_group:
            kill()
    stdout, stderr = (*(bytes(output) for output in pipes.values()), b"")[:2]
    return Ended(None if killed else exit_status, stdout, stderr, killed)


def _started(
    command: Sequence[str], setting: Setting, *, whole_group: bool
) -> subprocess.Popen[bytes]:
    with interruption.held(), interruption.starting if whole_group else contextlib.nullcontext():
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if setting.one_stream else subprocess.PIPE,
            cwd=setting.folder,
            env=setting.environment,
            start_new_session=whole_group,
        )
        if whole_group:
            _groups.add(process.pid)
            if interruption.came():
                _kill_group(process.pid)
        return process


def end_groups() -> None:
    """End every process group that is under way."""
    for group in list(_groups):
        _kill_group(group)


interruption.on_interruption(end_groups)


def _kill_group(group: int) -> None:
    _groups.discard(group)
    # Usually nothing of it is left.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


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
