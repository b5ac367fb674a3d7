"""The words around samples are those of the page's language."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from markdown import Markdown
from markdown.treeprocessors import Treeprocessor
from tests.pages.rendered import ALTERNATE, FENCE

from tabproof.model.labels import ENGLISH, Labels, fill_label, labels_in
from tabproof.pages.site import language_of

LABELS = """\
[labels.de]
run = "Am {date} in {cases} mit {toolchains} gelaufen."
all_cases = "{count} Fällen"
link = "Link zu diesem Beispiel"
library = "Mit Bibliothek"

[labels.he]
run = "הורץ ב-{date}."
"""


class Relpath(Treeprocessor):
    """Knows the page, as the processor does that MkDocs registers."""

    def __init__(self, *, file: object, config: object) -> None:
        super().__init__()
        self.file, self.config = file, config


@pytest.fixture(scope="module")
def root(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with labels."""
    root = tmp_path_factory.mktemp("labels") / "project"
    shutil.copytree(pristine, root)
    (root / "tabproof.toml").write_text(LABELS, encoding="utf-8")
    return root


def made(root: Path, language: str, fence: str = FENCE) -> str:
    """A page of a site in a language."""
    extensions = ["pymdownx.superfences", "pymdownx.tabbed", "tabproof"]
    md = Markdown(
        extensions=extensions, extension_configs={**ALTERNATE, "tabproof": {"root": root}}
    )
    config = {"theme": {"language": language}}
    md.treeprocessors.register(Relpath(file=None, config=config), "relpath", 0)
    return md.convert(fence)


def test_a_page_has_the_words_of_its_language(root: Path) -> None:
    html = made(root, "de", FENCE.replace("library", "[library, stdlib]"))
    assert re.search(r">Am [0-9-]+ in [0-9]+ Fällen mit \S", html)
    assert ">Link zu diesem Beispiel</a>" in html
    assert ">Mit Bibliothek</label>" in html
    # What the table leaves out is English.
    assert ">Standard library only</label>" in html
    assert ">Download list-users.mjs</a>" in html


def test_a_page_of_a_language_without_labels_is_english(root: Path) -> None:
    html = made(root, "fr")
    assert "Run on " in html
    assert ">Link to this sample</a>" in html


def test_the_pages_of_one_site_may_differ(root: Path) -> None:
    assert "Fällen" in made(root, "de")
    assert "Fällen" not in made(root, "en")
    assert "Fällen" in made(root, "de")


def test_the_line_under_a_sample_has_its_own_direction(root: Path) -> None:
    assert '<p class="tabproof-line" dir="auto">Run on ' in made(root, "ar")
    # In words from right to left, the parts of a date would change places.
    assert 'dir="auto">הורץ ב-\u2068' in made(root, "he")


@pytest.mark.parametrize(
    ("language", "table"),
    [("de", "de"), ("de-CH", "de"), ("DE_ch", "de"), ("pt-BR", "pt-BR"), ("pt_br", "pt-BR")],
)
def test_a_table_is_looked_up_by_the_tag_and_then_by_less_of_it(language: str, table: str) -> None:
    tables = {"de": Labels(link="de"), "pt-BR": Labels(link="pt-BR"), "d": Labels(link="d")}
    assert labels_in(language, tables).link == table


@pytest.mark.parametrize("language", ["", "pt", "en", "zh-Hant", "x"])
def test_without_a_table_labels_are_english(language: str) -> None:
    assert labels_in(language, {"de": Labels(link="de"), "pt-BR": Labels(link="x")}) == ENGLISH


def test_values_stand_as_they_are() -> None:
    assert fill_label("{a} {b} {a}", a="{b}", b=3) == "{b} 3 {b}"
    assert fill_label("א {a}", a="2026-01-02") == "א \u20682026-01-02\u2069"


def page_of(lang: object = None, locale: object = None, **theme: object) -> Markdown:
    """A parser of a page, as MkDocs and its plugins leave it."""
    file = SimpleNamespace(page=SimpleNamespace(meta={"lang": lang}), locale=locale)
    md = Markdown()
    config: dict[str, Any] = {"theme": theme}
    md.treeprocessors.register(Relpath(file=file, config=config), "relpath", 0)
    return md


@pytest.mark.parametrize(
    ("md", "language"),
    [
        (page_of(lang="fr", locale="it", language="de"), "fr"),
        (page_of(locale="it", language="de"), "it"),
        (page_of(locale="null", language="de"), "de"),
        (page_of(language="de"), "de"),
        (page_of(), ""),
        (Markdown(), ""),
    ],
)
def test_the_page_itself_goes_before_its_file_and_that_before_the_site(
    md: Markdown, language: str
) -> None:
    assert language_of(md) == language
