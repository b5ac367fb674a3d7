"""Write tabs as MDX for Astro's Starlight. Pure.

The rules are those of its guide on components, and of Expressive Code, which shows its code.
"""

from __future__ import annotations

from collections.abc import Iterator

from tabproof.pages.sites.code_block import option
from tabproof.pages.sites.mdx import highlighted, panel, tabs
from tabproof.pages.tab_set import Tab, TabSet

MODULE = "@astrojs/starlight/components"
IMPORTS = {name: (MODULE, f"import {{ {name} }} from '{MODULE}';") for name in ("Tabs", "TabItem")}
"""Name -> the module that it must come from, and the statement."""


def render_tabs(sets: tuple[TabSet, ...]) -> Iterator[str]:
    """Yield the MDX of tab sets; more than one become tabs of their variants."""
    if len(sets) == 1:
        yield from _set(sets[0])
    else:
        yield from tabs({"syncKey": "variant"}, (({"label": s.label}, _set(s)) for s in sets))


def _set(tab_set: TabSet) -> Iterator[str]:
    items = (({"label": tab.label}, panel(tab, _options(tab, tab_set))) for tab in tab_set.tabs)
    return tabs({"syncKey": "language"}, items)


def _options(tab: Tab, tab_set: TabSet) -> Iterator[str]:
    yield highlighted(tab)
    # Without a title, Expressive Code takes a comment that looks like one out of the code.
    yield option("title", tab.title)
    # A frame of a terminal copies without the comments.
    yield 'frame="code"'
    # Its plug-in for line numbers reads these; without the plug-in they do nothing.
    if tab_set.linenums:
        yield f"showLineNumbers startLineNumber={tab.first_line}"
    elif tab_set.linenums is False:
        yield "showLineNumbers=false"
