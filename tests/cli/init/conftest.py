from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tabproof.cli import main
from tabproof.cli.init import language_choice
from tabproof.model.language import VARIANTS

SCENARIO = Path(__file__).parents[2] / "ghost/create-post.yml"
SITE = """\
site_name: Demo
theme: {name: material, font: false}

markdown_extensions:
  - toc:
      permalink: true # a link beside each heading

# What readers see first.
plugins: [search]
"""


MACHINE = {"curl": VARIANTS, "python": VARIANTS}
"""What the machine has, as far as these tests go."""


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets what the machine can run: language -> variants."""

    def set_machine(**languages: tuple[str, ...]) -> None:
        monkeypatch.setattr(language_choice, "runnable_languages", lambda _known, _root: languages)

    set_machine(**MACHINE)
    return set_machine


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a site, and nothing of Tabproof."""
    root = tmp_path / "repository"
    (root / "docs").mkdir(parents=True)
    (root / "docs/index.md").write_text("# Demo\n", encoding="utf-8")
    (root / "mkdocs.yml").write_text(SITE, encoding="utf-8")
    shutil.copy(SCENARIO, tmp_path)
    return root


@pytest.fixture
def init(repository: Path, machine: Callable[..., None]) -> Callable[..., Result]:
    """Runs `tabproof init`; an error that it does not report fails the test."""
    del machine  # it is set

    def run(*arguments: str) -> Result:
        command = ["--root", str(repository), "init", *arguments]
        return CliRunner().invoke(main, command, catch_exceptions=False)

    return run
