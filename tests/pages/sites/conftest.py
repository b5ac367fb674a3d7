from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import cmarkgfm  # type: ignore[import-untyped] # it has no types
import msgspec
import pytest
from cmarkgfm.cmark import Options  # type: ignore[import-untyped] # it has no types
from markdown import Markdown

HERE = Path(__file__).parent
MATERIAL = ["admonition", "pymdownx.superfences", "pymdownx.highlight", "pymdownx.tabbed"]


class Seen(msgspec.Struct):
    """What a site's own parser finds on a page: tabs in order, each with code and words."""

    labels: list[str]
    codes: list[str]
    words: list[str]
    infos: list[str] = []
    imports: list[tuple[str, str, str]] = []


Reader = Callable[[Sequence[str]], list[Seen]]


@pytest.fixture(scope="session")
def mdx() -> Reader:
    """Reads pages by the parser that Docusaurus and Starlight use; they are compiled and run."""
    assert (HERE / "node_modules").is_dir(), "run `npm ci --prefix tests/pages/sites`"

    def read(pages: Sequence[str]) -> list[Seen]:
        completed = subprocess.run(
            ["node", str(HERE / "read_mdx.mjs")],  # noqa: S607 - Node is where this machine has it
            input=json.dumps(list(pages)),
            capture_output=True,
            text=True,
            check=True,
        )
        return [_seen_in_mdx(page) for page in json.loads(completed.stdout)]

    return read


def _seen_in_mdx(page: dict[str, Any]) -> Seen:
    assert "error" not in page, page["error"]
    seen = Seen([], [], [], imports=[tuple(each) for each in page["imports"]])
    seen.infos = [f"{each['lang']} {each['meta']}" for each in page["metas"]]
    for node in _nodes(page["content"]):
        if node["type"] == "TabItem":
            seen.labels.append(node["attributes"]["label"])
        elif node["type"] == "code":
            seen.codes.append("".join(node["children"]))
        elif node["type"] == "em":
            seen.words.append("".join(node["children"]))
    return seen


def _nodes(nodes: list[Any]) -> Iterator[dict[str, Any]]:
    for node in nodes:
        if not isinstance(node, str):
            yield node
            yield from _nodes(node["children"])


class _Texts(HTMLParser):
    """The texts of some elements of a page."""

    def __init__(self, page: str, names: Sequence[str]) -> None:
        super().__init__()
        self.texts: list[tuple[str, str]] = []
        self._names = names
        self._open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, _attributes: object) -> None:
        if not self._open and tag in self._names:
            self.texts.append((tag, ""))
            self._open.append(tag)
        elif self._open and tag == self._open[0]:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._open and tag == self._open[0]:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open:
            tag, text = self.texts[-1]
            self.texts[-1] = tag, text + data


def _seen_in_html(page: str, label: str) -> Seen:
    texts = _Texts(page, (label, "pre", "em")).texts
    by = {name: [text for tag, text in texts if tag == name] for name in (label, "pre", "em")}
    return Seen(by[label], by["pre"], by["em"])


@pytest.fixture(scope="session")
def gfm() -> Reader:
    """Reads pages by GitHub's own parser."""

    def read(pages: Sequence[str]) -> list[Seen]:
        unsafe = Options.CMARK_OPT_UNSAFE
        written = (cmarkgfm.github_flavored_markdown_to_html(p, unsafe) for p in pages)
        return [_seen_in_html(page, "summary") for page in written]

    return read


@pytest.fixture(scope="session")
def material() -> Reader:
    """Reads pages by Python-Markdown, as Material for MkDocs sets it up."""

    def read(pages: Sequence[str]) -> list[Seen]:
        options: dict[str, dict[str, object]] = {
            "pymdownx.tabbed": {"alternate_style": True},
            "pymdownx.highlight": {"auto_title": False},
        }
        seen = []
        for page in pages:
            text = re.sub(r"\A---\n.*?\n---\n", "", page, flags=re.DOTALL)
            html = Markdown(extensions=MATERIAL, extension_configs=options).convert(text)
            seen.append(_seen_in_html(html, "label"))
        return seen

    return read
