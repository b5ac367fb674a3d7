"""Which file each part of the languages comes from: the project's own, or the packaged one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from os.path import commonpath
from pathlib import Path

from tabproof.errors import counted
from tabproof.model.language import Language
from tabproof.project import catalog_reader
from tabproof.project.template_files import display_path, find_file, is_hidden

MOST_NAMES = 3
"""More files than this are counted, not named."""

SHARED = ("cases.yml", "mutations.yml", "sample.jinja")


def template_source_lines(
    languages: Mapping[str, Language], root: Path
) -> Iterator[tuple[str, str]]:
    """What the files are for, and where they are.

    Args:
        languages: the languages of the project.
        root: the project's folder; its files are named from there.
    """
    folders = catalog_reader.template_folders(root)
    shared = {name: str(find_file(folders, name) or "") for name in SHARED}
    if len(folders) == 1:
        yield "all", f"{display_path(folders[0], root)}, which is the package"
        return
    yield "all languages", _words(shared, folders, root)
    packaged = False
    for language in languages.values():
        files = {name: path for name, path in language.files.items() if not is_hidden(Path(name))}
        if _own(files, folders):
            yield language.data.title, _words(files, folders, root)
        else:
            packaged = True
    if packaged:
        yield "other languages", f"all from {folders[-1]}"


def _own(files: Mapping[str, str], folders: list[Path]) -> dict[str, Path]:
    """Return the files that are the project's own."""
    return {n: Path(p) for n, p in files.items() if p and Path(p).is_relative_to(folders[0])}


def _words(files: Mapping[str, str], folders: list[Path], root: Path) -> str:
    own = _own(files, folders)
    parts = [f"{name} from {display_path(path, root)}" for name, path in sorted(own.items())]
    if len(parts) > MOST_NAMES:
        parts = [f"{counted(len(own), 'file')} from {display_path(_around(own.values()), root)}"]
    if len(own) < len(files):
        parts.append(f"{counted(len(files) - len(own), 'file')} from {folders[-1]}")
    return "; ".join(parts)


def _around(paths: Iterable[Path]) -> Path:
    """Return the folder that all of these files are in."""
    return Path(commonpath([path.parent for path in paths]))
