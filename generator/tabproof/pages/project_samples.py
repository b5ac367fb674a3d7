"""Read what fences show: templates, samples and the record, as they are on disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import msgspec

from tabproof.errors import TabproofError
from tabproof.model.catalog import Catalog
from tabproof.model.labels import Labels
from tabproof.pages.site import WATCHED, Build, is_live, settings_paths
from tabproof.project import settings_file
from tabproof.project.cases import case_finder
from tabproof.project.catalog_reader import TemplateCaches, load
from tabproof.render.renderer import Renderer
from tabproof.samples import record_files
from tabproof.samples.proof_rows import ProofFile
from tabproof.samples.record import Record
from tabproof.system.fingerprint import Fingerprint, fingerprint, walk_files


class Project(msgspec.Struct, frozen=True, eq=False):
    """Hold everything that fences show; compared by identity, so that results can be cached.

    Attributes:
        proof: what is on record; where the page is live, with what this machine found.
        caches: what was worked out of the templates.
        live: whether samples may be shown that are not proved yet.
        labels: the words around samples, by the language's tag.
    """

    root: Path
    catalog: Catalog
    renderer: Renderer
    proof: Record | ProofFile
    caches: TemplateCaches
    live: bool = False
    labels: Mapping[str, Labels] = {}


def open_project(root: Path, build: Build | None = None) -> Project:
    """Return the project in a folder; it is read again when one of its files has changed.

    Args:
        root: the folder.
        build: if given, its files are looked at once for all pages of this build.

    Raises:
        InputError: a file of it is not right.
    """
    project = _look(root) if build is None else _look_once(root, build)
    if isinstance(project, TabproofError):
        raise project.with_traceback(None)
    return project


@lru_cache(maxsize=1)
def _look_once(root: Path, _build: Build) -> Project | TabproofError:
    return _look(root)


def _look(root: Path) -> Project | TabproofError:
    live = is_live()
    return _opened(root, live, fingerprint(_files(root, live=live)))


@lru_cache(maxsize=2)
def _opened(
    root: Path,
    live: bool,  # noqa: FBT001 - the cache's key
    _fingerprint: Fingerprint,
) -> Project | TabproofError:
    """Return the project, or its error, which each fence of a live site shows."""
    try:
        caches = TemplateCaches(root)
        catalog = load(root, caches)
        labels = settings_file.read_settings(root).values.labels or {}
        if live:
            proof: Record | ProofFile = record_files.read_all(root, case_finder(catalog))
        else:
            proof = record_files.read(root)
    except TabproofError as error:
        return error
    return Project(root, catalog, Renderer(catalog), proof, caches, live, labels)


def _files(root: Path, *, live: bool) -> Iterator[str]:
    yield from settings_paths(root)
    for name in WATCHED:
        yield from walk_files(root / name)
    if live:
        yield str(root / record_files.CACHE)
