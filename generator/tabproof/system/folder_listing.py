"""List a folder of the project with its subfolders, without following links."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Literal, TypeAlias

from tabproof.errors import MachineError, TabproofError

Kind: TypeAlias = Literal["file", "folder", "link", "pipe or a device"]


def listing(root: Path, name: str, closed: Collection[str] = ()) -> dict[str, Kind]:
    """Return everything in a folder of the project and in its subfolders.

    Args:
        root: the project's folder.
        name: the folder's name in it. It may be a link to another folder of the project.
        closed: folders in it that are not looked into.

    Returns:
        Path from that folder, with forward slashes -> what it is. Empty where there is no folder.

    Raises:
        TabproofError: it is no folder, or a link to one outside the project.
        MachineError: a folder cannot be read.
    """
    folder = root / name
    target = Path(os.path.realpath(folder))
    if not target.is_relative_to(os.path.realpath(root)):
        raise TabproofError(
            f"{name}: is a link to {target}, outside the project; put a folder in its place."
        )
    if not folder.is_dir():
        if folder.exists() or folder.is_symlink():
            raise TabproofError(f"{name}: is no folder; move it away.")
        return {}
    found: dict[str, Kind] = {}
    waiting = [""]
    while waiting:
        inside = waiting.pop()
        try:
            with os.scandir(folder / inside) as entries:
                inside_entries = {f"{inside}{entry.name}": _kind(entry) for entry in entries}
        except OSError as error:
            place = f"{name}/{inside}".rstrip("/")
            raise MachineError(f"{place}: cannot be read: {error.strerror}.") from error
        found |= inside_entries
        folders = (path for path, kind in inside_entries.items() if kind == "folder")
        waiting += (f"{path}/" for path in folders if path not in closed)
    return found


def _kind(entry: os.DirEntry[str]) -> Kind:
    if entry.is_symlink():
        return "link"
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    return "file" if entry.is_file(follow_symlinks=False) else "pipe or a device"


def refuse_obstacles(path: str, found: Mapping[str, Kind], name: str) -> None:
    """Refuse what is in the place of a file, or of a folder on the way to it.

    Args:
        path: where a file belongs, from the listed folder.
        found: the listing.
        name: the folder's name.

    Raises:
        TabproofError: it says what is there.
    """
    parts = path.split("/")
    for count in range(1, len(parts) + 1):
        part, right = "/".join(parts[:count]), "file" if count == len(parts) else "folder"
        kind = found.get(part, right)
        if kind != right:
            raise TabproofError(
                f"{name}/{part}: is a {kind} where a {right} belongs; move it away and run "
                "`tabproof generate`."
            )
