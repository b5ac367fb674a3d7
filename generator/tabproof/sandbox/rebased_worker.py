"""Run a batch on machines without a sandbox: the same runs, in folders of their own.

Each sample is a copy that calls this machine instead of the API. It gets a clean environment, a
fresh home folder and a fresh folder for temporary files. Where the sandbox would show a file at a
path, the run gets the path of the file itself.
"""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import signal
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path

import msgspec

from tabproof.model.isolation import STAND_IN
from tabproof.sandbox.bubblewrap import BUNDLE, View, base_environment
from tabproof.sandbox.protocol import ELSEWHERE, HOME, PROJECT, Batch, Run
from tabproof.sandbox.worker import Worker, serve
from tabproof.sandbox.writable_folders import FOLDERS
from tabproof.system import interruption, processes
from tabproof.system.processes import DEFAULT_SETTINGS, ProcessResult, ProcessSettings
from tabproof.system.resource_limits import read_processes

PROCESSES = Path("/proc")
"""The folder that `read_processes` reads; macOS does not have it."""

PR_SET_CHILD_SUBREAPER = 36
"""A constant of prctl.h (prctl(2))."""

IN_FOLDER = 'cd "$0" && exec env -i "$@"'


class RebasedWorker(Worker):
    """Run a batch of rebased samples."""

    def __init__(self, batch: Batch) -> None:
        """Make the home folders."""
        super().__init__(batch, program="")

    @contextmanager
    def _writable_folders(self, folder: Path) -> Iterator[None]:
        """Make the folders; nothing limits their size here."""
        for name in FOLDERS:
            (folder / name).mkdir()
        yield

    def _most_tasks(self) -> int | None:
        """Return None: other programs of this machine count too."""
        return None

    def _enter_network(self) -> None:
        """Stay in the network of this machine, which has no namespaces."""

    def _packet_log(self) -> AbstractContextManager[None]:
        """Return nothing: the network is that of the whole machine."""
        return nullcontext()

    def _addresses(self, hosts: tuple[str, ...]) -> dict[str, str]:
        """Return the address of the first host, the API; no other host can be played here."""
        return {hosts[0]: STAND_IN}

    def _names(self, addresses: dict[str, str]) -> tuple[str, ...]:
        return tuple(addresses.values())

    def _run(
        self,
        view: View,
        folder: Path,
        kill_after_seconds: float,
        setting: ProcessSettings = DEFAULT_SETTINGS,
    ) -> ProcessResult:
        paths = dict(_lay_files(view, folder, self._bundle))
        environment = base_environment() | {"PATH": os.environ.get("PATH", os.defpath)}
        environment |= {"TMPDIR": str(folder / "tmp"), **view.environment}
        variables = [f"{name}={value}" for name, value in environment.items() if value is not None]
        arguments = [
            replace_paths(argument, paths)
            for argument in (view.folder, *variables, *view.tracer, *view.command)
        ]
        command = ["/bin/sh", "-c", IN_FOLDER, *arguments]
        watch = self.watch if PROCESSES.is_dir() else None
        return processes.run(command, kill_after_seconds, watch=watch, setting=setting)

    def _refusal(self, stderr: bytes) -> str:
        """Return "": no program between the worker and the run could refuse it."""
        del stderr
        return ""


def replace_paths(argument: str, paths: Mapping[str, str]) -> str:
    """Replace each path of the sandbox in an argument with the path on this machine.

    Args:
        argument: an argument of a command.
        paths: path in the sandbox -> path on this machine.
    """
    targets = "|".join(re.escape(target) for target in sorted(paths, key=len, reverse=True))
    pattern = rf"(?<![\w./-])(?:{targets})(?![\w.-])"
    return re.sub(pattern, lambda match: paths[match[0]], argument)


def _lay_files(view: View, folder: Path, bundle: str) -> Iterator[tuple[str, str]]:
    """Put files where the run can use them; yield path in the sandbox -> path on this machine."""
    yield BUNDLE, bundle
    for name in (PROJECT, ELSEWHERE):
        place = folder / name.strip("/")
        place.mkdir(exist_ok=True)
        yield name, str(place)
    homes = (mount for mount in view.writable if mount.target == HOME)
    for mount in (*homes, *view.mounts):
        target, source = Path(mount.target), Path(mount.source)
        if target.is_relative_to(PROJECT) or target.is_relative_to(ELSEWHERE):
            place = folder / mount.target.strip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                place.symlink_to(source)
            else:
                # Through a link, a sample would look for files beside it at the link's target.
                shutil.copyfile(source, place)
        elif mount.target == HOME or (mount.source != mount.target and source != Path(BUNDLE)):
            yield mount.target, mount.source


def adopt_orphans() -> None:
    """Become the parent of every process that a run leaves behind, in whatever session (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_children() -> None:
    """End all children of this process, and what they leave behind in turn."""
    while PROCESSES.is_dir() and (children := read_processes()[0].get(os.getpid())):
        for child in children:
            with suppress(OSError):  # it has ended
                os.kill(child, signal.SIGKILL)
        for child in children:
            with suppress(OSError):
                os.waitpid(child, 0)


def main() -> None:
    """Run the batch on stdin."""
    interruption.install_handlers()
    batch = msgspec.json.decode(sys.stdin.buffer.read(), type=Batch)
    # A copy calls one port, so its runs must run one after the other.
    lanes: dict[int, list[Run]] = defaultdict(list)
    for run in batch.runs:
        lanes[run.server.port].append(run)
    # No namespace ends the runs when this process ends: it must end them itself.
    adopt_orphans()
    try:
        with interruption.interruptible(), suppress(KeyboardInterrupt):
            serve(RebasedWorker(batch), lanes.values())
    finally:
        end_children()


if __name__ == "__main__":
    main()
