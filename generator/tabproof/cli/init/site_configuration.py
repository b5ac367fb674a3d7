"""The configuration of a site, as MkDocs or Zensical reads it, with what it inherits."""

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
    """A file of a site's configuration.

    Attributes:
        path: from the folder of the site.
        text: what is in it.
        data: what it says.
    """

    path: str
    text: str
    data: dict[str, Any]


class Site(msgspec.Struct, frozen=True):
    """A site's configuration.

    Attributes:
        files: the file itself, and those that it inherits from, the nearest first.
        settings: what all of them say together.
    """

    files: tuple[File, ...]
    settings: dict[str, Any]

    @property
    def name(self) -> str:
        """The name of the file itself."""
        return self.files[0].path

    @property
    def pages(self) -> str:
        """The folder of the pages, from that of the site."""
        folder = self.settings.get("docs_dir")
        return folder.rstrip("/") if isinstance(folder, str) and folder else "docs"

    @property
    def theme(self) -> str:
        """The name of the theme, "" where there is none."""
        theme = self.settings.get("theme")
        if isinstance(theme, dict):
            theme = theme.get("name")
        default = THEME if self.is_zensical else ""
        return theme if isinstance(theme, str) else default

    @property
    def lists_pages(self) -> bool:
        """Whether the menu shows those pages alone that `nav` lists."""
        return self.settings.get("nav") is not None

    @property
    def extensions(self) -> dict[str, dict[str, Any]]:
        """Name of each Markdown extension -> its options."""
        return extensions_of(self.settings.get(EXTENSIONS))

    @property
    def is_zensical(self) -> bool:
        """Whether the site is built by Zensical: by its own file, or by extensions of it."""
        return self.name == TOML or any(name.startswith("zensical.") for name in self.extensions)

    @property
    def root(self) -> str | None:
        """The folder of templates and samples, from that of the site; None if none is named."""
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
        InputError: there is none, or a file of it is not right.
    """
    name = next((name for name in SITES if (root / name).is_file()), None)
    if name is None:
        nearest = next((path for path in _nearby_configurations(root) if path.is_file()), None)
        hint = f" --root {nearest.parent.relative_to(root).as_posix()} is one." if nearest else ""
        raise InputError(
            f"there is no {SITES[0]} here; run this beside one, or name its --root.{hint}"
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
    """Return the site as it would be with other texts of some of its files."""
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
    """Yield a file and those that it inherits from, as MkDocs finds them."""
    seen: list[str] = []
    while path:
        if path in seen:
            raise InputError(f"{seen[-1]}: {INHERIT} leads back to {path}; remove one of them.")
        if seen and not (root / path).is_file():
            raise InputError(f"{seen[-1]}: {INHERIT} names {path}, which is not there.")
        seen.append(path)
        file, parent = _file(path, read_text(root / path, path))
        yield file
        path = Path(os.path.normpath(Path(path).parent / parent)).as_posix() if parent else ""


def _file(path: str, text: str) -> tuple[File, Any]:
    """Return a file, and the one that it inherits from."""
    data = yaml_edit.load(text, path)
    parent = data.pop(INHERIT, None)
    return File(path, text, data), parent


def _merged(parent: Mapping[str, Any], child: Mapping[str, Any]) -> dict[str, Any]:
    """Return what MkDocs makes of two files: mappings are united, all else is replaced."""
    merged = dict(parent)
    for key, value in child.items():
        old = merged.get(key)
        both = isinstance(old, dict) and isinstance(value, dict)
        merged[key] = _merged(old, value) if both else value  # type: ignore[arg-type] # both are
    return merged
