"""Tabs as GitHub Flavored Markdown, which has none: a part to open for each language. Pure.

Headings would put six samples below each other, and their names into the page's contents. What
GitHub cannot show in a block of code (a title, marked lines, numbers) is said in words.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from tabproof.model.labels import fill
from tabproof.tabs.code_block import block, escaped
from tabproof.tabs.tab_set import Tab, TabSet


def lines(sets: tuple[TabSet, ...]) -> Iterator[str]:
    """The Markdown of tab sets; more than one stand below each other, each with its label."""
    for tab_set in sets:
        if len(sets) > 1:
            yield from (f"**{escaped(tab_set.label)}**", "")
        for number, tab in enumerate(tab_set.tabs):
            yield from _part(tab, tab_set, first=number == 0)


def _part(tab: Tab, tab_set: TabSet, *, first: bool) -> Iterator[str]:
    title = escape(tab.title, quote=False)
    if tab.title == tab.file_name:
        title = f"<code>{title}</code>"
    yield "<details open>" if first else "<details>"
    # The blank line below makes Markdown of what follows.
    yield from (f"<summary>{escape(tab.label, quote=False)}: {title}</summary>", "")
    yield from block(tab.lexer, tab.text)
    yield ""
    for words in _words(tab, tab_set):
        yield from (f"*{escaped(words)}*", "")
    yield from ("</details>", "")


def _words(tab: Tab, tab_set: TabSet) -> Iterator[str]:
    if tab_set.linenums and tab.first_line > 1:
        last = tab.first_line + tab.text.count("\n") - 1
        yield fill(tab_set.labels.lines, first=tab.first_line, last=last, file=tab.file_name)
    if tab.highlight:
        first, last = tab.highlight
        if first == last:
            yield fill(tab_set.labels.marked_line, line=first)
        else:
            yield fill(tab_set.labels.marked_lines, first=first, last=last)
    yield tab.status
