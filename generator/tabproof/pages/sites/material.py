"""Write tabs as Markdown for Material for MkDocs and Zensical: content tabs. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from tabproof.pages.sites.code_block import block, quoted, strip_blank_lines
from tabproof.pages.tab_set import Tab, TabSet

INDENT = "    "

Mark: TypeAlias = Callable[[tuple[TabSet, ...]], tuple[str, str]]
"""Gives the lines that stand before and after what shows these sets."""


def render_tabs(sets: tuple[TabSet, ...], mark: Mark | None = None) -> Iterator[str]:
    """Yield the Markdown of tab sets; more than one become tabs of their variants.

    Args:
        sets: what is shown, a set for each variant.
        mark: makes a set known to `tab_elements`, which then writes the line under each sample; the
            line is plain Markdown without it.
    """
    content = (
        _set(sets[0], mark)
        if len(sets) == 1
        else _tabs((each.label, render_tabs((each,), mark)) for each in sets)
    )
    if mark is None:
        yield from content
    else:
        before, after = mark(sets)
        yield from ("", before, *content, after, "")


def _set(tab_set: TabSet, mark: Mark | None) -> Iterator[str]:
    return _tabs((tab.label, _panel(tab, tab_set, mark)) for tab in tab_set.tabs)


def _tabs(panels: Iterable[tuple[str, Iterable[str]]]) -> Iterator[str]:
    first = True
    for label, panel in panels:
        # `===!` starts a set of its own, whatever stands above.
        yield from ("", f'{"===!" if first else "==="} "{label}"', "")
        yield from (INDENT + line if line else "" for line in strip_blank_lines(panel))
        first = False
    yield ""


def _panel(tab: Tab, tab_set: TabSet, mark: Mark | None) -> Iterator[str]:
    options = [tab.lexer, quoted("title", tab.title)]
    if tab_set.linenums:
        options.append(f'linenums="{tab.first_line}"')
    elif tab_set.linenums is not None:
        options.append('linenums="0"')  # no numbers, also where the site numbers all code
    if tab.highlight:
        options.append(f'hl_lines="{tab.highlight[0]}-{tab.highlight[1]}"')
    yield from block(" ".join(options), tab.text)
    yield ""
    if mark is None:
        yield f"*{tab.status}*"
        yield ""
