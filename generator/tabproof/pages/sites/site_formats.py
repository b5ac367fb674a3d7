"""List the kinds of site that a page can be written for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec

from tabproof.pages.expand.page_blocks import MDX_COMMENT, Syntax
from tabproof.pages.sites import docusaurus, gfm, material, starlight
from tabproof.pages.tab_set import TabSet


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """Describe how pages of a kind of site are written.

    Attributes:
        title: the site's name, for messages.
        lines: writes tab sets.
        suffix: of the files that are written.
        suffixes: of the files that the site reads.
        imports: name -> the module that it must come from, and the statement that imports it.
        comment: what a comment is between.
        admonition: how the site writes a note; messages say so.
        syntax: what its pages are written in.
    """

    title: str
    lines: Callable[[tuple[TabSet, ...]], Iterator[str]]
    suffix: str = ".md"
    suffixes: tuple[str, ...] = (".md", ".markdown")
    imports: Mapping[str, tuple[str, str]] = {}
    comment: tuple[str, str] = ("<!--", "-->")
    admonition: str
    syntax: Syntax


FORMATS = {
    "material": Format(
        title="Material for MkDocs",
        lines=material.render_tabs,
        admonition="!!! note",
        syntax="python-markdown",
    ),
    "docusaurus": Format(
        title="Docusaurus",
        lines=docusaurus.render_tabs,
        suffix=".mdx",
        suffixes=(".mdx", ".md"),
        imports=docusaurus.IMPORTS,
        comment=MDX_COMMENT,
        admonition=":::note",
        syntax="mdx",
    ),
    "starlight": Format(
        title="Starlight",
        lines=starlight.render_tabs,
        suffix=".mdx",
        suffixes=(".mdx",),
        imports=starlight.IMPORTS,
        comment=MDX_COMMENT,
        admonition=":::note",
        syntax="mdx",
    ),
    "gfm": Format(
        title="GitHub", lines=gfm.render_tabs, admonition="> [!NOTE]", syntax="commonmark"
    ),
}
