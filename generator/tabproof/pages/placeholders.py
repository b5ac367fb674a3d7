"""Our fences on their way through Python-Markdown: a mark in the place of each.

Only the parser knows whether a line stands in a list, in a blockquote or in indented code. So it
meets marks, and `placing` decides there what becomes of them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Protocol

import msgspec

from tabproof.pages.fence_scanner import OPENING, TAB_LENGTH, FenceMatch, FenceOpening, find_fences

MARK = re.compile("\x05(?P<slot>[0-9]+)\x06")
"""Characters that Python-Markdown and the extensions of pymdownx leave alone."""

UNREAD = (
    "this fence is shown as code. As an example, it needs a fence around it that begins with what "
    "pymdownx.superfences knows, and ends with as many marks; from another extension, write it "
    "into the page itself."
)


class Placeholder(msgspec.Struct, frozen=True):
    """A fence: its lines as they were, what is known of it, and the lines of the whole page."""

    lines: tuple[str, ...]
    match: FenceMatch
    page: list[str]

    def text(self, before: str) -> str:
        """The fence as an example, where some text stands before each line."""
        texts = (self.match.opened.inside(line) for line in self.lines[1:])
        first = self.lines[0].removeprefix(self.match.opened.indent)
        lines = (first, *("" if text is None else text for text in texts))
        return "\n".join((before + line).rstrip() for line in lines).expandtabs(TAB_LENGTH)


class Site(Protocol):
    """What shows the fences."""

    def begin(self, raw: Sequence[str]) -> list[str]:
        """Begin a page, and return its lines as its author wrote them."""

    def lines(self, slot: Placeholder) -> list[str]:
        """The Markdown that a fence becomes; superfences has been there already."""

    def refusal(self, slot: Placeholder, words: str) -> Exception:
        """An error at a fence."""


class Placeholders:
    """The fences of the page at hand."""

    def __init__(self, names: Collection[str]) -> None:
        """Keep which fences are ours."""
        self._names = names
        self._slots: list[Placeholder] = []
        self.page: list[str] = []

    def begin(self) -> None:
        """Begin a page."""
        self._slots, self.page = [], []

    def take(self, lines: list[str]) -> list[str]:
        """The page with marks in the place of our fences."""
        self.page = lines
        written: list[str] = []
        rest = 0
        for found in find_fences(lines, self._names):
            number = found.opened.number
            slot = Placeholder(tuple(lines[number : found.last + 1]), found, lines)
            written += [*lines[rest:number], found.opened.indent + self._add(slot)]
            rest = found.last + 1
        return written + lines[rest:]

    def unread(self, name: str, body: str) -> str:
        """A mark for a fence that another extension came upon."""
        lines = [line.strip() for line in body.split("\n")]
        for number, line in enumerate(self.page):
            match = OPENING.match(line)
            inside = [text.strip(" \t>") for text in self.page[number + 1 :][: len(lines)]]
            if match and match["info"] == name and inside == lines:
                break
        else:
            number = 0
        opened = FenceOpening(number, "", "```", name)
        last = min(number + len(lines) + 1, len(self.page) - 1)
        found = FenceMatch(opened, last, UNREAD, number)
        return self._add(Placeholder(("```" + name, *lines, "```"), found, self.page))

    def _add(self, slot: Placeholder) -> str:
        self._slots.append(slot)
        return f"\x05{len(self._slots) - 1}\x06"

    def at(self, match: re.Match[str]) -> Placeholder:
        """The fence of a mark."""
        return self._slots[int(match["slot"])]
