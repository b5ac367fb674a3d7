from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tabproof.model.catalog import Catalog
from tabproof.model.language import Language, LanguageFile, Toolchain
from tabproof.model.notation import Identifiers, Notation, StringForm
from tabproof.project.catalog_reader import load
from tabproof.sandbox import batch


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return Path(__file__).parents[2]


@pytest.fixture(scope="session")
def catalog(root: Path) -> Catalog:
    return load(root)


@pytest.fixture(scope="session")
def _lacking() -> str:
    return batch.missing_sandbox()


@pytest.fixture
def sandbox(_lacking: str) -> None:
    """For tests that run something in the sandbox."""
    if _lacking:
        pytest.skip(_lacking)


@pytest.fixture
def language_with() -> Callable[..., Language]:
    """A language of the tests' own, with these toolchains."""

    def make(*toolchains: Toolchain) -> Language:
        shape = LanguageFile(
            title="Tale",
            position=1,
            lexer="text",
            file_name="{kebab}.tale",
            identifiers=Identifiers(case="snake"),
            notations={"default": Notation(strings=(StringForm(quotes=('"', '"')),))},
            toolchains=toolchains,
        )
        return Language("tale", {}, shape)

    return make
