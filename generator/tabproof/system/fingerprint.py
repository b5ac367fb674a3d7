"""List files without reading them, and tell whether one has changed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

Fingerprint: TypeAlias = tuple[tuple[str, int, int], ...]
"""Of each file its path, when it was written in nanoseconds, and how long it is in bytes."""


def walk_files(top: Path) -> Iterator[str]:
    """Yield all files in a folder and its subfolders; links to folders are not followed."""
    for folder, inner, names in os.walk(top):
        yield from (f"{folder}/{name}" for name in names)
        paths = (f"{folder}/{name}" for name in inner)
        yield from (path for path in paths if os.path.islink(path))  # noqa: PTH114 - it is quick


def fingerprint(paths: Iterable[str]) -> Fingerprint:
    """Return a value that changes when one of these files does."""
    return tuple(sorted(_stats(paths)))


def _stats(paths: Iterable[str]) -> Iterator[tuple[str, int, int]]:
    for path in paths:
        # An editor may have taken a file away just now.
        with suppress(OSError):
            stat = os.stat(path)  # noqa: PTH116 - this runs for each fence of a site
            yield path, stat.st_mtime_ns, stat.st_size


PACKAGES = ("tabproof", "jinja2")


def program() -> tuple[str, Fingerprint]:
    """Return a value that changes when another version of Tabproof or Jinja is installed.

    The files' times will do for it. The engine itself is not imported: where nothing is rendered
    it would take longer than all else.
    """
    specs = (find_spec(name) for name in PACKAGES)
    folders = [Path(spec.origin).parent for spec in specs if spec and spec.origin]
    files = (path for folder in folders for path in walk_files(folder) if path.endswith(".py"))
    return sys.version, fingerprint(files)
