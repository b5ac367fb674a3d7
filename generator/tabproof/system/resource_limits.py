"""Limit the processes and threads of a run, and their memory.

The kernel has no limit on processes that one run cannot use up for the others, and one on address
space would stop runtimes that reserve more than they use.
"""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

MOST_PROCESSES = 128
MOST_THREADS = 1024
MOST_MEMORY_BYTES = 2 << 30
TICK_SECONDS = 0.1
MOST_WRITTEN_BYTES = 1 << 30
FILE_TICKS = 3
"""How many ticks there are from one look at files to the next: it takes longer."""
BLOCK_BYTES = 512
"""The unit of `st_blocks` (stat(3type))."""
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
PARENT, THREADS, PAGES = 1, 17, 21
"""Fields of /proc/PID/stat after the name, counted from 0 (proc(5): ppid, num_threads, rss)."""


class Usage(NamedTuple):
    """Hold what a process uses."""

    threads: int
    memory_bytes: int


class Watched(NamedTuple):
    """Hold how a process is ended, and the folder of which the size is limited, if any."""

    kill: Callable[[], None]
    folder: Path | None


class ResourceWatch:
    """Watch all runs in one thread."""

    def __init__(self) -> None:
        """Start to watch; nothing is under way yet."""
        self._lock = threading.Lock()
        self._watched: dict[int, Watched] = {}
        self._reasons: dict[int, str] = {}
        threading.Thread(target=self._look, daemon=True).start()

    def add(self, process: int, kill: Callable[[], None], folder: Path | None = None) -> None:
        """Watch a process, all that come from it, and the size of a folder that they write to."""
        with self._lock:
            self._watched[process] = Watched(kill, folder)

    def remove(self, process: int) -> str:
        """Watch it no longer; return why it was ended, "" where it was not."""
        with self._lock:
            self._watched.pop(process, None)
            return self._reasons.pop(process, "")

    def _look(self) -> None:
        for tick in itertools.count():
            time.sleep(TICK_SECONDS)
            with self._lock:
                under_way = dict(self._watched)
            if not under_way:
                continue
            children, usage = read_processes()
            looks_at_files = tick % FILE_TICKS == 0
            for process, watched in under_way.items():
                tree = _tree(process, children)
                files = _memory_file_bytes(tree) if looks_at_files else 0
                reason = _excess(tree, usage, files)
                if not reason and looks_at_files and watched.folder:
                    reason = _folder_excess(watched.folder)
                if reason:
                    with self._lock:
                        if self._watched.pop(process, None):
                            self._reasons[process] = reason
                    watched.kill()


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
        return f"it had more than {MOST_PROCESSES} processes"
    used = [usage[process] for process in tree if process in usage]
    if sum(process.threads for process in used) > MOST_THREADS:
        return f"it had more than {MOST_THREADS} threads"
    if sum(process.memory_bytes for process in used) + file_bytes > MOST_MEMORY_BYTES:
        return f"it held more than {MOST_MEMORY_BYTES >> 30} GiB of memory"
    return ""


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
