"""The MkDocs plugin: under `tabproof watch`, a site is built again in half the time.

A site can do without it, and no other build knows of it. What MkDocs and Material work out anew in
each build is kept from the server's first one: the compiled templates of the theme, and the index
of the search, which goes on finding what the pages said when the server started.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from types import CodeType
from typing import Any

import jinja2
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin, event_priority

from tabproof.tabs.live import is_live

SEARCH = "material/search"
INDEX = "search/search_index.json"
FIRST, LAST = 100, -100


class Options(Config):  # type: ignore[no-untyped-call] # MkDocs has no type for it
    """There are none."""


class TabproofPlugin(BasePlugin[Options]):  # type: ignore[no-untyped-call] # the same
    """Keeps what one build has worked out for the next one of the same server."""

    def on_startup(self, **_known: Any) -> None:
        """Begin with nothing; MkDocs keeps a plugin with this method from build to build."""
        self._templates = _Templates()
        self._index: bytes | None = None

    @event_priority(FIRST)
    def on_config(self, config: MkDocsConfig) -> None:
        """Spare Material's search its work, before it begins."""
        search = config.plugins.get(SEARCH)
        if search is not None and self._index is not None and is_live():
            search.config["enabled"] = False

    def on_env(self, env: jinja2.Environment, **_known: Any) -> None:
        """Give the theme's templates a place to be kept in."""
        if is_live():
            env.bytecode_cache = self._templates

    @event_priority(LAST)
    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Keep the search's index, or write the one that was kept."""
        if not is_live():
            return
        path = Path(config.site_dir, INDEX)
        if self._index is None:
            with suppress(FileNotFoundError):
                self._index = path.read_bytes()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self._index)


class _Templates(jinja2.BytecodeCache):
    """Compiled templates, in memory; Jinja takes one for a template of the same name and text."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Any) -> None:
        """Find a template."""
        bucket.code = self._known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Any) -> None:
        """Keep a template."""
        self._known[bucket.key, bucket.checksum] = bucket.code
