"""List and read the files in `templates/`, and name them in messages."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from tabproof.errors import located, refuse_conflict

LARGEST_BYTES = 250_000
"""What people write by hand has some 10,000."""


def packaged_templates() -> Path:
    """Return the folder of the packaged templates, in a wheel or in a checkout."""
    package = Path(__file__).parents[1]
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent.parent / "templates"


def display_path(path: Path, root: Path) -> str:
    """Return a path as messages show it: relative to the project's folder if it is inside."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def is_hidden(path: Path) -> bool:
    """Return whether a file or folder is one of an editor or system: `.DS_Store`, `#x#`, `x~`.

    Args:
        path: from the folder where the search began: the folders on the way count too.
    """
    return any(_hides(part) for part in path.parts)


def _hides(part: str) -> bool:
    return part.startswith((".", "#")) or part.endswith(("~", "#"))


def list_files(top: Path) -> list[tuple[str, str]]:
    """Return relative path and path of all files in a folder and its subfolders, unless hidden.

    Links to folders are among it, but not what is behind them.
    """
    files = []
    for folder, inner, names in os.walk(top):
        inner[:] = [name for name in inner if not _hides(name)]
        paths = [f"{folder}/{name}" for name in (*inner, *names) if not _hides(name)]
        files += [(Path(path[len(str(top)) + 1 :]).as_posix(), path) for path in paths]
    return sorted(files)


def find_file(folders: Iterable[Path], name: str) -> Path | None:
    """Return the file of a name in the first folder that has one; None if none has."""
    return next((folder / name for folder in folders if (folder / name).is_file()), None)


def read_text(path: Path, place: str) -> str:
    """Read the text of a file that people write; line ends stay as they are.

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
