"""Run compilers, parsers and linters on samples: in a sandbox, where this machine has one.

Some of them execute what a file says, as MSBuild does with the `#:property` lines of C#. Of the
others, nobody promises that they do not.
"""

from __future__ import annotations

import errno
import os
import shutil
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import msgspec

from tabproof.model.isolation import REBASED, Isolation
from tabproof.sandbox import bubblewrap
from tabproof.sandbox.bubblewrap import View
from tabproof.sandbox.protocol import HOME, Mount
from tabproof.system import processes
from tabproof.system.processes import ProcessResult
from tabproof.system.resource_limits import ResourceWatch, is_excess, refused
from tabproof.system.temporary_folders import temporary_folder

NOT_STARTED = (126, 127)
"""The exit statuses of a shell, env(1) or prlimit(1) that cannot start a program (POSIX).

A shim does not find what it stands for in the sandbox: it is in this user's home folder.
"""


ATTEMPTS = 3


class MachineShortageError(Exception):
    """Says what this machine was short of, so that a tool's failure says nothing of its input."""


class Tool(msgspec.Struct, frozen=True):
    """Describe one run of a compiler, a parser or a linter.

    Attributes:
        command: the program and its arguments.
        folder: its working directory.
        writable: folders that it may write to; the first one is for what it makes.
        readable: files and folders that it sees beside the system.
        hidden: folders of the system in which it sees nothing else.
        programs: paths of programs that it finds on its PATH.
        environment: further environment variables.
        merges_stderr: whether its stderr goes where its stdout goes.
    """

    command: Sequence[str]
    folder: str
    writable: tuple[str, ...]
    readable: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    environment: Mapping[str, str] = {}
    merges_stderr: bool = False


def run_tool(tool: Tool, isolation: Isolation, kill_after_seconds: float) -> ProcessResult:
    """Run a tool to its end, again where it fails while this machine is short of something.

    Args:
        tool: what it may see and change. It has no network, and nothing of this process's
            environment.
        isolation: how it is kept apart from this machine. `rebased` is not at all: it sees all that
            this user can see.
        kill_after_seconds: when it is ended from outside.

    Raises:
        OSError: it cannot be started, or its sandbox cannot be made.
        MachineShortageError: this machine was short of something each time, at last with no other
            tool beside it. In the isolation `rebased`, nobody looks.
    """
    lacking = ""
    for attempt in range(ATTEMPTS):
        with _turns.turn(is_alone=attempt > 0):
            begin = time.monotonic()
            try:
                done = _run(tool, isolation, kill_after_seconds)
            except OSError as error:
                if not (lacking := refused(error.strerror or "")):
                    raise
                continue
            if isolation == REBASED or done.exit_status == 0 or is_excess(done.killed):
                return done
            _watch().wait_for_look()
            if not (lacking := _watch().lacking(begin, time.monotonic())):
                return done
    raise MachineShortageError(lacking)


def _run(tool: Tool, isolation: Isolation, kill_after_seconds: float) -> ProcessResult:
    with temporary_folder("tabproof-tool-") as own, processes.guarded_folder(Path(own)):
        if isolation == REBASED:
            return _run_outside(tool, own, kill_after_seconds)
        _existing(tool.command[0])
        view = View(
            writable=(Mount(str(Path(own).resolve()), HOME), *_in_place(tool.writable)),
            mounts=_in_place(tool.readable),
            environment={"PATH": _search_path(tool.programs), **tool.environment},
            folder=tool.folder,
            command=tuple(tool.command),
            hidden=tool.hidden,
        )
        with bubblewrap.options_file(bubblewrap.tool_options(view)) as file:
            done = processes.run(
                bubblewrap.around_tool(_existing("bwrap"), view, file.fileno()),
                kill_after_seconds,
                watch=_watch(),
                setting=processes.ProcessSettings(
                    environment={},
                    pass_fds=(file.fileno(),),
                    merges_stderr=tool.merges_stderr,
                    bounded_folder=Path(tool.writable[0]),
                ),
            )
    if reason := bubblewrap.refusal(done.stderr or done.stdout):
        raise OSError(0, reason)
    return done


def _run_outside(tool: Tool, folder: str, kill_after_seconds: float) -> ProcessResult:
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": folder,
        "LANG": "C.UTF-8",
        "TMPDIR": folder,
        **tool.environment,
    }
    setting = processes.ProcessSettings(
        folder=Path(tool.folder), environment=environment, merges_stderr=tool.merges_stderr
    )
    return processes.run(tool.command, kill_after_seconds, setting=setting)


def _in_place(paths: Iterable[str]) -> tuple[Mount, ...]:
    """Return mounts of files and folders at their own paths, where links lead nowhere."""
    existing = (Path(path) for path in dict.fromkeys(paths) if Path(path).exists())
    return tuple(Mount(str(path.resolve()), str(path)) for path in existing)


def _search_path(programs: Iterable[str]) -> str:
    folders = [str(Path(program).parent) for program in programs]
    return os.pathsep.join(dict.fromkeys([*folders, bubblewrap.PATH]))


def _existing(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), program)
    return path


class _Turns:
    """Let tools run side by side, or one alone."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running = self._alone = 0

    @contextmanager
    def turn(self, *, is_alone: bool) -> Iterator[None]:
        """Wait for a turn, and keep it."""
        with self._changed:
            # Who waits to be alone goes first, or there would always be another one.
            self._alone += is_alone
            self._changed.wait_for(lambda: not (self._running if is_alone else self._alone))
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._alone -= is_alone
                self._changed.notify_all()


_turns = _Turns()


@cache
def _watch() -> ResourceWatch:
    """Return the watch over all tools."""
    return ResourceWatch()
