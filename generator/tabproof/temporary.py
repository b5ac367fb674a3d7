"""Temporary folders go at their end, whatever ends them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from tabproof import interruption


@contextmanager
def temporary_folder(prefix: str) -> Iterator[str]:
    """A folder that is gone at the end of this."""
    folder = ""
    try:
        with interruption.held():
            folder = tempfile.mkdtemp(prefix=prefix)
        yield folder
    finally:
        try:
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            # An interruption may have come in the middle of it, but there is no second one.
            shutil.rmtree(folder, ignore_errors=True)
