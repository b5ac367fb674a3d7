"""What is begun in a folder that is no project is begun there, and that is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

SCENARIO = ("new", "scenario", "list-orders", "--yes", "--url", "https://api.shop.example/v1")
LANGUAGE = ("new", "language", "perl", "--yes")
NOTE = (
    "note: this folder was not a project: it has no mkdocs.yml, no templates/ and no "
    "settings; `tabproof init` creates one."
)


@pytest.mark.parametrize("words", [SCENARIO, LANGUAGE], ids=lambda words: words[1])
def test_in_a_folder_that_is_no_project_it_is_said_once(
    words: tuple[str, ...], tabproof: Any, root: Path
) -> None:
    (root / "pyproject.toml").write_text("[project]\nname = 'tabproof-shop'\n", encoding="utf-8")
    result = tabproof(*words)
    assert (result.exit_code, result.stderr.splitlines()[0]) == (0, NOTE)
    (more,) = words[2:3]
    again = tabproof(*(f"{word}-2" if word == more else word for word in words))
    assert (again.exit_code, NOTE in again.stderr) == (0, False)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mkdocs.yml", "site_name: Shop\n"),
        ("tabproof.toml", "languages = ['node']\n"),
        ("pyproject.toml", "[tool.tabproof]\nlanguages = ['node']\n"),
    ],
)
def test_in_a_project_nothing_is_said_of_it(
    name: str, text: str, tabproof: Any, root: Path
) -> None:
    (root / name).write_text(text, encoding="utf-8")
    result = tabproof(*SCENARIO)
    assert (result.exit_code, NOTE in result.stderr) == (0, False)
