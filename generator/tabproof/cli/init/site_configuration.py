"""Read the configuration of a site as MkDocs or Zensical does, including inherited files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from tabproof.cli.init import yaml_edit
from tabproof.cli.write_files import SITES
from tabproof.errors import InputError
from tabproof.project import toml_file
from tabproof.project.template_files import read_text

TOML = SITES[-1]
INHERIT = "INHERIT"
EXTENSIONS, WATCH = "markdown_extensions", "watch"
NAME = "tabproof"
THEME = "material"
GROUPS = frozenset({"pymdownx", "pymdownx.blocks", "zensical", "zensical.extensions"})
"""Tables of `zensical.toml` that hold extensions."""


class File(msgspec.Struct, frozen=True):
    """Hold a file of a site's configuration.

    Attributes:
        path: relative to the folder of the site.
        text: the content.
        data: the parsed content.
    """

    path: str
    text: str
    data: dict[str, Any]


class Site(msgspec.Struct, frozen=True):
    """Hold a site's configuration.

    Attributes:
        files: the file itself, then those that it inherits from, the nearest first.
        settings: the merged settings of all of them.
    """

    files: tuple[File, ...]
    settings: dict[str, Any]

    @property
    def name(self) -> str:
        """Return the name of the file itself."""
        return self.files[0].path

    @property
    def pages(self) -> str:
        """Return the folder of the pages, relative to the site."""
        folder = self.settings.get("docs_dir")
        return folder.rstrip("/") if isinstance(folder, str) and folder else "docs"

    @property
    def theme(self) -> str:
        """Return the name of the theme, "" if there is none."""
        theme = self.settings.get("theme")
        if isinstance(theme, dict):
            theme = theme.get("name")
        default = THEME if self.is_zensical else ""
        return theme if isinstance(theme, str) else default

    @property
    def lists_pages(self) -> bool:
        """Return whether the menu shows only the pages that `nav` lists."""
        return self.settings.get("nav") is not None

    @property
    def extensions(self) -> dict[str, dict[str, Any]]:
        """Return the Markdown extensions: name -> options."""
        return extensions_of(self.settings.get(EXTENSIONS))

    @property
    def is_zensical(self) -> bool:
        """Return whether Zensical builds the site: it has its file or uses its extensions."""
        return self.name == TOML or any(name.startswith("zensical.") for name in self.extensions)

    @property
    def root(self) -> str | None:
        """Return the folder of templates and samples, relative to the site; None if not set."""
        root = self.extensions.get(NAME, {}).get("root")
        return root if isinstance(root, str) else None


def extensions_of(value: Any) -> dict[str, dict[str, Any]]:
    """Return name -> options, of extensions in a list or a mapping."""
    if isinstance(value, dict):
        pairs = list(value.items())
    else:
        items = value if isinstance(value, list) else []
        pairs = [
            pair
            for item in items
            for pair in (item.items() if isinstance(item, dict) else [(item, None)])
        ]
    return {str(name): options if isinstance(options, dict) else {} for name, options in pairs}


def read(root: Path) -> Site:
    """Read the configuration of the site in a folder.

    Raises:
        InputError: there is none, or a file of it is invalid.
    """
    name = next((name for name in SITES if (root / name).is_file()), None)
    if name is None:
        nearest = next((path for path in _nearby_configurations(root) if path.is_file()), None)
        hint = f" Try --root {nearest.parent.relative_to(root).as_posix()}." if nearest else ""
        raise InputError(
            f"there is no {SITES[0]} here; run this in its folder, or use --root.{hint}"
        )
    if name == TOML:
        text = read_text(root / name, name)
        data = toml_file.parse(text, name)
        project = data.get("project", data)
        settings = dict(project) if isinstance(project, dict) else {}
        if isinstance(settings.get(EXTENSIONS), dict):
            settings[EXTENSIONS] = dict(_flat_extensions(settings[EXTENSIONS]))
        return Site((File(name, text, data),), settings)
    return _combined_site(tuple(_files(root, name)))


def with_texts(site: Site, texts: Mapping[str, str]) -> Site:
    """Return the site with other texts in some of its files."""
    return _combined_site(
        tuple(
            _file(file.path, texts[file.path])[0] if file.path in texts else file
            for file in site.files
        )
    )


def _combined_site(files: tuple[File, ...]) -> Site:
    settings: dict[str, Any] = {}
    for file in reversed(files):
        settings = _merged(settings, file.data)
    return Site(files, settings)


def _flat_extensions(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield name and options of extensions whose names Zensical lets one write as tables."""
    for key, value in table.items():
        name = f"{prefix}{key}"
        if name in GROUPS and isinstance(value, dict):
            yield from _flat_extensions(value, f"{name}.")
        else:
            yield name, value


def _nearby_configurations(root: Path) -> Iterator[Path]:
    for pattern in ("*", "*/*"):
        for name in SITES:
            yield from sorted(root.glob(f"{pattern}/{name}"))


def _files(root: Path, path: str) -> Iterator[File]:
    """Yield a file and those that it inherits from, in the order of MkDocs."""
    visited: list[str] = []
    while path:
        if path in visited:
            raise InputError(
                f"{visited[-1]}: {INHERIT} is circular, back to {path}; remove one of them."
            )
        if visited and not (root / path).is_file():
            raise InputError(f"{visited[-1]}: {INHERIT} names {path}, which does not exist.")
        visited.append(path)
        file, parent = _file(path, read_text(root / path, path))
        yield file
        path = Path(os.path.normpath(Path(path).parent / parent)).as_posix() if parent else ""


def _file(path: str, text: str) -> tuple[File, Any]:
    """Return a file, and the path of the one that it inherits from."""
    data = yaml_edit.load(text, path)
    parent = data.pop(INHERIT, None)
    return File(path, text, data), parent


def _merged(parent: Mapping[str, Any], child: Mapping[str, Any]) -> dict[str, Any]:
    """Merge two files as MkDocs does: mappings are merged, all else is replaced."""
    merged = dict(parent)
    for key, value in child.items():
        old = merged.get(key)
        are_mappings = isinstance(old, dict) and isinstance(value, dict)
        merged[key] = _merged(old, value) if are_mappings else value  # type: ignore[arg-type] # both are
    return merged
