"""Files are written whole or not at all, and only when they change."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tabproof.errors import MachineError

TEMPORARY_PREFIX = ".tabproof-"


def write_if_changed(path: Path, content: bytes) -> bool:
    """Write a file beside its place, then rename it there.

    Returns:
        Whether anything had to be written.

    Raises:
        MachineError: the disk is full, the folder is read-only, a folder is in the way...
    """
    try:
        if path.is_file() and path.read_bytes() == content:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        handle, name = tempfile.mkstemp(prefix=TEMPORARY_PREFIX, dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(name).chmod(mode)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise MachineError(f"{path}: cannot be written: {error.strerror}.") from error
    return True


def remove(path: Path) -> None:
    """Remove a file; one that is gone already is no fault.

    Raises:
        MachineError: the folder is read-only, a folder is in the file's place...
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise MachineError(f"{path}: cannot be removed: {error.strerror}.") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
