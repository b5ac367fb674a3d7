"""What fences depend on, and how long it lasts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tabproof.model.settings import OWN_FILE, SHARED_FILE

WATCHED = ("templates", "samples")


class Build:
    """One build of a site, known by an object that lasts as long; all its pages show one state."""

    def __init__(self, known_by: object) -> None:
        """Keep the object, so that no other one gets its identity."""
        self._known_by = known_by

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Build) and other._known_by is self._known_by

    def __hash__(self) -> int:
        return id(self._known_by)


def settings_paths(root: Path) -> Iterator[str]:
    """The files that may hold a project's settings."""
    yield from (f"{root / name}" for name in (OWN_FILE, SHARED_FILE))
