"""What a site generator lets a Markdown extension know: the page that it renders."""

from __future__ import annotations

import posixpath

from markdown import Markdown


def page_of(md: Markdown) -> str | None:
    """The page's path below the folder of the pages; None if it is not known.

    MkDocs registers a tree processor that knows the file, Zensical a preprocessor.
    """
    if "relpath" in md.treeprocessors:
        file = getattr(md.treeprocessors["relpath"], "file", None)
        return getattr(file, "src_uri", None)
    if "rendering_context" in md.preprocessors:
        page = getattr(md.preprocessors["rendering_context"], "page", None)
        return getattr(page, "path", None)
    return None


def link_from(page: str | None, target: str) -> str:
    """A page as another links to it, both below the folder of the pages."""
    return posixpath.relpath(target, posixpath.dirname(page or ""))
