"""Run a batch inside the outer sandbox: serve the mock API, and run the samples.

The worker reads a `Batch` from stdin and writes an `Observation` per line to stdout.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import cache
from itertools import count
from pathlib import Path

import msgspec
from msgspec.structs import replace

from tabproof.model.case import Wait
from tabproof.sandbox import (
    bubblewrap,
    certificate_files,
    network,
    process_limit,
    run_files,
    writable_folders,
)
from tabproof.sandbox.bubblewrap import View
from tabproof.sandbox.mock_api import MockApi
from tabproof.sandbox.protocol import HOME, Batch, Home, Mount, Observation, Run
from tabproof.system import interruption, processes
from tabproof.system.processes import DEFAULT_SETTINGS, ProcessResult, ProcessSettings, ReaderPause
from tabproof.system.resource_limits import ResourceWatch

MAX_PARALLEL_RUNS = 96
"""How many runs may be active; most of them wait for the mock API's answer."""

HOME_SECONDS = 120


class Processor:
    """Hold a processor while a run computes; release it when the run ends or waits."""

    def __init__(self, free: threading.Semaphore) -> None:
        """Keep the semaphore, without taking a processor."""
        self._free = free
        self._lock = threading.Lock()
        self._is_acquired = False

    def acquire(self) -> None:
        """Wait for a processor."""
        self._free.acquire()
        self._is_acquired = True

    def release(self) -> None:
        """Release the processor; a second call does nothing."""
        with self._lock:
            is_acquired, self._is_acquired = self._is_acquired, False
        if is_acquired:
            self._free.release()


