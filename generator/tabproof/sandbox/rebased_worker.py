"""The worker for machines without a sandbox: the same runs, in folders of their own.

A sample comes here as a copy that calls this machine in the API's place. It gets a clean
environment, a fresh home and a fresh folder for temporary files. Where the sandbox would show a
file at a path, the path that the run is given is that of the file itself.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from tabproof.model.isolation import STAND_IN
from tabproof.sandbox.bubblewrap import BUNDLE, View, base_environment
from tabproof.sandbox.protocol import ELSEWHERE, HOME, PROJECT, Batch, Run
from tabproof.sandbox.worker import Worker, serve
from tabproof.system import interruption, processes
from tabproof.system.processes import ProcessResult

PROCESSES = Path("/proc")
"""What a watch reads; macOS has none."""

IN_FOLDER = 'cd "$0" && exec env -i "$@"'


class RebasedWorker(Worker):
    """Runs a batch of rebased samples."""

    def __init__(self, batch: Batch) -> None:
        """Make the home folders."""
        super().__init__(batch, program="")

    def _addresses(self, hosts: tuple[str, ...]) -> dict[str, str]:
        """The first host is the API's; no other one can be played here."""
        return {hosts[0]: STAND_IN}

    def _names(self, addresses: dict[str, str]) -> tuple[str, ...]:
        return tuple(addresses.values())

    def _run(self, view: View, folder: Path, kill_after_seconds: float) -> ProcessResult:
        (folder / "tmp").mkdir(exist_ok=True)
        moved = dict(_moved(view, folder, self._bundle))
        environment = base_environment() | {"PATH": os.environ.get("PATH", os.defpath)}
        environment |= {"TMPDIR": str(folder / "tmp"), **view.environment}
        words = [f"{name}={value}" for name, value in environment.items() if value is not None]
        line = [local_path(word, moved) for word in (view.folder, *words, *view.command)]
        command = ["/bin/sh", "-c", IN_FOLDER, *line]
        watch = self._watch if PROCESSES.is_dir() else None
        return processes.run(command, kill_after_seconds, watch=watch)

    def _refusal(self, stderr: bytes) -> str:
        """Nothing stands between the worker and the run that could refuse it."""
        del stderr
        return ""


def local_path(word: str, moved: Mapping[str, str]) -> str:
    """A word in which each path of the sandbox is that of the file which would be there."""
    targets = "|".join(re.escape(target) for target in sorted(moved, key=len, reverse=True))
    return re.sub(rf"(?<![\w./-])(?:{targets})(?![\w.-])", lambda match: moved[match[0]], word)


def _moved(view: View, folder: Path, bundle: str) -> Iterator[tuple[str, str]]:
    """Lay files where the run can have them; yield path in the sandbox -> path here."""
    yield BUNDLE, bundle
    for name in (PROJECT, ELSEWHERE):
        place = folder / name.strip("/")
        place.mkdir(exist_ok=True)
        yield name, str(place)
    for mount in (*view.writable, *view.mounts):
        target, source = Path(mount.target), Path(mount.source)
        if target.is_relative_to(PROJECT) or target.is_relative_to(ELSEWHERE):
            place = folder / mount.target.strip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                place.symlink_to(source)
            else:
                # A link would make a sample look for its neighbours where the link leads.
                shutil.copyfile(source, place)
        elif mount.target == HOME or (mount.source != mount.target and source != Path(BUNDLE)):
            yield mount.target, mount.source


def main() -> None:
    """Run the batch on stdin."""
    interruption.install_handlers()
    batch = msgspec.json.decode(sys.stdin.buffer.read(), type=Batch)
    # A copy calls one port: its runs take turns at it.
    lanes: dict[int, list[Run]] = defaultdict(list)
    for run in batch.runs:
        lanes[run.server.port].append(run)
    # No namespace takes the runs with it when this process ends: it ends them.
    with interruption.interruptible(), suppress(KeyboardInterrupt):
        serve(RebasedWorker(batch), lanes.values())


if __name__ == "__main__":
    main()
