"""The edge to what fences show: templates, samples and the record, as they are on disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import msgspec

from tabproof import configuration, record
from tabproof.catalog import Keeping, load
from tabproof.errors import TabproofError
from tabproof.model.catalog import Catalog
from tabproof.model.labels import Labels
from tabproof.render import Renderer
from tabproof.signature import Signature, inside, signature
from tabproof.tabs.inputs import WATCHED, Build, settings
from tabproof.tabs.live import is_live


class Project(msgspec.Struct, frozen=True, eq=False):
    """Everything that fences show; compared by identity, so that answers about it are kept.

    Attributes:
        proof: what is on record; where the page is live, with what this machine found.
        kept: what was worked out of the templates.
        live: whether samples may be shown that are not proved yet.
        labels: the words around samples, by the language's tag.
    """

    root: Path
    catalog: Catalog
    renderer: Renderer
    proof: record.Record
    kept: Keeping
    live: bool = False
    labels: Mapping[str, Labels] = {}


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
    return _opened(root, live, signature(_files(root, live=live)))


@lru_cache(maxsize=2)
def _opened(
    root: Path,
    live: bool,  # noqa: FBT001 - the cache's key
    _found: Signature,
) -> Project | TabproofError:
    """The project, or what is wrong with it: each fence of a live site asks."""
    try:
        kept = Keeping(root)
        catalog = load(root, kept)
        labels = configuration.read(root).shape.labels or {}
        proof = record.read(root, record.RECORD)
        if live:
            proof = proof.united(record.read(root, record.CACHE))
    except TabproofError as error:
        return error
    return Project(root, catalog, Renderer(catalog), proof, kept, live, labels)


def _files(root: Path, *, live: bool) -> Iterator[str]:
    yield from settings(root)
    for name in WATCHED:
        yield from inside(root / name)
    if live:
        yield str(root / record.CACHE)
