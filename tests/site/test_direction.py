"""English words on a page that is read from right to left."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page
from tests.site.conftest import ROOT, _build, _served

CONFIG = f"""\
site_name: Right to left
theme: {{name: material, font: false, language: ar}}
plugins: []
markdown_extensions:
  - pymdownx.superfences
  - pymdownx.tabbed: {{alternate_style: true}}
  - tabproof: {{root: {ROOT}}}
"""
FENCE = "# Page\n\n```tabproof\nscenario: list-users\nvariant: library\n```\n"

FIRST_AND_LAST = """(line) => {
  const text = line.firstChild;
  const left = (at) => {
    const range = document.createRange();
    range.setStart(text, at);
    range.setEnd(text, at + 1);
    return range.getBoundingClientRect();
  };
  const end = text.data.trimEnd().length - 1;
  return [text.data[end], left(0).left, left(end).left, left(0).top, left(end).top];
}"""


def test_the_full_stop_stands_behind_the_sentence(page: Page, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/index.md").write_text(FENCE, encoding="utf-8")
    (tmp_path / "mkdocs.yml").write_text(CONFIG, encoding="utf-8")
    _build(tmp_path / "mkdocs.yml", tmp_path / "site")
    with _served(tmp_path / "site") as url:
        page.goto(url)
        assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"
        line = page.locator(".tabproof-line:visible").first
        mark, first, last, *tops = line.evaluate(FIRST_AND_LAST)
    assert mark == "."
    assert tops[0] == tops[1]
    assert first < last
