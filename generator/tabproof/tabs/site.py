"""What a site generator lets a Markdown extension know: the page, and when it is built again."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from markdown import Markdown
from markdown.util import Registry

from tabproof.errors import InputError
from tabproof.tabs.inputs import Build


def page_of(md: Markdown) -> str | None:
    """The page's path below the folder of the pages; None if it is not known.

    MkDocs registers a tree processor that knows the file, Zensical a preprocessor.
    """
    file = getattr(_item(md.treeprocessors, "relpath"), "file", None)
    page = getattr(_item(md.preprocessors, "rendering_context"), "page", None)
    return getattr(file, "src_uri", None) or getattr(page, "path", None)


def build_of(md: Markdown) -> Build | None:
    """The build that the page is part of, if the site generator tells.

    MkDocs reads its configuration again for each build, also while it serves. That of Zensical
    lasts as long as its server.
    """
    config = getattr(_item(md.treeprocessors, "relpath"), "config", None)
    return None if config is None else Build(config)


def link_from(page: str | None, target: str) -> str:
    """A page as another links to it, both below the folder of the pages."""
    return posixpath.relpath(target, posixpath.dirname(page or ""))


def check_watched(md: Markdown, folders: Iterable[Path]) -> None:
    """Whether a page is built again when a file in one of these folders has changed.

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
