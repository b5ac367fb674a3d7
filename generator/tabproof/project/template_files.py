"""Files below `templates/`: which of them count, how messages name them, and their text."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from tabproof.errors import located, refuse_conflict

LARGEST_BYTES = 250_000
"""What people write by hand has some 10,000."""


def packaged_templates() -> Path:
    """Where the templates that come with the package are, in a wheel and in a checkout alike."""
    package = Path(__file__).parents[1]
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent.parent / "templates"


def display_path(path: Path, root: Path) -> str:
    """How messages name a file: from the project's folder where it is inside."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def is_hidden(path: Path) -> bool:
    """Files and folders of editors and systems: `.DS_Store`, `.x.swp`, `#x#`, `x~`.

    Args:
        path: from the folder where the search began: the folders on the way count too.
    """
    return any(_hides(part) for part in path.parts)


def _hides(part: str) -> bool:
    return part.startswith((".", "#")) or part.endswith(("~", "#"))


def list_files(top: Path) -> list[tuple[str, str]]:
    """What is in a folder, all the way down, and is not hidden: its path from there, and its path.

    Links to folders are among it, but not what is behind them.
    """
    found = []
    for folder, inner, names in os.walk(top):
        inner[:] = [name for name in inner if not _hides(name)]
        paths = [f"{folder}/{name}" for name in (*inner, *names) if not _hides(name)]
        found += [(Path(path[len(str(top)) + 1 :]).as_posix(), path) for path in paths]
    return sorted(found)


def find_file(folders: Iterable[Path], name: str) -> Path | None:
    """The file of that name in the first folder that has one."""
    return next((folder / name for folder in folders if (folder / name).is_file()), None)


def read_text(path: Path, place: str) -> str:
    """The text of a file that people write; lines end as they do on disk.

    Args:
        path: the file.
        place: how messages name it.

    Raises:
        InputError: it cannot be read, is no file (the reading of a pipe would not end), is large,
            is not UTF-8, or holds a merge conflict.
    """
    try:
        if path.exists() and not path.is_file():
            raise located(place, None, "is no file; put one in its place.")
        content = path.read_bytes()
    except OSError as error:
        raise located(place, None, f"cannot be read: {error.strerror}.") from error
    if len(content) > LARGEST_BYTES:
        raise located(place, None, f"is larger than {LARGEST_BYTES:,} bytes; shorten it.")
    refuse_conflict(place, content)
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise located(place, line, "is not UTF-8; save it as UTF-8.") from error
