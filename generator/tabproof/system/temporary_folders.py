"""Make temporary folders that are removed at the end, however it comes."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tabproof.system import interruption

REMOVE_SECONDS = 5.0
"""How long processes that were killed may still write to a folder."""
POLL_SECONDS = 0.01

_folders: set[str] = set()


@contextmanager
def temporary_folder(prefix: str) -> Iterator[str]:
    """Make a folder that is gone at the end of this."""
    folder = ""
    try:
        with interruption.deferred(), interruption.starting:
            folder = tempfile.mkdtemp(prefix=prefix)
            _folders.add(folder)
        yield folder
    finally:
        try:
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            # An interruption may have come in the middle of it, but there is no second one.
            shutil.rmtree(folder, ignore_errors=True)
            _folders.discard(folder)


def _remove_all() -> None:
    """Remove the folders of all threads."""
    deadline = time.monotonic() + REMOVE_SECONDS
    for folder in list(_folders):
        while Path(folder).exists() and time.monotonic() < deadline:
            shutil.rmtree(folder, ignore_errors=True)
            time.sleep(POLL_SECONDS)


interruption.on_leaving(_remove_all)
