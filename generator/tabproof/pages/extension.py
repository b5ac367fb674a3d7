"""Extend Python-Markdown: a `tabproof` fence becomes a set of content tabs.

Further fences, without keys: `tabproof-proof` becomes what the record says of each sample in
each case, `tabproof-cases` the list of the cases, `tabproof-commands` the manual of the command
line, `tabproof-exit-statuses` that of its exit statuses, `tabproof-schema` that of the files that
people write.

The tabs are ordinary Material tabs, made where the parser meets the fence (`processors`). Whatever
would put a wrong sample, or the text of a fence, on a page is an error.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import click
import msgspec
from markdown import Extension, Markdown
from markdown.treeprocessors import Treeprocessor

from tabproof.errors import InputError, TabproofError, located
from tabproof.pages.earlier import cached_tab_sets
from tabproof.pages.fence_keys import Fence, read_fence
from tabproof.pages.markdown import feed, shown_code, tab_elements
from tabproof.pages.markdown.tab_elements import Markers
from tabproof.pages.processors import Placeholder, register, superfences
from tabproof.pages.site import (
    WATCHED,
    check_watched,
    current_build,
    current_page,
    is_excerpt,
    is_live,
    language_of,
    link_from,
)
from tabproof.pages.sites import material
from tabproof.pages.source_lines import SourceLines
from tabproof.pages.tab_set import TabSet
from tabproof.project import project_folder

PLACED = 6
"""After the tabs are elements; before `toc` and MkDocs see which `id`s a page has (5)."""
KEPT = 3
"""After `pymdownx.tabbed` names tabs by their labels (4)."""
NAME = "tabproof"
TABLES = {
    f"{NAME}-{what}": what for what in ("proof", "cases", "commands", "exit-statuses", "schema")
}
LOG = logging.getLogger("mkdocs.plugins.tabproof")


class FenceError(click.ClickException):
    """Report a fence that cannot be shown; MkDocs prints it with the page, and exits with 1."""


class TabproofExtension(Extension):
    """Extend Python-Markdown; the option `root` is the project's folder."""

    def __init__(self, **options: Any) -> None:
        """Declare the options."""
        self.config = {
            "root": [".", "the folder of templates/ and samples/, from that of mkdocs.yml"],
            "docs": ["docs", "the folder of the pages, below the root; messages name its files"],
            "proof_page": ["", "the page with the proof, below `docs`; each sample links to it"],
        }
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        """Register what makes tabs of the fences, and what names the tabs."""
        fences = FenceConverter(md, str(self.getConfig("root")), str(self.getConfig("docs")))
        named_tabs = TabproofTreeprocessor(md, fences, str(self.getConfig("proof_page")))
        register(md, {NAME, *TABLES}, fences)
        md.treeprocessors.register(named_tabs, NAME, PLACED)
        md.treeprocessors.register(TabIdTreeprocessor(md, named_tabs), f"{NAME}-names", KEPT)


