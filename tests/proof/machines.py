"""A scheduler of Dask in this process, and workers in processes of their own, on loopback."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dask
from distributed import LocalCluster, Scheduler


class Machines:
    """One scheduler and its workers."""

    def __init__(self, cluster: LocalCluster, folder: Path, project: Path) -> None:
        self.cluster = cluster
        self.workers: list[subprocess.Popen[bytes]] = []
        self.temporary = folder / "machines"
        self.temporary.mkdir()
        self._project = project

    @property
    def executor(self) -> str:
        """The value of `--executor`."""
        return f"dask:{self.cluster.scheduler_address}"

    @property
    def scheduler(self) -> Scheduler:
        """The scheduler."""
        assert isinstance(self.cluster.scheduler, Scheduler)
        return self.cluster.scheduler

    def start(self, count: int) -> None:
        """Start workers, each of which does one job at a time."""
        for _ in range(count):
            number = str(len(self.workers))
            command = [sys.executable, "-m", "distributed.cli.dask_worker", "--no-nanny"]
            command += ["--no-dashboard", "--nthreads", "1", "--name", number]
            folder = self.temporary / number
            folder.mkdir()
            worker = subprocess.Popen(
                [*command, "--local-directory", str(folder), self.cluster.scheduler_address],
                cwd=self._project,
                env={**os.environ, "TMPDIR": str(folder)},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            self.workers.append(worker)
        self.cluster.wait_for_workers(count)

    def left(self, worker: int) -> list[Path]:
        """The work folders that there are of a worker."""
        return list((self.temporary / str(worker)).glob("tabproof-*"))


@contextlib.contextmanager
def machines(folder: Path, project: Path) -> Iterator[Machines]:
    """A scheduler; at the end it is gone with its workers.

    Args:
        folder: where workers may write.
        project: where they are started.
    """
    with (
        dask.config.set({"temporary-directory": str(folder)}),
        LocalCluster(n_workers=0, dashboard_address=":0", silence_logs=60) as cluster,
    ):
        held = Machines(cluster, folder, project)
        try:
            yield held
        finally:
            for worker in held.workers:
                worker.kill()
                worker.wait()
