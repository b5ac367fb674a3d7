"""Find files in `samples/` and `templates/` that are not Tabproof's."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

from tabproof.errors import TabproofError
from tabproof.project.template_files import is_hidden, packaged_templates
from tabproof.samples.manifest import read_manifest
from tabproof.samples.tree import FOLDER, OWN
from tabproof.system.folder_listing import listing

TEMPLATES = "templates"
OWN_FOLDERS = {"scenarios": (".yml", ".yaml"), "schemas": (".json",)}
"""Folder of `templates/` that is Tabproof's -> the extensions of files in it."""
PROPOSED = "tabproof"


def foreign_files(root: Path) -> list[str]:
    """Return the files of a folder's `samples/` and `templates/` that are not Tabproof's, sorted.

    A folder that cannot be read counts as one.
    """
    return sorted([*_samples(root), *_templates(root)])


def free_folder(root: Path) -> str:
    """Return the name of a folder without such files."""
    names = (PROPOSED if number == 1 else f"{PROPOSED}-{number}" for number in count(1))
    return next(name for name in names if not foreign_files(root / name))


def _samples(root: Path) -> Iterator[str]:
    try:
        paths = listing(root, FOLDER)
        ours = read_manifest(root).keys() | OWN if paths else OWN
    except TabproofError:
        yield FOLDER
        return
    if not (root / FOLDER / "manifest.json").exists():
        ours = frozenset()
    for path, kind in paths.items():
        if kind != "folder" and path not in ours and not is_hidden(Path(path)):
            yield f"{FOLDER}/{path}"


def _templates(root: Path) -> Iterator[str]:
    try:
        paths = listing(root, TEMPLATES)
    except TabproofError:
        yield TEMPLATES
        return
    packaged = packaged_templates()
    languages = {path.parent.name for path in packaged.glob("*/language.yml")}
    languages |= {path.partition("/")[0] for path in paths if path.endswith("/language.yml")}
    for path, kind in paths.items():
        top, _slash, name = path.partition("/")
        ours = (
            name.endswith(OWN_FOLDERS[top])
            if top in OWN_FOLDERS
            else top in languages or (not name and (packaged / top).is_file())
        )
        if kind != "folder" and not ours and not is_hidden(Path(path)):
            yield f"{TEMPLATES}/{path}"
