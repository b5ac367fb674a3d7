"""Check that a page shows the code of tabs as it is in the file, and that the site can do so.

Other extensions may change code, number its lines in the text that readers copy, or take a fence
for something else. Each is an error that names the option.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from markdown import Markdown
from markdown.util import HTML_PLACEHOLDER_RE

from tabproof.errors import InputError
from tabproof.pages.tab_set import Tab, TabSet

TITLE = re.compile(r'<span class="filename">(.*?)</span>', re.DOTALL)
TEXT = re.compile(r">([^<]+)")
"""What stands between tags; to find it is faster than to take thousands of tags away."""


def check(md: Markdown, superfences: Any) -> None:
    """Check that the site's configuration can show tabs with code.

    Raises:
        InputError: an extension or an option of one is missing.
    """
    if superfences is None:
        instead = " in place of fenced_code" if "fenced_code_block" in md.preprocessors else ""
        raise InputError(f"tabs need pymdownx.superfences{instead}; list it in mkdocs.yml.")
    tabbed = md.parser.blockprocessors
    if "tabbed" not in tabbed or not getattr(tabbed["tabbed"], "alternate_style", False):
        raise InputError(
            "tabs need pymdownx.tabbed with `alternate_style: true`; write both in mkdocs.yml."
        )
    if not _settings(md)["use_pygments"]:
        raise InputError(
            "tabs need Pygments; remove `use_pygments: false` of pymdownx.highlight from "
            "mkdocs.yml."
        )


def check_numbers(md: Markdown, *, requested: bool | None) -> bool:
    """Return whether lines are numbered, by the fence or else by the site's default.

    Raises:
        InputError: an option hides the numbers, or puts them into the code.
    """
    settings = _settings(md)
    numbered = bool(settings["linenums"]) if requested is None else requested
    if numbered and settings["linenums"] is False:
        raise InputError(
            "`linenums: false` of pymdownx.highlight hides all numbers; remove it from mkdocs.yml."
        )
    if numbered and settings["linenums_style"] == "inline":
        raise InputError(
            "with `linenums_style: inline` of pymdownx.highlight, readers copy the numbers too; "
            "set it to table or to pymdownx-inline."
        )
    return numbered


def check_code(md: Markdown, lines: list[str], sets: tuple[TabSet, ...], superfences: Any) -> None:
    """Check that each tab shows its code and its title unchanged.

    Args:
        md: the parser, with the code in its stash.
        lines: what superfences has made of the tabs.
        sets: the tabs.
        superfences: the preprocessor of it.

    Raises:
        InputError: something has changed the text.
    """
    tabs = [tab for tab_set in sets for tab in tab_set.tabs]
    blocks = list(_blocks(md, lines))
    if len(blocks) != len(tabs):
        raise InputError(f"the code is not shown as code; {_suspect(tabs[0], superfences)}.")
    for tab, block in zip(tabs, blocks, strict=True):
        code = block.partition("<code")[2].partition("</code>")[0]
        text = html.unescape("".join(TEXT.findall(code)))
        if text.rstrip("\n") != tab.text.rstrip("\n"):
            raise InputError(
                f"the code of the tab {tab.label} is not that of {tab.file_name}; "
                f"{_suspect(tab, superfences)}."
            )
        title = TITLE.search(block)
        shown = title[1] if title else ""
        if "<" in shown or html.unescape(shown) != tab.title:
            raise InputError(
                f"the title {tab.title!r} is not shown as it is; write another, or update "
                "Pygments to 2.20 or later."
            )


def _settings(md: Markdown) -> dict[str, Any]:
    """Return the options of pymdownx.highlight; superfences registers it if the site does not."""
    for extension in md.registeredExtensions:
        if hasattr(extension, "get_pymdownx_highlight_settings"):
            return dict(extension.get_pymdownx_highlight_settings())
    return {"use_pygments": True, "linenums": None, "linenums_style": "table"}


def _blocks(md: Markdown, lines: list[str]) -> Iterator[str]:
    for line in lines:
        match = HTML_PLACEHOLDER_RE.fullmatch(line.strip())
        block = str(md.htmlStash.rawHtmlBlocks[int(match[1])]) if match else ""
        if "<code" in block:
            yield block


def _suspect(tab: Tab, superfences: Any) -> str:
    """Return a hint at the option that probably changes the code."""
    for entry in superfences.extension.superfences:
        if entry["name"] in ("*", tab.lexer):
            name = entry["name"]
            return f"the custom fence `{name}` of pymdownx.superfences takes it: remove that"
    return "look for an option of pymdownx.highlight or pymdownx.superfences that changes code"
