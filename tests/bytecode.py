"""Bytecode of templates that lasts as long as the process."""

from __future__ import annotations

from pathlib import Path

from tabproof.kept import Kept


class InMemory(Kept):
    """What was worked out before in this process, beside what a project keeps."""

    def __init__(self, known: dict[str, bytes], kept: Kept | None) -> None:
        """Know both."""
        super().__init__(Path())
        self._entries = known
        self._kept = kept

    def get(self, key: str) -> bytes | None:
        """What is kept for a digest."""
        found = self._kept.get(key) if self._kept else None
        if found is None:
            found = self._entries.get(key)
            if found is not None and self._kept:
                self._kept.put(key, found)
        return found

    def put(self, key: str, value: bytes) -> None:
        """Keep something."""
        self._entries[key] = value
        if self._kept:
            self._kept.put(key, value)
