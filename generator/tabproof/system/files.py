"""Write files atomically, only when they change, and in one process at a time."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tabproof.errors import MachineError

try:
    import fcntl
except ImportError:  # Windows has no such locks
    fcntl = None  # type: ignore[assignment] # mypy takes it for a module alone

TEMPORARY_PREFIX = ".tabproof-"


@contextmanager
def exclusive(folder: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[bool]:
    """Hold the lock of a folder, so that no other process writes to it.

    The lock is the system's own (`flock`) on the folder itself: it leaves no file, and it ends
    with its process however that ends.

    Args:
        folder: one that is there.
        waiting: called before this waits for another process.

    Yields:
        Whether this process is the only one; False where the system or the disk has no locks.
    """
    try:
        handle = -1 if fcntl is None else os.open(folder, os.O_RDONLY)
    except OSError:  # a folder whose names this user may not read
        handle = -1
    if handle == -1:
        yield False
        return
    try:
        yield _lock(handle, waiting)
    finally:
        os.close(handle)


def _lock(handle: int, waiting: Callable[[], None]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        waiting()
        fcntl.flock(handle, fcntl.LOCK_EX)
    except OSError:  # some network file systems
        return False
    return True


def write_if_changed(path: Path, content: bytes) -> bool:
    """Write a file beside its place, then rename it there; a file that was there lends its mode.

    A link in its place is replaced by the file: what the link points to stays as it is.

    Returns:
        Whether anything had to be written.

    Raises:
        MachineError: the disk is full, the folder is read-only, a folder is in the way...
    """
    try:
        current, mode = _current(path)
        if current == content:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, content, mode)
    except OSError as error:
        raise MachineError(f"{path}: cannot be written: {error.strerror}.") from error
    return True


def _current(path: Path) -> tuple[bytes | None, int | None]:
    """Return the bytes and the mode of a file; None for each if there is no file, or a link."""
    try:
        mode = path.lstat().st_mode
        return (path.read_bytes(), stat.S_IMODE(mode)) if stat.S_ISREG(mode) else (None, None)
    except FileNotFoundError:
        return None, None


def _replace(path: Path, content: bytes, mode: int | None) -> None:
    temporary = path.with_name(f"{TEMPORARY_PREFIX}{os.urandom(8).hex()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123 - it is open already
            file.write(content)
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def remove(path: Path) -> None:
    """Remove a file; one that is gone already is no fault.

    Raises:
        MachineError: the folder is read-only, a folder is in the file's place...
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise MachineError(f"{path}: cannot be removed: {error.strerror}.") from error


def remove_empty(folder: Path, top: Path) -> None:
    """Remove a folder and those around it, up to `top`, as far as they are empty."""
    with suppress(OSError):
        while folder != top:
            folder.rmdir()
            folder = folder.parent
