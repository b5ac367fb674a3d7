"""Find a project's folder, as Git finds the folder of a repository."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tabproof.errors import InputError
from tabproof.project import settings_file
from tabproof.project.template_files import display_path, is_hidden

SCENARIOS = "templates/scenarios"
"""The folder that every project has."""

TOP = ".git"
"""What a repository's top has; nothing above it is looked at."""


class NoProjectError(InputError):
    """Report a folder without a project."""


def find(start: Path) -> Path | None:
    """Return the project that a folder belongs to: the folder itself, or the nearest around it.

    The search ends at the top of the Git repository. Without one, it ends below the user's home
    and below the root of the file system: what lies there belongs to no project.
    """
    return next(filter(_is_project, _around(start.resolve())), None)


def check(root: Path) -> None:
    """Refuse a folder that is no project.

    Raises:
        NoProjectError: it has no scenarios.
    """
    if not (root / SCENARIOS).is_dir():
        near = [*_inside(root)]
        option = f"`--root {display_path(near[0], Path.cwd())}`" if len(near) == 1 else "--root"
        raise NoProjectError(
            f"{root / SCENARIOS}: there is no such folder; run tabproof in a project that has one "
            f"or in a folder of it, name the project with {option}, or create one with "
            "`tabproof init`."
        )


def _around(start: Path) -> Iterator[Path]:
    yield start
    ends = {Path(start.anchor)}
    with suppress(RuntimeError):  # nobody knows where that is
        ends.add(Path.home())
    folder = start
    while not (folder / TOP).exists() and folder.parent not in ends:
        folder = folder.parent
        yield folder


def _is_project(folder: Path) -> bool:
    with suppress(OSError):  # a folder that this user may not look into
        return (folder / SCENARIOS).is_dir() or settings_file.has_settings(folder)
    return False


def _inside(folder: Path) -> Iterator[Path]:
    """Return the projects that are folders of this one."""
    with suppress(OSError):
        names = sorted(entry.name for entry in folder.iterdir() if not is_hidden(Path(entry.name)))
        yield from (folder / name for name in names if _is_project(folder / name))
