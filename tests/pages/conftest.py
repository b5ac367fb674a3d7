from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from markdown import Markdown
from tests.pages.rendered import ALTERNATE, EXTENSIONS, Options, Render


@pytest.fixture(scope="session")
def shared(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that no test changes but for its pages; templates are read once."""
    root = tmp_path_factory.mktemp("shared") / "project"
    shutil.copytree(pristine, root)
    return root


@pytest.fixture
def docs(shared: Path) -> Iterator[Path]:
    folder = shared / "docs"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def render(shared: Path, docs: Path) -> Render:
    """From a page to its HTML; the page is also a file, so that messages can name it."""

    def run(
        text: str, options: Options | None = None, extensions: tuple[str, ...] = EXTENSIONS
    ) -> str:
        (docs / "page.md").write_text(text)
        given: dict[str, Mapping[str, Any]] = {
            **ALTERNATE,
            "tabproof": {"root": str(shared)},
            **(options or {}),
        }
        known = {name: dict(given[name]) for name in extensions if name in given}
        return Markdown(extensions=list(extensions), extension_configs=known).convert(text)

    return run
