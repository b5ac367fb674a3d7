"""Tabs as Markdown for Material for MkDocs and Zensical: ordinary content tabs. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tabproof.tabs.tab_set import Tab, TabSet

INDENT = "    "


def lines(sets: tuple[TabSet, ...]) -> Iterator[str]:
    """The Markdown of tab sets; more than one become tabs of their variants."""
    if len(sets) == 1:
        yield from _set(sets[0])
    else:
        yield from _tabs((tab_set.label, _set(tab_set)) for tab_set in sets)


def _set(tab_set: TabSet) -> Iterator[str]:
    return _tabs((tab.label, _panel(tab, tab_set)) for tab in tab_set.tabs)


def _tabs(panels: Iterable[tuple[str, Iterable[str]]]) -> Iterator[str]:
    first = True
    for label, panel in panels:
        # `===!` starts a set of its own, whatever stands above.
        yield from ("", f'{"===!" if first else "==="} "{label}"', "")
        yield from (INDENT + line if line else "" for line in panel)
        first = False
    yield ""


def _panel(tab: Tab, tab_set: TabSet) -> Iterator[str]:
    longest = max((len(run) for run in re.findall("`+", tab.text)), default=0)
    marks = "`" * max(3, longest + 1)
    options = [f'title="{tab.title}"']
    if tab_set.linenums:
        options.append(f'linenums="{tab.first_line}"')
    if tab.highlight:
        options.append(f'hl_lines="{tab.highlight[0]}-{tab.highlight[1]}"')
    yield f"{marks}{tab.lexer} {' '.join(options)}"
    yield from tab.text.removesuffix("\n").split("\n")
    yield marks
    yield ""
    yield f"*{tab.status}*"
    yield ""
