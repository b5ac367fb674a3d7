"""Limit the processes and threads of a run, and their memory.

The kernel has no limit on processes that one run cannot use up for the others, and one on address
space would stop runtimes that reserve more than they use.
"""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

MOST_PROCESSES = 128
MOST_THREADS = 1024
MOST_MEMORY_BYTES = 2 << 30
TICK_SECONDS = 0.1
TOO_MANY_PROCESSES = f"it had more than {MOST_PROCESSES} processes"
TOO_MANY_THREADS = f"it had more than {MOST_THREADS} threads"
TOO_MUCH_MEMORY = f"it held more than {MOST_MEMORY_BYTES >> 30} GiB of memory"
SHARED = "Shmem"
SHARED_MEMORY = f"{MOST_MEMORY_BYTES >> 30} GiB of memory were shared while it ran"
"""Memory can be shared without any process that shows it: in a file of memory that is closed, or in
a segment of System V. So nobody can be blamed; what ran at that time is ended, and repeated."""
TAKEN = {
    TOO_MANY_PROCESSES: "processes",
    TOO_MANY_THREADS: "processes",
    SHARED_MEMORY: "memory",
}
"""Reason why a process was ended -> what others may have lacked."""
REFUSALS = {
    os.strerror(errno.EAGAIN): "processes",
    "can't start new thread": "processes",
    os.strerror(errno.ENOMEM): "memory",
    os.strerror(errno.ENOSPC): "disk space",
}
"""Message of the system, or of Python -> what this machine has not enough of."""
MOST_WRITTEN_BYTES = 1 << 30
FILE_TICKS = 3
"""How many ticks there are from one look at files to the next: it takes longer."""
BLOCK_BYTES = 512
"""The unit of `st_blocks` (stat(3type))."""
MOST_USED = 0.75
"""The share of all processes beyond which there may be none left at the next moment."""
MOST_MEMORY_USED = 0.97
LEAST_FREE_BYTES = 16 << 20
LOOK_SECONDS = 30.0
"""How long a look takes at most, on a machine that is short of everything."""
PROCESSES = Path("/proc")
PID_MAX = Path("/proc/sys/kernel/pid_max")
MEMORY = Path("/proc/meminfo")
KERNEL_COUNTERS = Path("/proc/vmstat")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
PARENT, THREADS, PAGES = 1, 17, 21
"""Fields of /proc/PID/stat after the name, counted from 0 (proc(5): ppid, num_threads, rss)."""


class Usage(NamedTuple):
    """Hold what a process uses."""

    threads: int
    memory_bytes: int


class Watched(NamedTuple):
    """Hold how a process is ended, and what is compared with its limits.

    Attributes:
        folder: the folder of which the size is limited, if any.
        shared_bytes: how much memory was shared, in the whole machine, when it began.
        begin: when it began, in seconds of the monotonic clock.
    """

    kill: Callable[[], None]
    folder: Path | None
    shared_bytes: int
    begin: float


class Shortage(NamedTuple):
    """Hold when this machine lacked something, in seconds of the monotonic clock."""

    begin: float
    end: float
    lacking: str


class ResourceWatch:
    """Watch all runs in one thread, and what is left of the machine for them."""

    def __init__(self, most_tasks: int | None = None, folder: Path | None = None) -> None:
        """Start to watch; nothing is under way yet.

        Args:
            most_tasks: how many processes and threads all that is seen in /proc may have, as far
                as is known; otherwise the kernel's `pid_max`.
            folder: the one that needs space, if any.
        """
        self._lock = threading.Lock()
        self._watched: dict[int, Watched] = {}
        self._reasons: dict[int, str] = {}
        self._shortages: list[Shortage] = []
        self._most_tasks, self._folder = most_tasks, folder
        self._looked = threading.Condition(self._lock)
        self._looked_at = time.monotonic()
        threading.Thread(target=self._look, daemon=True).start()

    def add(self, process: int, kill: Callable[[], None], folder: Path | None = None) -> None:
        """Watch a process, all that come from it, and the size of a folder that they write to."""
        watched = Watched(kill, folder, _memory().get(SHARED, 0), time.monotonic())
        with self._lock:
            self._watched[process] = watched

    def remove(self, process: int) -> str:
        """Watch it no longer; return why it was ended, "" where it was not."""
        with self._lock:
            self._watched.pop(process, None)
            return self._reasons.pop(process, "")

    @property
    def looked_at(self) -> float:
        """Return when the last look began, in seconds of the monotonic clock."""
        with self._lock:
            return self._looked_at

    def wait_for_look(self) -> None:
        """Wait until a look has begun and ended."""
        now = time.monotonic()
        with self._lock:
            self._looked.wait_for(lambda: self._looked_at > now, LOOK_SECONDS)

    def lacking(self, begin: float, end: float) -> str:
        """Return what this machine lacked in that time, as far as it looked; "" for nothing."""
        with self._lock:
            overlapping = (s for s in self._shortages if s.begin <= end and s.end >= begin)
            return next((shortage.lacking for shortage in overlapping), "")

    def _look(self) -> None:
        out_of_memory, has_processes = _out_of_memory_kills(), PROCESSES.is_dir()
        for tick in itertools.count():
            time.sleep(TICK_SECONDS)
            began = time.monotonic()
            with self._lock:
                under_way = dict(self._watched)
            is_needed = under_way and has_processes
            children, usage = read_processes() if is_needed else ({}, {})
            memory = _memory() if is_needed else {}
            looks_at_files = tick % FILE_TICKS == 0
            kills = _out_of_memory_kills()
            lacking = self._shortage(usage, memory) or ("memory" if kills > out_of_memory else "")
            out_of_memory = kills
            with self._lock:
                if lacking:
                    # It may have been so at any time since the look before.
                    begin, end = self._looked_at - TICK_SECONDS, time.monotonic() + TICK_SECONDS
                    self._shortages.append(Shortage(begin, end, lacking))
                self._looked_at = began
                self._looked.notify_all()
            for process, watched in under_way.items():
                is_shared = memory.get(SHARED, 0) - watched.shared_bytes > MOST_MEMORY_BYTES
                tree = _tree(process, children)
                files = _memory_file_bytes(tree) if looks_at_files or is_shared else 0
                reason = _excess(tree, usage, files)
                if not reason and looks_at_files and watched.folder:
                    reason = _folder_excess(watched.folder)
                if not reason and is_shared:
                    reason = SHARED_MEMORY
                if reason:
                    self._end(process, watched, reason)

    def _end(self, process: int, watched: Watched, reason: str) -> None:
        watched.kill()
        with self._lock:
            if self._watched.pop(process, None):
                self._reasons[process] = reason
            # Until it was ended it may have taken what others needed.
            if lacking := TAKEN.get(reason):
                end = time.monotonic() + TICK_SECONDS
                self._shortages.append(Shortage(watched.begin, end, lacking))

    def _shortage(self, usage: Mapping[int, Usage], memory: Mapping[str, int]) -> str:
        """Return what this machine lacks, "" where it is nothing."""
        if not usage:
            return ""
        most_tasks = self._most_tasks or int(PID_MAX.read_text())
        if sum(process.threads for process in usage.values()) > most_tasks * MOST_USED:
            return "processes"
        if memory and memory["MemAvailable"] < memory["MemTotal"] * (1 - MOST_MEMORY_USED):
            return "memory"
        if self._folder and shutil.disk_usage(self._folder).free < LEAST_FREE_BYTES:
            return "disk space"
        return ""


