"""Run a batch inside the outer sandbox: serve the mock API, and run the samples.

The worker reads a `Batch` from stdin and writes an `Observation` per line to stdout.
"""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import cache
from itertools import count
from pathlib import Path
from typing import NamedTuple

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
from tabproof.sandbox.packets import PacketLog
from tabproof.sandbox.protocol import HOME, Batch, Home, Mount, Observation, Run, ServerPlan
from tabproof.system import interruption, processes
from tabproof.system.output import ReaderPause
from tabproof.system.processes import DEFAULT_SETTINGS, ProcessResult, ProcessSettings
from tabproof.system.resource_limits import ResourceWatch, is_excess, refused

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
        changed = {run.programs for run in batch.runs if any(run.programs)}
        tools = {
            programs: run_files.link_programs(self._folder / f"tools-{number}", *programs)
            for number, programs in enumerate(changed)
        }
        self._shared = run_files.SharedFiles(self._bundle, tools)
        self._free = threading.Semaphore(batch.processors)
        self.watch = ResourceWatch(self._most_tasks(), self._folder)
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

    def lacking(self, observation: Observation, begin: float, end: float) -> str:
        """Return what this machine lacked for a run, "" for nothing.

        Args:
            observation: of the run. If it was ended because it took too much, it got enough.
            begin: when it began, in seconds of the monotonic clock.
            end: when it ended.
        """
        if is_excess(observation.killed):
            return ""
        return refused(observation.broken) or self.watch.lacking(begin, end)

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
        if run.server.resolves == "ipv6":
            network.add_ipv6_address()
            addresses[run.server.hosts[0]] = network.IPV6_ADDRESS
        names = self._names(addresses)
        identity = certificate_files.identity_path(self._folder, run.server.certificate, names)
        protocol = run.server.protocol
        without_tls = protocol == "http" or run.server.stall is not None
        context = None if without_tls else self._context(identity, protocol)
        view = run_files.write_run_files(folder, run, addresses, home, self._shared)
        before = writable_folders.list_contents(folder)
        processor = Processor(self._free)
        with (
            MockApi(run.server, addresses, context, processor.release) as api,
            self._packet_log() as log,
        ):
            processor.acquire()
            started_at = time.time()
            try:
                pause = ReaderPause(run.reader_pause_seconds, processor.release)
                setting = ProcessSettings(reader_pause=pause, on_terminal=run.on_terminal)
                result = self._run(view, folder, run.kill_after_seconds, setting)
                ended_at = time.time()
            finally:
                processor.release()
            exchanges, connections = api.exchanges()
            contacts = log.contacts(_names_by_address(addresses, run.server)) if log else ()
        after = writable_folders.list_contents(folder)
        mounted = [mount.target for mount in view.mounts]
        return Observation(
            run.id,
            result.exit_status,
            result.stdout,
            result.stderr,
            started_at,
            ended_at,
            exchanges,
            connections,
            contacts,
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

    def _most_tasks(self) -> int | None:
        """Return how many processes and threads all runs together may have."""
        return process_limit.MAX_PROCESSES

    def _enter_network(self) -> None:
        """Give this thread's next run a network that no other run reaches."""
        network.enter_network()

    def _packet_log(self) -> AbstractContextManager[PacketLog | None]:
        """Return the log of what a run sends in its own network."""
        return PacketLog()

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

        Process 1 of the run is bubblewrap: it gets an empty environment, since a run can read
        /proc/1/environ. The tracer, if any, stays outside of the sandbox: a run cannot change its
        own trace.
        """
        options, command = bubblewrap.around_run(view)
        with bubblewrap.options_file(options, folder) as file:
            own = replace(setting, environment={}, pass_fds=(file.fileno(),))
            return processes.run(
                [*view.tracer, self._program, "--args", str(file.fileno()), *command],
                kill_after_seconds,
                watch=self.watch,
                setting=own,
            )

    def _refusal(self, stderr: bytes) -> str:
        """Return an error of the programs around the sample's command, or ""."""
        return bubblewrap.refusal(stderr)


def _names_by_address(addresses: Mapping[str, str], plan: ServerPlan) -> dict[str, str]:
    """Return address -> host."""
    names = {address: host for host, address in addresses.items()}
    if plan.resolves == "dual-stack":
        # Asked for an IPv4 address, the GNU C library makes one from ::1 in the hosts file.
        names |= dict.fromkeys(("::1", "127.0.0.1"), plan.hosts[0])
    return names


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

    A run during which this machine lacked something is repeated: first without those that have
    ended, of which one may have taken it all, then alone.

    Args:
        worker: makes the runs.
        lanes: lists of runs.
    """
    # Runs that wait for the mock API start first, so that the others use that time.
    ordered = [*sorted(lanes, key=lambda runs: not any(_waits(run) for run in runs))]
    numbers = count()
    for is_last in (False, False, True):
        if not ordered:
            return
        attempt = _Attempt(worker, numbers, is_last=is_last)
        with attempt, ThreadPoolExecutor(1 if is_last else MAX_PARALLEL_RUNS) as pool:
            list(pool.map(attempt.observe, ordered))
        ordered = [*attempt.again.values()]


class _Ended(NamedTuple):
    """Hold a run that has ended, with its lane and its time on the monotonic clock."""

    lane: int
    run: Run
    observation: Observation
    begin: float
    end: float


class _Attempt:
    """Make runs, and write the observations of those for which nothing was lacking.

    An observation is written after the next look at what the machine has left.

    Attributes:
        again: the lanes of runs to repeat.
    """

    def __init__(self, worker: Worker, numbers: Iterator[int], *, is_last: bool) -> None:
        self.again: dict[int, list[Run]] = {}
        self._worker, self._numbers, self._is_last = worker, numbers, is_last
        self._lock = threading.Lock()
        self._ended: list[_Ended] = []
        self._is_over = threading.Event()
        self._writer = threading.Thread(target=self._write_all)

    def __enter__(self) -> None:
        """Write observations from now on."""
        self._writer.start()

    def __exit__(self, *_: object) -> None:
        """Write the rest."""
        self._is_over.set()
        self._writer.join()

    def observe(self, runs: Sequence[Run]) -> None:
        """Make the runs of a lane."""
        for run in runs:
            if interruption.was_interrupted():
                return
            begin = time.monotonic()
            observation = self._worker.observe(next(self._numbers), run)
            with self._lock:
                self._ended.append(_Ended(id(runs), run, observation, begin, time.monotonic()))

    def _write_all(self) -> None:
        while not self._is_over.is_set():
            self._worker.watch.wait_for_look()
            with self._lock:
                self._write(self._worker.watch.looked_at)
        self._worker.watch.wait_for_look()
        with self._lock:
            self._write(time.monotonic())

    def _write(self, looked_at: float) -> None:
        """Write the observations of runs that ended before that time."""
        waiting = []
        for ended in self._ended:
            if ended.end >= looked_at:
                waiting.append(ended)
                continue
            observation = ended.observation
            lacking = self._worker.lacking(observation, ended.begin, ended.end)
            if lacking and not self._is_last:
                self.again.setdefault(ended.lane, []).append(ended.run)
                continue
            line = msgspec.json.encode(msgspec.structs.replace(observation, lacking=lacking))
            sys.stdout.buffer.write(line + b"\n")
            sys.stdout.buffer.flush()
        self._ended = waiting


def _waits(run: Run) -> bool:
    plan = run.server
    return bool(plan.stall) or any(isinstance(action, Wait) for action in plan.actions)


if __name__ == "__main__":
    main()
