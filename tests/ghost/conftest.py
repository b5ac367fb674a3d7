from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tabproof.cli import main
from tabproof.model.catalog import Catalog
from tabproof.model.sample import Sample
from tabproof.model.scenario import Scenario
from tabproof.project import catalog_reader
from tabproof.render.renderer import Renderer

HERE = Path(__file__).parent
TOOLCHAINS = HERE.parent.parent / ".tabproof/toolchains"

Run = Callable[..., Result]


@pytest.fixture(scope="session")
def ghost(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of another team: one scenario, and the packaged templates."""
    root = tmp_path_factory.mktemp("ghost")
    (root / "templates/scenarios").mkdir(parents=True)
    shutil.copy(HERE / "create-post.yml", root / "templates/scenarios")
    if TOOLCHAINS.is_dir():  # installed for this repository's own samples
        (root / ".tabproof").mkdir()
        (root / ".tabproof/toolchains").symlink_to(TOOLCHAINS)
    return root


@pytest.fixture(scope="session")
def known(ghost: Path) -> Catalog:
    return catalog_reader.load(ghost)


@pytest.fixture(scope="session")
def scenario(known: Catalog) -> Scenario:
    return known.scenarios["create-post"]


@pytest.fixture(scope="session")
def samples(known: Catalog) -> list[Sample]:
    return list(Renderer(known).all())


@pytest.fixture(scope="session")
def tabproof(ghost: Path) -> Run:
    """Runs the command line in the project; an error that it does not report fails the test."""

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["--root", str(ghost), *arguments], catch_exceptions=False)

    return run