def refused(message: str) -> str:
    """Return what this machine has not enough of, if a message says so; "" if it does not."""
    return next((what for refusal, what in REFUSALS.items() if refusal in message), "")


def _memory() -> dict[str, int]:
    """Return what the kernel says of this machine's memory, in bytes (proc_meminfo(5))."""
    numbers = {}
    with suppress(OSError):
        for line in MEMORY.read_text().splitlines():
            name, _, rest = line.partition(":")
            numbers[name] = int(rest.split()[0]) << 10
    return numbers


def _out_of_memory_kills() -> int:
    """Return how many processes the kernel has ended for want of memory since it started."""
    with suppress(OSError):
        for line in KERNEL_COUNTERS.read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return 0


def _folder_excess(folder: Path) -> str:
    size, folders = 0, [str(folder)]
    while folders:
        with suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                with suppress(OSError):
                    size += entry.stat(follow_symlinks=False).st_blocks * BLOCK_BYTES
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
    return f"it wrote more than {MOST_WRITTEN_BYTES >> 30} GiB" if size > MOST_WRITTEN_BYTES else ""


def _excess(tree: list[int], usage: dict[int, Usage], file_bytes: int) -> str:
    if len(tree) > MOST_PROCESSES:
        return TOO_MANY_PROCESSES
    used = [usage[process] for process in tree if process in usage]
    if sum(process.threads for process in used) > MOST_THREADS:
        return TOO_MANY_THREADS
    if sum(process.memory_bytes for process in used) + file_bytes > MOST_MEMORY_BYTES:
        return TOO_MUCH_MEMORY
    return ""


def is_excess(reason: str) -> bool:
    """Return whether a run was ended for this reason because it took too much."""
    return reason in (TOO_MANY_PROCESSES, TOO_MANY_THREADS, TOO_MUCH_MEMORY)


def _memory_file_bytes(tree: list[int]) -> int:
    """Return the size of the open files that memfd_create(2) made, which no mapping counts."""
    sizes: dict[tuple[int, int], int] = {}
    for process in tree:
        folder = f"/proc/{process}/fd"
        with suppress(OSError):
            for entry in os.listdir(folder):  # noqa: PTH208 - as below
                with suppress(OSError):
                    path = f"{folder}/{entry}"
                    if os.readlink(path).startswith("/memfd:"):  # noqa: PTH115 - as below
                        status = os.stat(path)  # noqa: PTH116 - as below
                        sizes[status.st_dev, status.st_ino] = status.st_blocks * BLOCK_BYTES
    return sum(sizes.values())


def read_processes() -> tuple[dict[int, list[int]], dict[int, Usage]]:
    """Return parent -> children, and process -> what it uses (Linux)."""
    children: dict[int, list[int]] = defaultdict(list)
    usage: dict[int, Usage] = {}
    for process, text in _stats():
        fields = text.rpartition(b")")[2].split()
        children[int(fields[PARENT])].append(process)
        usage[process] = Usage(int(fields[THREADS]), int(fields[PAGES]) * PAGE_BYTES)
    return children, usage


def _stats() -> Iterator[tuple[int, bytes]]:
    # Ten times a second, beside the runs: without what a `Path` and a buffer cost.
    for entry in os.listdir("/proc"):  # noqa: PTH208
        if entry.isdigit():
            with suppress(OSError), open(f"/proc/{entry}/stat", "rb", 0) as file:  # noqa: PTH123
                yield int(entry), file.read()


def _tree(root: int, children: dict[int, list[int]]) -> list[int]:
    tree = [root]
    for process in tree:
        tree += children.get(process, ())
    return tree
