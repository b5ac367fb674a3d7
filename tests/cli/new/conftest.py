from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import jwt
import pytest
from click.testing import CliRunner, Result

from tabproof.cli import main

TOOLCHAINS = Path(__file__).parents[3] / ".tabproof/toolchains"
SECRET = "0123456789abcdef0123456789abcdef"

Run = Callable[..., Result]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty project, with the toolchains of this repository where they are installed."""
    folder = tmp_path / "project"
    folder.mkdir()
    if TOOLCHAINS.is_dir():
        (folder / ".tabproof").mkdir()
        (folder / ".tabproof/toolchains").symlink_to(TOOLCHAINS)
    return folder


@pytest.fixture
def tabproof(root: Path) -> Run:
    """Runs the command line; an error that it does not report fails the test."""

    def run(*arguments: str, typed: str | None = None) -> Result:
        command = ["--root", str(root), *arguments]
        return CliRunner().invoke(main, command, typed, catch_exceptions=False)

    return run


@pytest.fixture
def token() -> Callable[..., str]:
    """Makes a token as an API's client does."""

    def make(header: dict[str, str] | None = None, **claims: object) -> str:
        return jwt.encode(claims, SECRET, "HS256", header)

    return make


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody is there to be asked."""
    monkeypatch.setattr("tabproof.cli.write_files.is_terminal", lambda: True)


@pytest.fixture
def written(root: Path) -> Callable[[], set[str]]:
    """The files of the project, without what is installed."""

    def paths() -> set[str]:
        found = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
        return {path.as_posix() for path in found if path.parts[0] != ".tabproof"}

    return paths
