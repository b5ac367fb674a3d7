"""Bytecode of templates that lasts as long as the process."""

from __future__ import annotations

from pathlib import Path

from tabproof.kept import Kept


class InMemory(Kept):
    """What was worked out before, in no file."""

    def __init__(self) -> None:
        """Know nothing."""
        super().__init__(Path())
        self._entries: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        """What is kept for a digest."""
        return self._entries.get(key)

    def put(self, key: str, value: bytes) -> None:
        """Keep something."""
        self._entries[key] = value
