"""Limit the number of processes of a run, and their memory.

The kernel has no limit on processes that one run cannot use up for the others, and one on address
space would stop runtimes that reserve more than they use.
"""

from __future__ import annotations

import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress

MOST_PROCESSES = 128
MOST_MEMORY_BYTES = 2 << 30
TICK_SECONDS = 0.1
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
PARENT, PAGES = 1, 21
"""Fields of /proc/PID/stat after the name, counted from 0 (proc(5): ppid and rss)."""


class ResourceWatch:
    """Watch all runs in one thread."""

    def __init__(self) -> None:
        """Start to watch; nothing is under way yet."""
        self._lock = threading.Lock()
        self._kills: dict[int, Callable[[], None]] = {}
        self._reasons: dict[int, str] = {}
        threading.Thread(target=self._look, daemon=True).start()

    def add(self, process: int, kill: Callable[[], None]) -> None:
        """Watch a process and all that come from it."""
        with self._lock:
            self._kills[process] = kill

    def remove(self, process: int) -> str:
        """Watch it no longer; return why it was ended, "" where it was not."""
        with self._lock:
            self._kills.pop(process, None)
            return self._reasons.pop(process, "")

    def _look(self) -> None:
        while True:
            time.sleep(TICK_SECONDS)
            with self._lock:
                watched = dict(self._kills)
            if not watched:
                continue
            children, memory = _processes()
            for process, kill in watched.items():
                reason = _excess(_tree(process, children), memory)
                if reason:
                    with self._lock:
                        if self._kills.pop(process, None):
                            self._reasons[process] = reason
                    kill()


def _excess(tree: list[int], memory: dict[int, int]) -> str:
    if len(tree) > MOST_PROCESSES:
        return f"it had more than {MOST_PROCESSES} processes"
    if sum(memory.get(process, 0) for process in tree) > MOST_MEMORY_BYTES:
        return f"it held more than {MOST_MEMORY_BYTES >> 30} GiB of memory"
    return ""


def _processes() -> tuple[dict[int, list[int]], dict[int, int]]:
    """Return parent -> children, and process -> bytes of memory."""
    children: dict[int, list[int]] = defaultdict(list)
    memory: dict[int, int] = {}
    for process, text in _stats():
        fields = text.rpartition(b")")[2].split()
        children[int(fields[PARENT])].append(process)
        memory[process] = int(fields[PAGES]) * PAGE_BYTES
    return children, memory


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
