"""Start processes, and leave none of them behind, however they or this program end.

Each process gets a group of its own, which is ended as a whole. bubblewrap, for one, first clones a
child that waits for it, and that nothing else ends when it is killed at that moment. Should this
program be killed (SIGKILL), a guard ends the groups in its place.
"""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, TypeAlias

import msgspec

from tabproof.system import interruption, terminal
from tabproof.system.output import END_SECONDS, INTERRUPTED, READS_AT_ONCE, ReaderPause, collect
from tabproof.system.resource_limits import ResourceWatch
from tabproof.system.temporary_folders import temporary_folder

Process: TypeAlias = subprocess.Popen[bytes]
PIPE = subprocess.PIPE

POLL_SECONDS = 0.005
STATE, GROUP = 0, 2
"""Fields of /proc/PID/stat after the name, counted from 0 (proc(5): state and pgrp)."""


class ProcessResult(msgspec.Struct, frozen=True):
    """Hold how a process ended.

    Attributes:
        killed: the reason why it was killed, or "".
        read_keys: whether it read what was typed on its terminal, if it had one.
    """

    exit_status: int | None
    stdout: bytes
    stderr: bytes
    killed: str = ""
    read_keys: bool = False


class ProcessSettings(msgspec.Struct, frozen=True):
    """Configure where and how a command runs.

    Attributes:
        folder: where it starts; this process's own folder if None.
        environment: all that it finds; this process's own environment if None.
        merges_stderr: whether its stderr goes where its stdout goes.
        grace_seconds: how long it may take to end by itself after SIGINT, before it is killed.
        pass_fds: file descriptors that it inherits, beside the standard ones.
        own_session: whether it has a session of its own, in which there is no terminal. sudo
            remembers by session and terminal who gave the password.
        bounded_folder: a folder that it may write to, of which `watch` limits the size.
        reader_pause: how slow the reader of its output is.
        on_terminal: whether stdin, stdout and stderr are terminals.
    """

    folder: Path | None = None
    environment: Mapping[str, str] | None = None
    merges_stderr: bool = False
    grace_seconds: float = 0
    pass_fds: tuple[int, ...] = ()
    own_session: bool = True
    bounded_folder: Path | None = None
    reader_pause: ReaderPause = READS_AT_ONCE
    on_terminal: bool = False


DEFAULT_SETTINGS = ProcessSettings()


def run(
    command: Sequence[str],
    kill_after_seconds: float,
    *,
    watch: ResourceWatch | None = None,
    setting: ProcessSettings = DEFAULT_SETTINGS,
) -> ProcessResult:
    """Run a command to its end, with nothing on its stdin and bounds on its time and its output.

    Args:
        command: the program and its arguments.
        kill_after_seconds: when it is ended from outside.
        watch: ends it when it has too many processes or too much memory, or writes too much.
        setting: where and how it runs.

    Raises:
        OSError: it cannot be started.
    """
    if interruption.was_interrupted():
        return ProcessResult(None, b"", b"", INTERRUPTED)
    with _started(command, setting) as (process, outputs, ends):
        pipes = {output: bytearray() for output in outputs}
        kill_it = functools.partial(kill, process)
        if watch:
            watch.add(process.pid, kill_it, setting.bounded_folder)
        killed = collect(
            pipes, kill_it, kill_after_seconds, setting.grace_seconds, setting.reader_pause
        )
        killed = (watch.remove(process.pid) if watch else "") or killed
        if killed:
            kill_it()
        exit_status = process.wait()
        read_keys = ends is not None and ends.was_read()
    stdout, errors = (*(bytes(output) for output in pipes.values()), b"")[:2]
    return ProcessResult(None if killed else exit_status, stdout, errors, killed, read_keys)


