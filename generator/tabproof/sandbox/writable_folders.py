"""Give each run folders that it may write to, and tell what it leaves in them."""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from tabproof.sandbox.bubblewrap import WRITABLE_BYTES
from tabproof.sandbox.protocol import HOME, PROJECT

FOLDERS = {"home": HOME, "tmp": "/tmp", "shm": "/dev/shm", "project": PROJECT}  # noqa: S108 - the run's own
"""Name in the folder of a run -> the path that the run sees."""

OPTIONS = f"size={WRITABLE_BYTES},nr_inodes=20k,mode=1777".encode()
"""Bounds of each folder (tmpfs(5)): a run could fill the memory with bytes, or with names."""

MS_NOSUID, MS_NODEV, MNT_DETACH = 0x2, 0x4, 0x2
"""Constants of mount.h."""

CLOCK_FILES = ("/dev/shm/faketime_shm_", "/dev/shm/sem.faketime_sem_")  # noqa: S108 - the run's own
"""How the names of files begin that libfaketime leaves, which gives a run its clock."""

MOST_NAMED = 5

Contents = Mapping[str, tuple[int, int] | None]
"""Path in the sandbox -> size and time of change; None for a folder."""


@contextmanager
def in_memory(folder: Path) -> Iterator[None]:
    """Have the writable folders of a run in memory, each of limited size.

    Args:
        folder: the folder of the run, in a mount namespace in which this process may mount.

    Raises:
        OSError: this process may not mount.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    mounted: list[bytes] = []
    try:
        for name in FOLDERS:
            place = folder / name
            place.mkdir()
            target = os.fsencode(place)
            if libc.mount(b"tmpfs", target, b"tmpfs", MS_NOSUID | MS_NODEV, OPTIONS) != 0:
                number = ctypes.get_errno()
                raise OSError(number, os.strerror(number))
            mounted.append(target)
        yield
    finally:
        for target in mounted:
            libc.umount2(target, MNT_DETACH)


def list_contents(folder: Path) -> Contents:
    """Return what is in the writable folders of a run; links are not followed."""
    return dict(_entries(folder))


def _entries(folder: Path) -> Iterator[tuple[str, tuple[int, int] | None]]:
    for name, target in FOLDERS.items():
        for parent, folders, files in os.walk(folder / name):
            place = Path(target, Path(parent).relative_to(folder / name))
            for entry in folders:
                yield str(place / entry), None
            for entry in files:
                with suppress(OSError):
                    status = os.lstat(Path(parent, entry))
                    # A socket or a pipe has no content that could change.
                    is_file = stat.S_ISREG(status.st_mode)
                    yield str(place / entry), (status.st_size, status.st_mtime_ns * is_file)


def left_files(before: Contents, after: Contents, mounted: Collection[str]) -> tuple[str, ...]:
    """Return the files and folders that a run made or changed; of many, the first ones.

    Args:
        before: what was there when it began.
        after: what is there now.
        mounted: the paths at which it saw other files of this machine.
    """
    inside = {f"{path}/" for path in mounted}
    around = {str(parent) for path in mounted for parent in (Path(path), *Path(path).parents)}
    new = sorted(
        path
        for path, state in after.items()
        if before.get(path, ()) != state
        and path not in around
        and not path.startswith(CLOCK_FILES)
        and not any(path.startswith(start) for start in inside)
    )
    more = (f"{len(new) - MOST_NAMED} more",) if len(new) > MOST_NAMED else ()
    return (*new[:MOST_NAMED], *more)
