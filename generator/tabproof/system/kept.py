"""Cache results in a file of `.tabproof/` for the next process.

An entry is known by a digest of all that it was made from, so that none is ever out of date.
Nothing depends on the file: what cannot be read is worked out, and what cannot be written is
worked out again the next time.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from pathlib import Path

import msgspec

from tabproof.errors import MachineError
from tabproof.system.files import write_if_changed

FOLDER = ".tabproof"


class Kept:
    """Map digests to cached results; the file is read at the first look-up."""

    def __init__(self, path: Path) -> None:
        """Read what is there.

        Args:
            path: the file, which need not be there.
        """
        self._path = path
        self._used: dict[str, bytes] = {}
        self._has_new = False

    @cached_property
    def _known(self) -> dict[str, bytes]:
        with suppress(OSError, msgspec.MsgspecError):
            return msgspec.msgpack.decode(self._path.read_bytes(), type=dict[str, bytes])
        return {}

    def get(self, key: str) -> bytes | None:
        """Return what is cached for a digest; None without it."""
        found = self._known.get(key)
        if found is not None:
            self._used[key] = found
        return found

    def put(self, key: str, value: bytes) -> None:
        """Keep something."""
        self._used[key] = value
        self._has_new = True

    def save(self, *, whole: bool = True) -> None:
        """Write what was asked for or put.

        Args:
            whole: whether this run read the whole project; entries that it did not use are dropped.
        """
        is_less = whole and bool(self._used) and len(self._used) < len(self._known)
        if self._has_new or is_less:
            entries = self._used if whole else self._known | self._used
            with suppress(MachineError):
                write_if_changed(self._path, msgspec.msgpack.encode(entries))
            self._has_new = False
