"""The process inside the outer sandbox: it serves the mock API and runs the samples.

It reads a `Batch` from stdin and writes an `Observation` per line to stdout.
"""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import msgspec

from tabproof.sandbox import bubblewrap, network, processes
from tabproof.sandbox.certificates import Certificates
from tabproof.sandbox.mock_api import MockApi
from tabproof.sandbox.protocol import Batch, Home, Mount, Observation, Run, WaitPlan

MOST_AT_ONCE = 96
"""How many runs may be under way; most of them wait for the mock API to let them go."""

HOME_SECONDS = 120


class Processor:
    """A share of the machine: taken when a run starts, given back when it ends or waits."""

    def __init__(self, free: threading.Semaphore) -> None:
        """Keep the semaphore; nothing is taken yet."""
        self._free = free
        self._lock = threading.Lock()
        self._taken = False

    def take(self) -> None:
        """Wait for a share."""
        self._free.acquire()
        self._taken = True

    def give_back(self) -> None:
        """Give the share back; a second time does nothing."""
        with self._lock:
            taken, self._taken = self._taken, False
        if taken:
            self._free.release()


class Worker:
    """Runs a batch."""

    def __init__(self, batch: Batch, program: str) -> None:
        """Make the certificates and the home folders.

        Args:
            batch: what to run.
            program: the path of bubblewrap.
        """
        self._program = program
        self._folder = Path(batch.work_folder)
        self._bundle = str(self._folder / "authority.pem")
        self._certificates = Certificates()
        self._certificates.write_bundle(Path(self._bundle))
        self._free = threading.Semaphore(batch.processors)
        self._numbers = count()
        self._homes: dict[str, Path | str] = {}
        for key, home in batch.homes.items():
            self._homes[key] = self._make_home(f"home-{len(self._homes)}", home)

    def observe(self, number: int, run: Run) -> Observation:
        """Run one sample in one case; whatever goes wrong becomes part of the observation."""
        folder = self._folder / f"run-{number}"
        try:
            return self._observe(run, folder)
        except Exception as error:  # noqa: BLE001 - one run's fault must not end the others
            return Observation(run.id, broken=f"{type(error).__name__}: {error}")
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _observe(self, run: Run, folder: Path) -> Observation:
        template = self._homes[run.home] if run.home else None
        if isinstance(template, str):
            return Observation(run.id, broken=template)
        folder.mkdir()
        if isinstance(template, Path):
            shutil.copytree(template, folder / "home", symlinks=True)
        else:
            (folder / "home").mkdir()
        hosts = run.server.hosts
        addresses = {host: network.address(next(self._numbers)) for host in hosts}
        context = self._certificates.context(run.server.certificate, hosts)
        processor = Processor(self._free)
        with MockApi(run.server, addresses, context, processor.give_back) as api:
            processor.take()
            started_at = time.time()
            try:
                ended = processes.run(
                    self._command(folder, addresses, run.mounts, run.environment, run.command),
                    run.kill_after_seconds,
                )
            finally:
                processor.give_back()
            exchanges, connections = api.seen()
        return Observation(
            run.id,
            ended.exit_status,
            ended.stdout,
            ended.stderr,
            started_at,
            exchanges,
            connections,
            killed=ended.killed,
            broken=_refusal(ended.stderr),
        )

    def _make_home(self, name: str, home: Home) -> Path | str:
        """A home folder that trusts the authority, or why there is none."""
        folder = self._folder / name
        (folder / "home").mkdir(parents=True)
        for command in home.commands:
            line = self._command(folder, {}, home.mounts, {}, command)
            ended = processes.run(line, HOME_SECONDS)
            if ended.exit_status != 0:
                words = ended.stderr.decode(errors="replace").strip() or ended.killed
                return f"{command[0]} failed: {words}"
        return folder / "home"

    def _command(
        self,
        folder: Path,
        addresses: dict[str, str],
        mounts: Iterable[Mount],
        environment: dict[str, str],
        command: Iterable[str],
    ) -> list[str]:
        hosts_file = folder / "hosts"
        lines = ["127.0.0.1 localhost reader", *(f"{a} {h}" for h, a in addresses.items())]
        hosts_file.write_text("\n".join(lines) + "\n")
        return bubblewrap.around_run(
            self._program,
            home=str(folder / "home"),
            hosts_file=str(hosts_file),
            bundle=self._bundle,
            mounts=mounts,
            environment=environment,
            command=command,
        )


def _refusal(stderr: bytes) -> str:
    """Bubblewrap's own complaint, which says nothing about the sample."""
    first = stderr.decode(errors="replace").partition("\n")[0]
    return first if first.startswith("bwrap: ") else ""


def main() -> None:
    """Run the batch on stdin; the argument is bubblewrap's path."""
    batch = msgspec.json.decode(sys.stdin.buffer.read(), type=Batch)
    network.add_addresses()
    worker = Worker(batch, sys.argv[1])
    out = threading.Lock()

    def observe(numbered: tuple[int, Run]) -> None:
        line = msgspec.json.encode(worker.observe(*numbered))
        with out:
            sys.stdout.buffer.write(line + b"\n")
            sys.stdout.buffer.flush()

    # Runs that are made to wait start first, so that the others fill their waiting.
    runs = sorted(batch.runs, key=lambda run: not _waits(run))
    with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
        list(pool.map(observe, enumerate(runs)))


def _waits(run: Run) -> bool:
    return any(isinstance(act, WaitPlan) for act in run.server.acts)


if __name__ == "__main__":
    main()
