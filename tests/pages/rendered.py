"""What the tests of the fences share: the fence, and how to read a page."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from typing import Any, TypeAlias

FENCE = "```tabproof\nscenario: list-users\nvariant: library\n```"
EXTENSIONS = (
    "admonition",
    "footnotes",
    "def_list",
    "md_in_html",
    "tables",
    "attr_list",
    "toc",
    "pymdownx.details",
    "pymdownx.snippets",
    "pymdownx.superfences",
    "pymdownx.highlight",
    "pymdownx.tabbed",
    "tabproof",
)
ALTERNATE = {"pymdownx.tabbed": {"alternate_style": True}}

Options: TypeAlias = Mapping[str, Mapping[str, Any]]
Render: TypeAlias = Callable[..., str]


class Panels(HTMLParser):
    """The tab sets of a page: labels, and the text of each block of code as a browser has it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.labels: list[str] = []
        self.codes: list[str] = []
        self.titles: list[str] = []
        self.sets = len(re.findall('class="tabbed-set', page))
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = (tag, dict(attrs).get("class")) == ("span", "filename")
        if named or tag in ("label", "code"):
            self._inside = "title" if named else tag
            {"title": self.titles, "label": self.labels, "code": self.codes}[self._inside].append(
                ""
            )

    def handle_endtag(self, tag: str) -> None:
        if tag in ("label", "code") or (tag == "span" and self._inside == "title"):
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            found = {"title": self.titles, "label": self.labels, "code": self.codes}[self._inside]
            found[-1] += data


def indented(text: str, by: int | str) -> str:
    before = by if isinstance(by, str) else " " * by
    return "\n".join((before + line).rstrip() for line in text.split("\n"))


def keyed(*lines: str) -> str:
    """The fence with further keys."""
    return FENCE.replace("\n```", "".join(f"\n{line}" for line in lines) + "\n```")


def visible(page: str) -> str:
    """The page without styles, scripts and code."""
    bare = re.sub(r"<(style|script|code)\b.*?</\1>", "", page, flags=re.DOTALL)
    return entities.unescape(re.sub(r"<[^>]+>", "", bare))
