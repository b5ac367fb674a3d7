"""Write tabs as GitHub Flavored Markdown: a collapsible part for each language. Pure.

Headings would put six samples below each other, and their names into the page's contents. What
GitHub cannot show in a block of code (a title, marked lines, numbers) is said in notes below it.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tabproof.model.labels import fill_label
from tabproof.pages.html_templates import render
from tabproof.pages.sites.code_block import block, escaped
from tabproof.pages.tab_set import Tab, TabSet


class Part(msgspec.Struct, frozen=True):
    """Hold a collapsible part: a tab's label and title, and its code and notes as Markdown."""

    label: str
    title: str
    is_file_name: bool
    code: str
    notes: list[str]


def render_tabs(sets: tuple[TabSet, ...]) -> Iterator[str]:
    """Yield the Markdown of tab sets; more than one stand below each other, with their labels."""
    for tab_set in sets:
        if len(sets) > 1:
            yield from (f"**{escaped(tab_set.label)}**", "")
        parts = [_part(tab, tab_set) for tab in tab_set.tabs]
        yield from render("sites/gfm.md.jinja", parts=parts).split("\n")
        yield ""


def _part(tab: Tab, tab_set: TabSet) -> Part:
    notes = [escaped(note) for note in _notes(tab, tab_set)]
    code = "\n".join(block(tab.lexer, tab.text))
    return Part(tab.label, tab.title, tab.title == tab.file_name, code, notes)


def _notes(tab: Tab, tab_set: TabSet) -> Iterator[str]:
    if tab_set.linenums and tab.first_line > 1:
        last = tab.first_line + tab.text.count("\n") - 1
        yield fill_label(tab_set.labels.lines, first=tab.first_line, last=last, file=tab.file_name)
    if tab.highlight:
        first, last = tab.highlight
        if first == last:
            yield fill_label(tab_set.labels.marked_line, line=first)
        else:
            yield fill_label(tab_set.labels.marked_lines, first=first, last=last)
    yield tab.status
