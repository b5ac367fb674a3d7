"""Write the sites whose builds are compared: pages with a fence, and the same pages by hand."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

from tabproof.pages.fence_keys import read_fence
from tabproof.pages.markdown import tab_elements
from tabproof.pages.project_samples import open_project
from tabproof.pages.sites import material
from tabproof.pages.tab_set import Tab, TabSet
from tabproof.pages.tabs import tab_sets

FENCE, TABS, ALL = "fence", "tabs", "all"
KEYS = ("scenario: list-users", "variant: library")
PAGE = """\
# Page {number}

{prose}

## The sample

{tabs}

That is all of page {number}.
"""
PROSE = "\n\n".join(
    f"{cause}, *most* of the time: the answer says so in its field `message`. [The sample]"
    "(#the-sample) shows what a program can do about it; it makes a token of its own, sends one "
    "request, and tells what has become of it. Nothing else is needed to try it."
    for cause in (
        "A call is refused for its token",
        "A call comes too late",
        "A call lacks a header",
        "A call asks for what is not there",
        "A call is one too many",
    )
)
CONFIG = """\
site_name: Benchmark
theme: {name: material, font: false, features: [content.code.copy, content.tabs.link]}
plugins: [search]
markdown_extensions:
  - admonition
  - attr_list
  - tables
  - toc: {permalink: true}
  - pymdownx.details
  - pymdownx.highlight
  - pymdownx.superfences
  - pymdownx.tabbed: {alternate_style: true}
"""


def write(root: Path, count: int) -> dict[str, Path]:
    """Write the sources of the sites, each in a folder of its own below the project's."""
    sets = tab_sets(read_fence(KEYS, "page", 1), open_project(root.resolve()))
    variants = {
        FENCE: "\n".join(["```tabproof", *KEYS, "```"]),
        TABS: "\n".join(material.render_tabs(sets)),
        ALL: "\n".join(by_hand(sets[0])),
    }
    sites = {}
    for kind, tabs in variants.items():
        sites[kind] = root / f"{count}-{kind}"
        (sites[kind] / "docs").mkdir(parents=True)
        extension = "  - tabproof: {root: ..}\n" if kind == FENCE else ""
        (sites[kind] / "mkdocs.yml").write_text(CONFIG + extension, encoding="utf-8")
        for number in range(count):
            text = PAGE.format(number=number, prose=PROSE, tabs=tabs)
            name = f"page-{number}.md" if number else "index.md"
            (sites[kind] / "docs" / name).write_text(text, encoding="utf-8")
    return sites


def by_hand(tab_set: TabSet) -> Iterator[str]:
    """Yield the tabs with all that a fence gives."""
    yield f"<style>{tab_elements.style().text}</style>"
    yield ""
    yield f"<script>{tab_elements.script().text}</script>\n"
    waiting = list(tab_set.tabs)
    for line in material.render_tabs((tab_set,)):
        if waiting and line.strip() == f"*{waiting[0].status}*":
            yield line.replace(line.strip(), status_line(waiting.pop(0)))
        else:
            yield line


def status_line(tab: Tab) -> str:
    """Return the line under a sample."""
    data = base64.b64encode(tab.sample.text.encode()).decode()
    name = tab.file_name
    return (
        f'{tab.status} <a download="{name}" href="data:text/plain;charset=utf-8;base64,{data}">'
        f'Download {name}</a> <a href="#{tab.language}">Link to this sample</a>'
    )