class FenceConverter:
    """Shows the fences of the page at hand."""

    def __init__(self, md: Markdown, root: str, docs: str) -> None:
        """Keep the parser, and the folders as the site's configuration has them."""
        self._md = md
        self._given = root, docs
        self._root = Path()
        self._source_lines = SourceLines(md)
        self.marks = Markers(md.htmlStash)
        self._sentences: dict[tuple[str, ...], str] = {}

    def begin(self, raw: Sequence[str]) -> list[str]:
        """Begin a page, and return its lines as its author wrote them."""
        root, docs = self._given
        self._root = (self._source_lines.folder() / root).resolve()
        lines = feed.original(self._md, raw)
        self._source_lines.begin(lines, self._root, self._root / docs)
        self.marks = Markers(self._md.htmlStash)
        self._sentences = {}
        return lines

    def end(self) -> None:
        """End a page that has been converted."""
        feed.write(self._md, [NAME, *TABLES], self._sentences)

    def lines(self, placeholder: Placeholder) -> list[str]:
        """Return the Markdown that a fence becomes, with its code in Python-Markdown's stash.

        Raises:
            FenceError: a fence cannot be shown; with the page and the line in its file. A live
                page shows that instead.
        """
        try:
            return self._lines(placeholder)
        except FenceError as error:
            if not is_live():
                raise
            LOG.warning(error.message)
            return ["", self._md.htmlStash.store(tab_elements.fault_html(error.message)), ""]

    def _lines(self, placeholder: Placeholder) -> list[str]:
        if placeholder.match.fault:
            raise self.refusal(placeholder, placeholder.match.fault)
        opened = placeholder.match.opened
        place = self._source_lines.place(placeholder.page, opened.number, placeholder.match.last)
        texts = [opened.inside(line) or "" for line in placeholder.lines[1:-1]]
        try:
            fence = None if opened.info in TABLES else read_fence(texts, *place)
        except TabproofError as error:
            raise FenceError(str(error)) from error
        try:
            self._check_root()
            check_watched(self._md, (self._root / name for name in WATCHED))
            if fence is None:
                return self._tables(opened.info, texts)
            sets = self._sets(fence)
            self._sentences[tuple(texts)] = feed.sentence(sets)
            return self._tabs(sets, *place)
        except TabproofError as error:
            raise FenceError(str(located(*place, str(error)))) from error

    def _check_root(self) -> None:
        """Refuse a folder that is no project.

        Raises:
            InputError: it names the option, and what to write there.
        """
        try:
            project_folder.check(self._root)
        except project_folder.NoProjectError as error:
            folder = self._source_lines.folder().resolve()
            project = project_folder.find(folder)
            root = Path(os.path.relpath(project, folder)).as_posix() if project else "FOLDER"
            raise InputError(
                f"there is no {project_folder.SCENARIOS} in {self._root}; tell the extension where "
                "the project is, from the folder of the site's configuration: under "
                f"`markdown_extensions` write `- tabproof: {{root: {root}}}`."
            ) from error

    def refusal(self, placeholder: Placeholder, message: str) -> FenceError:
        """Return an error with the line of the fence, or of what makes it invalid."""
        fence = placeholder.match
        first, last = fence.opened.number, fence.last
        if fence.fault and not first <= fence.at <= last + 1:
            first = last = fence.at
        page, line = self._source_lines.place(placeholder.page, first, last)
        offset = fence.at - first if fence.fault else 0
        return FenceError(str(located(page, line + offset, message)))

    def _sets(self, fence: Fence) -> tuple[TabSet, ...]:
        shown_code.check(self._md, superfences(self._md))
        numbered = shown_code.check_numbers(self._md, requested=fence.linenums)
        if numbered:
            fence = msgspec.structs.replace(fence, linenums=True)
        return cached_tab_sets(fence, self._root, current_build(self._md), language_of(self._md))

    def _tabs(self, sets: tuple[TabSet, ...], page: str, line: int) -> list[str]:
        reader = superfences(self._md)
        lines = reader.run(list(material.render_tabs(sets, partial(self.marks.mark, page, line))))
        shown_code.check_code(self._md, lines, sets, reader)
        return list(lines)

    def _tables(self, name: str, texts: list[str]) -> list[str]:
        """Return headings, for the page's table of contents, and tables.

        The HTML waits in Python-Markdown's stash, so that a table may also stand in a list.
        """
        if any(text.strip() for text in texts):
            raise InputError(f"a `{name}` fence has no keys; remove what is in it.")
        from tabproof.pages.reference import tables  # noqa: PLC0415 - 53 ms, and few pages have such tables

        lines = []
        for title, html in tables.sections(TABLES[name], self._root, current_build(self._md)):
            lines += ["", f"## {title}"] if title else []
            lines += ["", self._md.htmlStash.store(html), ""]
        return lines


class TabproofTreeprocessor(Treeprocessor):
    """Gives the tabs of the fences their links, and the lines under their samples."""

    def __init__(self, md: Markdown, fences: FenceConverter, proof_page: str) -> None:
        """Store the converter, which knows the fences of the page."""
        super().__init__(md)
        self._fences = fences
        self._proof_page = proof_page
        self.links: list[tab_elements.Link] = []

    def run(self, root: Element) -> None:
        """Change the page.

        Raises:
            FenceError: a fence did not become tabs.
        """
        page = current_page(self.md)
        proof = self._proof_page and link_from(page, self._proof_page)
        place = tab_elements.Place(page or "", is_excerpt(self.md), proof)
        try:
            self.links = tab_elements.name_tabs(root, self._fences.marks, place)
            self._fences.end()
        except TabproofError as error:
            raise FenceError(str(error)) from error


class TabIdTreeprocessor(Treeprocessor):
    """Names the tabs again, after another extension did."""

    def __init__(self, md: Markdown, named_tabs: TabproofTreeprocessor) -> None:
        """Keep what named them."""
        super().__init__(md)
        self._placed = named_tabs

    def run(self, root: Element) -> None:  # noqa: ARG002 - Python-Markdown's signature
        """Change the tabs of this page."""
        for link in self._placed.links:
            link.keep()


def makeExtension(**options: Any) -> TabproofExtension:  # noqa: N802 - Python-Markdown's name
    """Make the extension; the entry point `tabproof` of `markdown.extensions`."""
    return TabproofExtension(**options)
