"""The edge to what fences show: templates, samples and the record, as they are on disk."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import msgspec

from tabproof import record
from tabproof.catalog import load
from tabproof.model.catalog import Catalog
from tabproof.render import Renderer

WATCHED = ("templates", "samples")


class Project(msgspec.Struct, frozen=True):
    """Everything that fences show."""

    root: Path
    catalog: Catalog
    renderer: Renderer
    proof: record.Record


def open_project(root: Path) -> Project:
    """The project in a folder; read again when one of its files has changed.

    Raises:
        InputError: a file of it is not right.
    """
    return _opened(root, _signature(root))


@lru_cache(maxsize=2)
def _opened(root: Path, _files: tuple[tuple[str, int, int], ...]) -> Project:
    catalog = load(root)
    return Project(root, catalog, Renderer(catalog), record.read(root, record.RECORD))


def _signature(root: Path) -> tuple[tuple[str, int, int], ...]:
    """What changes when a file that fences depend on does."""
    files = (path for folder in WATCHED for path in sorted((root / folder).rglob("*")))
    stats = ((str(path), path.stat()) for path in files if path.is_file())
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)
