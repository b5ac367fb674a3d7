"""Fences follow the settings of their project: which languages and variants it has samples in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from markdown import Markdown
from tests.pages.rendered import ALTERNATE, EXTENSIONS, FENCE, Panels, keyed

from tabproof.pages.extension import FenceError

Show = Callable[..., Panels]


@pytest.fixture
def show(project: Path, monkeypatch: pytest.MonkeyPatch) -> Show:
    """From settings and a page to its tabs."""
    monkeypatch.delenv("TABPROOF_LANGUAGES", raising=False)

    def run(settings: str, page: str = FENCE) -> Panels:
        (project / "tabproof.toml").write_text(settings, encoding="utf-8")
        given: dict[str, Mapping[str, Any]] = {**ALTERNATE, "tabproof": {"root": str(project)}}
        known = {name: dict(given[name]) for name in EXTENSIONS if name in given}
        return Panels(Markdown(extensions=list(EXTENSIONS), extension_configs=known).convert(page))

    return run


def test_a_fence_has_the_settled_languages_in_their_order(show: Show) -> None:
    assert show('languages = ["ruby", "csharp", "node"]\n').labels == ["Ruby", "C#", "Node"]
    assert len(show('variants = ["library"]\n').labels) == 6
    # The same process, as `mkdocs serve` is: the settings are read again when they change.
    assert show('languages = ["node"]\n').labels == ["Node"]


def test_a_fence_takes_another_order_among_the_settled_languages(show: Show) -> None:
    page = keyed("languages: [node, ruby]")
    assert show('languages = ["ruby", "csharp", "node"]\n', page).labels == ["Node", "Ruby"]


def test_a_variable_goes_before_the_file(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABPROOF_LANGUAGES", "php,ruby")
    assert show('languages = ["node"]\n').labels == ["PHP", "Ruby"]


@pytest.mark.parametrize(
    ("settings", "page", "words"),
    [
        (
            'languages = ["ruby", "node"]\n',
            keyed("languages: [php]"),
            "this project has no samples in language 'php', by its settings; choose node or ruby.",
        ),
        (
            'variants = ["stdlib"]\n',
            FENCE,
            "this project has no samples in variant 'library', by its settings; choose stdlib.",
        ),
        ('languages = ["perl"]\n', FENCE, "tabproof.toml:1: unknown language 'perl'; choose "),
        ("\nlangs = 1\n", FENCE, "tabproof.toml:2: unknown key 'langs'; choose "),
    ],
)
def test_what_the_settings_do_not_allow_fails_the_build_with_the_place(
    settings: str, page: str, words: str, show: Show
) -> None:
    with pytest.raises(FenceError) as caught:
        show(settings, page)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
