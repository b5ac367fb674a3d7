"""The marks that fences leave in a page's Markdown, to find their tab sets by in its elements."""

from __future__ import annotations

import msgspec
from markdown.util import HTML_PLACEHOLDER_RE, HtmlStash

from tabproof.pages.tab_set import TabSet


class ExpectedTabSets(msgspec.Struct, frozen=True):
    """What must stand between two marks: the sets of a fence that stands at a line of a page."""

    page: str
    line: int
    sets: tuple[TabSet, ...]
    end: str


class Markers:
    """The marks of one page.

    A mark is a paragraph with nothing but a placeholder of Python-Markdown's own in it, so that
    no other extension takes it for something else. It also keeps a set apart from what follows:
    an author's own tab would join it.
    """

    def __init__(self, stash: HtmlStash) -> None:
        """Begin a page."""
        self._stash = stash
        self.wanted: dict[str, ExpectedTabSets] = {}

    def mark(self, page: str, line: int, sets: tuple[TabSet, ...]) -> tuple[str, str]:
        """The lines before and after what shows these sets."""
        begin, end = self._stash.store(""), self._stash.store("")
        self.wanted[begin] = ExpectedTabSets(page, line, sets, end)
        return begin, end

    def holds_code(self, text: str | None) -> bool:
        """Whether a placeholder stands for a block of code."""
        match = HTML_PLACEHOLDER_RE.fullmatch(text or "")
        return match is not None and "<code" in str(self._stash.rawHtmlBlocks[int(match[1])])
