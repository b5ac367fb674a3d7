"""The MkDocs plugin, in builds of a site as `mkdocs serve` does them: in one process."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import click
import jinja2
import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

from tabproof.tabs import live

SITE = """\
site_name: A site
theme: {name: material, font: false}
plugins: [search, tabproof]
"""


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Build a site with a text on its page, by a command; gives what its search finds."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "mkdocs.yml").write_text(SITE)
    monkeypatch.setenv("NO_MKDOCS_2_WARNING", "1")
    monkeypatch.setenv(live.VARIABLE, "1")
    started = list[str]()

    def build_with(text: str, command: Literal["build", "serve"] = "serve") -> str:
        (tmp_path / "docs/index.md").write_text(f"# A page\n\n{text}\n")
        with click.Context(click.Command(command), info_name=command):
            config = load_config(str(tmp_path / "mkdocs.yml"), site_dir=str(tmp_path / "site"))
            if command not in started:
                started.append(command)
                config.plugins.on_startup(command=command, dirty=False)
            build(config)
        assert text in (tmp_path / "site/index.html").read_text()
        found = json.loads((tmp_path / "site/search/search_index.json").read_text())
        return " ".join(entry["text"] for entry in found["docs"])

    return build_with


def test_a_live_site_is_built_again_with_the_templates_and_the_search_of_its_first_build(
    built: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = list[str]()
    compile_whole = jinja2.Environment.compile

    def counted(environment: jinja2.Environment, source: str, name: str, filename: str) -> object:
        compiled.append(name)
        return compile_whole(environment, source, name, filename)

    monkeypatch.setattr(jinja2.Environment, "compile", counted)
    assert "First." in built("First.")
    assert "main.html" in compiled
    compiled.clear()
    assert "First." in built("Second.")
    assert not compiled


def test_a_site_that_may_be_published_has_the_search_of_its_own_pages(
    built: Callable[..., str],
) -> None:
    assert "First." in built("First.", "build")
    assert "Second." in built("Second.", "build")
