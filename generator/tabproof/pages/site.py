"""Ask the site generator for the current page, its language and the build."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import click
from markdown import Markdown
from markdown.util import Registry

from tabproof.errors import InputError
from tabproof.model.settings import OWN_FILE, SHARED_FILE

WATCHED = ("templates", "samples")
LIVE_VARIABLE = "TABPROOF_LIVE"
NOT_YET = "Not proved yet."


class Build:
    """Identify one build of a site by an object that lasts as long; its pages show one state."""

    def __init__(self, known_by: object) -> None:
        """Keep the object, so that no other one gets its identity."""
        self._known_by = known_by

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Build) and other._known_by is self._known_by

    def __hash__(self) -> int:
        return id(self._known_by)


def settings_paths(root: Path) -> Iterator[str]:
    """Yield the files that may hold a project's settings."""
    yield from (f"{root / name}" for name in (OWN_FILE, SHARED_FILE))


def is_live() -> bool:
    """Return whether this process serves pages for `tabproof watch`."""
    context = click.get_current_context(silent=True)
    serving = context is None or context.info_name == "serve"
    return serving and bool(os.environ.get(LIVE_VARIABLE))


def current_page(md: Markdown) -> str | None:
    """Return the page's path below the folder of the pages; None if it is not known.

    MkDocs registers a tree processor that knows the file, Zensical a preprocessor.
    """
    page = getattr(_item(md.preprocessors, "rendering_context"), "page", None)
    return getattr(file_of(md), "src_uri", None) or getattr(page, "path", None)


def file_of(md: Markdown) -> Any:
    """Return MkDocs' own object for the file of the page; None elsewhere."""
    return getattr(_item(md.treeprocessors, "relpath"), "file", None)


def language_of(md: Markdown) -> str:
    """Return the tag of the page's language: its own, or else the site's; empty if none is known.

    A page says `lang` itself; `mkdocs-static-i18n` tells by the file's name or folder.
    """
    context = _item(md.preprocessors, "rendering_context")
    file = file_of(md)
    page = getattr(file, "page", None) or getattr(context, "page", None)
    config = getattr(_item(md.treeprocessors, "relpath"), "config", None)
    config = config or getattr(context, "config", None) or {}
    theme = config.get("theme") or {}
    tags = (
        (getattr(page, "meta", None) or {}).get("lang"),
        getattr(file, "locale", None),
        _theme_option(theme, "language"),
        _theme_option(theme, "locale"),
    )
    # To i18n, "null" is what has no language.
    return next((str(tag) for tag in tags if tag and tag != "null"), "")


def _theme_option(theme: Any, key: str) -> object:
    return theme[key] if key in theme else None  # noqa: SIM401 - MkDocs' themes have no `get`


def plugins_of(md: Markdown) -> Collection[str]:
    """Return the names of the site's plugins, as far as the site generator tells."""
    config = getattr(_item(md.treeprocessors, "relpath"), "config", None) or {}
    return config.get("plugins") or ()


def is_excerpt(md: Markdown) -> bool:
    """Return whether the page is converted to stand on another one, as posts in Material's blog."""
    return "excerpt" in md.treeprocessors


def current_build(md: Markdown) -> Build | None:
    """Return the build that the page is part of; None if the site generator has none.

    MkDocs reads its configuration again for each build, also while it serves. That of Zensical
    lasts as long as its server.
    """
    config = getattr(_item(md.treeprocessors, "relpath"), "config", None)
    return None if config is None else Build(config)


def link_from(page: str | None, target: str) -> str:
    """Return the relative link from one page to another, both below the folder of the pages."""
    return posixpath.relpath(target, posixpath.dirname(page or ""))


def check_watched(md: Markdown, folders: Iterable[Path]) -> None:
    """Check that the page is rebuilt when a file in one of these folders changes.

    MkDocs builds every page every time. Zensical keeps a page as it is until its source changes,
    or a file in one of the folders that its option `watch` names.

    Raises:
        InputError: Zensical would go on showing what the folders held before.
    """
    config = getattr(_item(md.preprocessors, "rendering_context"), "config", None)
    if config is None:
        return
    root = Path(config.get("root_dir", ""))
    watched = [(root / entry).resolve() for entry in config.get("watch", ())]
    missing = [
        Path(os.path.relpath(folder, root)).as_posix()
        for folder in folders
        if not any(folder.is_relative_to(entry) for entry in watched)
    ]
    if missing:
        raise InputError(
            "Zensical would keep this page as it is when a sample changes; add "
            f"{' and '.join(missing)} to `watch` in mkdocs.yml."
        )


def _item(registry: Registry[Any], name: str) -> object:
    return registry[name] if name in registry else None  # noqa: SIM401 - it has no `get`