class Worker:
    """Run a batch."""

    def __init__(self, batch: Batch, program: str) -> None:
        """Make the home folders and the folders of programs.

        Args:
            batch: the runs.
            program: the path of bubblewrap.
        """
        self._program = program
        self._folder = Path(batch.work_folder)
        self._bundle = str(certificate_files.bundle_path(self._folder))
        self._context = cache(certificate_files.tls_context)
        hidden = {run.hides for run in batch.runs if run.hides}
        tools = {
            hides: run_files.link_programs(self._folder / f"tools-{number}", hides)
            for number, hides in enumerate(hidden)
        }
        self._shared = run_files.SharedFiles(self._bundle, tools)
        self._free = threading.Semaphore(batch.processors)
        self._watch = ResourceWatch()
        self._homes: dict[str, Path | str] = {}
        for key, home in batch.homes.items():
            self._homes[key] = self._make_home(f"home-{len(self._homes)}", home)

    def observe(self, number: int, run: Run) -> Observation:
        """Run one sample in one case; any error becomes part of the observation."""
        folder = self._folder / f"run-{number}"
        try:
            return self._observe(run, folder)
        except Exception as error:  # noqa: BLE001 - one run's error must not end the others
            return Observation(run.id, broken=f"{type(error).__name__}: {error}")
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _observe(self, run: Run, folder: Path) -> Observation:
        home = self._homes[run.home] if run.home else None
        if isinstance(home, str):
            return Observation(run.id, broken=home)
        folder.mkdir()
        with self._writable_folders(folder):
            return self._observe_in(run, folder, home)

    def _observe_in(self, run: Run, folder: Path, home: Path | None) -> Observation:
        self._enter_network()
        addresses = self._addresses(run.server.hosts)
        names = self._names(addresses)
        identity = certificate_files.identity_path(self._folder, run.server.certificate, names)
        context = self._context(identity)
        view = run_files.write_run_files(folder, run, addresses, home, self._shared)
        before = writable_folders.list_contents(folder)
        processor = Processor(self._free)
        with MockApi(run.server, addresses, context, processor.release) as api:
            processor.acquire()
            started_at = time.time()
            try:
                pause = ReaderPause(run.reader_pause_seconds, processor.release)
                setting = ProcessSettings(reader_pause=pause, on_terminal=run.on_terminal)
                result = self._run(view, folder, run.kill_after_seconds, setting)
            finally:
                processor.release()
            exchanges, connections = api.exchanges()
        after = writable_folders.list_contents(folder)
        mounted = [mount.target for mount in view.mounts]
        return Observation(
            run.id,
            result.exit_status,
            result.stdout,
            result.stderr,
            started_at,
            exchanges,
            connections,
            killed=result.killed,
            trace=_read_trace(folder),
            broken=self._refusal(result.stderr),
            left=writable_folders.left_files(before, after, mounted),
            read_keys=result.read_keys,
        )

    def _make_home(self, name: str, home: Home) -> Path | str:
        """Make a home folder that trusts the authority; return it, or why it cannot be made."""
        folder = self._folder / name
        (folder / "home").mkdir(parents=True)
        (folder / "hosts").touch()
        for command in home.commands:
            view = bubblewrap.View(
                writable=(Mount(str(folder / "home"), HOME),),
                mounts=(
                    *run_files.system_mounts(str(folder / "hosts"), self._bundle),
                    *home.mounts,
                ),
                environment={},
                folder=HOME,
                command=command,
                keeps_home=True,
            )
            result = self._run(view, folder, HOME_SECONDS)
            if result.exit_status != 0:
                reason = result.stderr.decode(errors="replace").strip() or result.killed
                return f"{command[0]} failed: {reason}"
        return folder / "home"

    def _writable_folders(self, folder: Path) -> AbstractContextManager[None]:
        """Make the folders that a run may write to, until the context ends."""
        return writable_folders.in_memory(folder)

    def _enter_network(self) -> None:
        """Give this thread's next run a network that no other run reaches."""
        network.enter_network()

    def _addresses(self, hosts: tuple[str, ...]) -> dict[str, str]:
        """Return the address on which the mock API listens for each host."""
        return {host: network.address(number) for number, host in enumerate(hosts)}

    def _names(self, addresses: dict[str, str]) -> tuple[str, ...]:
        """Return the names that the mock API's certificate is for."""
        return tuple(addresses)

    def _run(
        self,
        view: View,
        folder: Path,
        kill_after_seconds: float,
        setting: ProcessSettings = DEFAULT_SETTINGS,
    ) -> ProcessResult:
        """Run a command that sees only this view.

        Process 1 of the run is bubblewrap: it gets an empty environment, and its options from a
        file, since a run can read /proc/1/environ and /proc/1/cmdline. The tracer, if any, stays
        outside of the sandbox: a run cannot change its own trace.
        """
        options, command = bubblewrap.around_run(view)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"".join(os.fsencode(option) + b"\0" for option in options))
            file.seek(0)
            own = replace(setting, environment={}, pass_fds=(file.fileno(),))
            return processes.run(
                [*view.tracer, self._program, "--args", str(file.fileno()), *command],
                kill_after_seconds,
                watch=self._watch,
                setting=own,
            )

    def _refusal(self, stderr: bytes) -> str:
        """Return an error of the programs around the sample's command, or ""."""
        first_line = stderr.decode(errors="replace").partition("\n")[0]
        return first_line if first_line.startswith(("bwrap: ", "prlimit: ")) else ""


def _read_trace(folder: Path) -> str:
    trace = folder / "trace"
    return trace.read_text(errors="replace") if trace.exists() else ""


def main() -> None:
    """Run the batch on stdin; the argument is bubblewrap's path."""
    batch = msgspec.json.decode(sys.stdin.buffer.read(), type=Batch)
    bubblewrap.copy_settings()
    process_limit.limit_processes(process_limit.MAX_PROCESSES)
    serve(Worker(batch, sys.argv[1]), [[run] for run in batch.runs])


def serve(worker: Worker, lanes: Iterable[Sequence[Run]]) -> None:
    """Run the lanes in parallel, and the runs of a lane in order; write the observations.

    Args:
        worker: makes the runs.
        lanes: lists of runs.
    """
    output_lock, numbers = threading.Lock(), count()

    def observe(runs: Sequence[Run]) -> None:
        for run in runs:
            if interruption.was_interrupted():
                return
            line = msgspec.json.encode(worker.observe(next(numbers), run))
            with output_lock:
                sys.stdout.buffer.write(line + b"\n")
                sys.stdout.buffer.flush()

    # Runs that wait for the mock API start first, so that the others use that time.
    ordered = sorted(lanes, key=lambda runs: not any(_waits(run) for run in runs))
    with ThreadPoolExecutor(MAX_PARALLEL_RUNS) as pool:
        list(pool.map(observe, ordered))


def _waits(run: Run) -> bool:
    return any(isinstance(action, Wait) for action in run.server.actions)


if __name__ == "__main__":
    main()
