"""Write tabs as the MDX components that Docusaurus and Starlight have in common. Pure.

Nothing is indented, so that the code is what it is in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from tabproof.pages.html_templates import render
from tabproof.pages.sites.code_block import block, escaped
from tabproof.pages.tab_set import Tab

Panel = tuple[Mapping[str, str], Iterable[str]]
"""The attributes of a `<TabItem>`, and the lines inside."""


def tabs(attributes: Mapping[str, str], panels: Iterable[Panel]) -> Iterator[str]:
    """Yield a `<Tabs>` element with its `<TabItem>` elements."""
    items = [(own, "\n".join(inside)) for own, inside in panels]
    yield from render("sites/tabs.mdx.jinja", attributes=attributes, items=items).split("\n")


def panel(tab: Tab, options: Iterable[str]) -> Iterator[str]:
    """Yield a tab's code, and its status below."""
    yield from block(" ".join((tab.lexer, *filter(None, options))), tab.text)
    yield from ("", f"*{escaped(tab.status)}*")


def highlighted(tab: Tab) -> str:
    """Return the lines to highlight, as `{3-5}`; both sites count them in the text, from 1."""
    return f"{{{tab.highlight[0]}-{tab.highlight[1]}}}" if tab.highlight else ""


def bound(text: str) -> dict[str, tuple[str, int]]:
    """Map the names that a page imports to the module and the import's offset in the text."""
    names = {}
    pattern = r"^import\s+([\w\s{},*$]+?)\s+from\s*(['\"])([^'\"\n]+)\2"
    for match in re.finditer(pattern, text, re.MULTILINE):
        for part in re.split("[{},]", match[1]):
            if name := part.rpartition(" as ")[2].strip():
                names[name] = (match[3], match.start())
    return names
