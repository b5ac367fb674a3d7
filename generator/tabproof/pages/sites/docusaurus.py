"""Write tabs as MDX for Docusaurus 3. Pure.

The rules are those of its guides on tabs and on code blocks, and of `codeBlockUtils` and
`tabsUtils` in `@docusaurus/theme-common` 3.10.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tabproof.errors import InputError
from tabproof.pages.sites.code_block import option
from tabproof.pages.sites.mdx import highlighted, panel, tabs
from tabproof.pages.tab_set import Tab, TabSet

IMPORTS = {
    "Tabs": ("@theme/Tabs", "import Tabs from '@theme/Tabs';"),
    "TabItem": ("@theme/TabItem", "import TabItem from '@theme/TabItem';"),
}
"""Name -> the module that it must come from, and the statement."""

LANGUAGES = {"groupId": "language", "queryString": "lang"}
"""Every set follows the reader's choice, and `?lang=python` makes it."""
VARIANTS = {"groupId": "variant", "queryString": "variant"}

MAGIC = re.compile(r"^\W*(highlight-(?:next-line|start|end))\W*$", re.MULTILINE)
"""A comment that Docusaurus takes out of the code, but for blocks that have marked lines."""


def render_tabs(sets: tuple[TabSet, ...]) -> Iterator[str]:
    """Yield the MDX of tab sets; more than one become tabs of their variants.

    Raises:
        InputError: Docusaurus would not show a sample as it is.
    """
    if len(sets) == 1:
        yield from _set(sets[0])
    else:
        items = (({"value": each.variant, "label": each.label}, _set(each)) for each in sets)
        yield from tabs(VARIANTS, items)


def _set(tab_set: TabSet) -> Iterator[str]:
    items = (
        ({"value": tab.language, "label": tab.label}, panel(tab, _options(tab, tab_set)))
        for tab in tab_set.tabs
    )
    return tabs(LANGUAGES, items)


def _options(tab: Tab, tab_set: TabSet) -> Iterator[str]:
    magic = MAGIC.search(tab.text)
    if magic and not tab.highlight:
        raise InputError(
            f"{tab.file_name}: Docusaurus takes the comment `{magic[1]}` out of the code; reword "
            "it in the template."
        )
    yield highlighted(tab)
    yield option("title", tab.title)
    if tab_set.linenums:
        yield f"showLineNumbers={tab.first_line}"