@contextmanager
def _started(
    command: Sequence[str], setting: ProcessSettings
) -> Iterator[tuple[Process, list[IO[bytes]], terminal.Terminals | None]]:
    """Start a process with pipes or terminals; yield it, and where its output arrives."""
    if not setting.on_terminal:
        stderr = subprocess.STDOUT if setting.merges_stderr else PIPE
        with running(command, setting, stderr=stderr) as process:
            yield process, [pipe for pipe in (process.stdout, process.stderr) if pipe], None
        return
    with terminal.terminals() as ends:
        out, err = ends.outputs
        with running(command, setting, stdin=ends.stdin, stdout=out, stderr=err) as process:
            for output in ends.outputs:
                output.close()
            yield process, [ends.stdout, ends.stderr], ends


def run_tool(
    command: Sequence[str], kill_after_seconds: float, setting: ProcessSettings = DEFAULT_SETTINGS
) -> ProcessResult:
    """Run a command as `run` does, with a folder of its own for temporary files.

    Compilers leave there what they never remove, and the servers that they start listen there: one
    that ends with its build is not to be found by another build.
    """
    with temporary_folder("tabproof-tool-") as folder, guarded_folder(Path(folder)):
        environment = os.environ if setting.environment is None else setting.environment
        own = msgspec.structs.replace(setting, environment={**environment, "TMPDIR": folder})
        return run(command, kill_after_seconds, setting=own)


def guarded_folder(folder: Path) -> AbstractContextManager[None]:
    """Let the guard remove a temporary folder, if this program is killed while a process runs."""
    return _groups.removing(folder)


@contextmanager
def running(
    command: Sequence[str],
    setting: ProcessSettings = DEFAULT_SETTINGS,
    *,
    stdin: IO[bytes] | int = subprocess.DEVNULL,
    stdout: IO[bytes] | int | None = PIPE,
    stderr: IO[bytes] | int | None = PIPE,
) -> Iterator[Process]:
    """Start a process; at the end of this, it and all of its group are gone.

    Raises:
        OSError: it cannot be started.
    """
    with ExitStack() as stack:
        with interruption.deferred():
            process = start(command, setting, stdin=stdin, stdout=stdout, stderr=stderr)
            stack.enter_context(process)
            stack.callback(end, process)
        yield process


def start(
    command: Sequence[str],
    setting: ProcessSettings = DEFAULT_SETTINGS,
    *,
    stdin: IO[bytes] | int = subprocess.DEVNULL,
    stdout: IO[bytes] | int | None = PIPE,
    stderr: IO[bytes] | int | None = PIPE,
) -> Process:
    """Start a process that the caller lets `end`; prefer `running`.

    Raises:
        OSError: it cannot be started.
    """
    with interruption.starting, _groups.coming():
        process = subprocess.Popen(
            command,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            cwd=setting.folder,
            env=setting.environment,
            start_new_session=setting.own_session,
            process_group=None if setting.own_session else 0,
            pass_fds=setting.pass_fds,
        )
        _groups.add(process.pid, setting.grace_seconds)
        if interruption.was_interrupted():
            _groups.interrupt(process.pid)
    return process


def interrupt(process: Process) -> None:
    """Ask the group of a process to end, as Ctrl-C would; the second time does nothing."""
    _groups.interrupt(process.pid)


def kill(process: Process) -> None:
    """Kill the group of a process; whoever started it still lets it `end`."""
    _signal(process.pid, signal.SIGKILL)


def end(process: Process) -> None:
    """End a process and all of its group, and wait until nothing of it is left.

    Args:
        process: one that `start` returned; it may have ended.
    """
    grace_seconds = _groups.grace_seconds(process.pid)
    with interruption.deferred():
        if grace_seconds and process.poll() is None:
            _groups.interrupt(process.pid)
            with suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=grace_seconds)  # who writes would wait for a reader
        _signal(process.pid, signal.SIGKILL)
        process.wait()
        _wait_for_group(process.pid)
        _groups.remove(process.pid)


