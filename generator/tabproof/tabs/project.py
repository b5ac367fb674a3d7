"""The edge to what fences show: templates, samples and the record, as they are on disk."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import msgspec

from tabproof import configuration, record
from tabproof.catalog import Keeping, load
from tabproof.errors import TabproofError
from tabproof.model.catalog import Catalog
from tabproof.render import Renderer
from tabproof.tabs.live import is_live

WATCHED = ("templates", "samples")


class Project(msgspec.Struct, frozen=True, eq=False):
    """Everything that fences show; compared by identity, so that answers about it are kept.

    Attributes:
        proof: what is on record; where the page is live, with what this machine found.
        kept: what was worked out of the templates.
        live: whether samples may be shown that are not proved yet.
    """

    root: Path
    catalog: Catalog
    renderer: Renderer
    proof: record.Record
    kept: Keeping
    live: bool = False


class Build:
    """One build of a site, known by an object that lasts as long; all its pages show one state."""

    def __init__(self, known_by: object) -> None:
        """Keep the object, so that no other one gets its identity."""
        self._known_by = known_by

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Build) and other._known_by is self._known_by

    def __hash__(self) -> int:
        return id(self._known_by)


def open_project(root: Path, build: Build | None = None) -> Project:
    """The project in a folder; read again when one of its files has changed.

    Args:
        root: the folder.
        build: if given, its files are looked at once for all pages of this build.

    Raises:
        InputError: a file of it is not right.
    """
    found = _look(root) if build is None else _look_once(root, build)
    if isinstance(found, TabproofError):
        raise found.with_traceback(None)
    return found


@lru_cache(maxsize=1)
def _look_once(root: Path, _build: Build) -> Project | TabproofError:
    return _look(root)


def _look(root: Path) -> Project | TabproofError:
    live = is_live()
    return _opened(root, live, _signature(root, live=live))


@lru_cache(maxsize=2)
def _opened(
    root: Path,
    live: bool,  # noqa: FBT001 - the cache's key
    _files: tuple[tuple[str, int, int], ...],
) -> Project | TabproofError:
    """The project, or what is wrong with it: each fence of a live site asks."""
    try:
        kept = Keeping(root)
        catalog = load(root, kept)
        proof = record.read(root, record.RECORD)
        if live:
            proof = proof.with_renewed(record.read(root, record.CACHE))
    except TabproofError as error:
        return error
    return Project(root, catalog, Renderer(catalog), proof, kept, live)


def _signature(root: Path, *, live: bool) -> tuple[tuple[str, int, int], ...]:
    """What changes when a file that fences depend on does."""
    return tuple(sorted(_stats([*_files(root), *([f"{root / record.CACHE}"] if live else [])])))


def _files(root: Path) -> Iterator[str]:
    yield from (f"{root / name}" for name in configuration.FILES)
    for top in WATCHED:
        for folder, _folders, names in os.walk(root / top):
            yield from (f"{folder}/{name}" for name in names)


def _stats(paths: Iterable[str]) -> Iterator[tuple[str, int, int]]:
    """Each file, when it was written, and how long it is."""
    for path in paths:
        # An editor may have taken a file away just now.
        with suppress(OSError):
            stat = os.stat(path)  # noqa: PTH116 - this runs for each fence of a site
            yield path, stat.st_mtime_ns, stat.st_size