class _Groups:
    """Hold the running process groups, and the guard that ends them if this program is killed."""

    def __init__(self) -> None:
        self._grace_seconds: dict[int, float] = {}
        self._interrupted: set[int] = set()
        self._folders: dict[Path, None] = {}
        self._coming: dict[object, None] = {}
        self._lock = threading.Lock()
        self._guard: Process | None = None

    def grace_seconds(self, group: int) -> float:
        return self._grace_seconds.get(group, 0)

    @contextmanager
    def coming(self) -> Iterator[None]:
        """Have the guard before a group begins, so that it hears of it without any delay."""
        coming = object()
        self._coming[coming] = None
        try:
            self._update_guard()
            yield
        finally:
            del self._coming[coming]
            self._update_guard()

    @contextmanager
    def removing(self, folder: Path) -> Iterator[None]:
        """Let the guard also remove a temporary folder, after it has ended the groups."""
        self._folders[folder] = None
        try:
            yield
        finally:
            del self._folders[folder]

    def add(self, group: int, grace_seconds: float) -> None:
        self._grace_seconds[group] = grace_seconds
        self._update_guard()

    def remove(self, group: int) -> None:
        self._grace_seconds.pop(group, None)
        self._interrupted.discard(group)
        self._update_guard()

    def interrupt(self, group: int) -> None:
        """Ask a group to end; one that has no grace is ended."""
        grace_seconds = self._grace_seconds.get(group)
        if grace_seconds is not None and group not in self._interrupted:
            self._interrupted.add(group)
            _signal(group, signal.SIGINT if grace_seconds else signal.SIGKILL)

    def interrupt_all(self) -> None:
        """Interrupt every group; called by the handler of a signal, so it takes no lock."""
        for group in list(self._grace_seconds):
            self.interrupt(group)

    def _update_guard(self) -> None:
        """Tell the guard which groups are running; it ends when there are none."""
        with self._lock, suppress(OSError):  # without a guard, all works but a SIGKILL
            groups = dict(self._grace_seconds)
            needed = bool(groups or self._coming)
            if needed and self._guard is None:
                self._guard = _start_guard()
            guard = self._guard
            if guard is None or guard.stdin is None:
                return
            try:
                if needed:
                    killed = " ".join(str(group) for group, grace in groups.items() if not grace)
                    interrupted = " ".join(str(group) for group, grace in groups.items() if grace)
                    names = " ".join(folder.name for folder in list(self._folders))
                    guard.stdin.write(f"{killed};{interrupted};{names}\n".encode())
                    return
            except OSError:
                pass  # somebody ended it
            self._guard = None
            with suppress(OSError):
                guard.stdin.write(b";;\n")
            guard.stdin.close()
            guard.wait()


GUARD = f"""
trap '' HUP INT TERM
kill= ask= remove=
while IFS=';' read -r kill_next ask_next remove_next; do
  kill=$kill_next ask=$ask_next remove=$remove_next
done
for group in $kill; do kill -s KILL -- "-$group"; done
for group in $ask; do kill -s INT -- "-$group"; done
[ -z "$ask" ] || sleep {END_SECONDS:g}
for group in $ask; do kill -s KILL -- "-$group"; done
for name in $remove; do rm -rf -- "$1/$name"; done
"""
"""Reads lines: the groups to kill, those to interrupt first, and the names of folders to remove,
which are in the folder for temporary files. Without further lines, whoever wrote them is gone, and
the last line holds."""


def _start_guard() -> Process:
    return subprocess.Popen(
        ["/bin/sh", "-c", GUARD, "sh", str(Path(tempfile.gettempdir()).absolute())],
        bufsize=0,
        stdin=PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    )


_groups = _Groups()
interruption.on_interruption(_groups.interrupt_all)


def _signal(group: int, number: int) -> None:
    # Usually nothing of it is left.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _wait_for_group(group: int) -> None:
    """Wait until no process of a killed group can do anything any more."""
    deadline = time.monotonic() + END_SECONDS
    while _is_alive(group) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)


def _is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):  # macOS refuses where zombies alone are left
        return False
    if not os.path.isdir("/proc/self"):  # noqa: PTH112 - as below
        return True
    # The first process of some containers never looks at the orphans that it gets.
    for entry in os.listdir("/proc"):  # noqa: PTH208 - without what a `Path` costs
        if entry.isdigit():
            with suppress(OSError):
                fields = Path("/proc", entry, "stat").read_bytes().rpartition(b")")[2].split()
                if int(fields[GROUP]) == group and fields[STATE] not in b"ZX":
                    return True
    return False
