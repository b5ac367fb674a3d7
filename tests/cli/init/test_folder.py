"""A site whose repository has a `samples/` or `templates/` of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from tabproof.cli import main
from tabproof.cli.init.foreign_files import foreign_files

Init = Callable[..., Result]
IMAGE = b"\x89PNG\r\n\x1a\n\r\n\x00"


@pytest.fixture
def image(repository: Path) -> Path:
    """A file that Git would damage if it took it for text."""
    path = repository / "samples/logo.png"
    path.parent.mkdir()
    path.write_bytes(IMAGE)
    return path


def _git(folder: Path, *arguments: str) -> bytes:
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, check=True).stdout


def test_it_begins_in_a_folder_of_its_own(init: Init, repository: Path, image: Path) -> None:
    result = init("--yes")
    assert result.exit_code == 0, result.stderr
    assert (
        "note: 1 file in samples/ and templates/ is not Tabproof's (samples/logo.png); "
        "Tabproof's go into tabproof/ (change it with --folder).\n"
    ) in result.stderr
    new = {path.name for path in (repository / "tabproof").iterdir()}
    assert new == {".gitattributes", ".gitignore", "tabproof.toml", "templates"}
    site = yaml.safe_load((repository / "mkdocs.yml").read_text(encoding="utf-8"))
    assert site["markdown_extensions"][-1] == {"tabproof": {"root": "tabproof"}}
    assert site["watch"] == ["tabproof/samples", "tabproof/templates"]
    assert "Next: tabproof --root tabproof generate && tabproof --root tabproof prove" in (
        result.stderr
    )
    assert image.read_bytes() == IMAGE


def test_a_second_time_it_finds_its_folder(init: Init, image: Path) -> None:
    assert image.exists()
    init("--yes", "--folder", "api/samples")
    result = init("--yes")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.endswith("Nothing to do: this project is already set up.\n")
    assert init("--yes", "--folder", "other").stderr == (
        "tabproof: --folder: mkdocs.yml already sets the folder api/samples; leave it out.\n"
    )


@pytest.mark.parametrize("folder", ["..", "/code", "a/../..", ""])
def test_a_folder_that_is_not_below_the_site_is_refused(init: Init, folder: str) -> None:
    result = init("--yes", "--folder", folder)
    assert result.exit_code == 2
    assert result.stderr.startswith("tabproof: --folder: write a folder below that of the site")


def test_on_a_terminal_it_asks_for_the_folder(
    repository: Path, image: Path, machine: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    del image, machine  # they are there
    monkeypatch.setattr("tabproof.cli.init.is_terminal", lambda: True)
    monkeypatch.setattr("tabproof.cli.write_files.is_terminal", lambda: True)
    arguments = ["--root", str(repository), "init", "--language", "curl"]
    result = CliRunner().invoke(main, arguments, input="../x\ncode\n" + "\n" * 9)
    assert result.exit_code == 0, result.output
    assert (repository / "code/templates/scenarios/list-orders.yml").is_file()


@pytest.mark.parametrize("folder", [(), ("--folder", ".")])
def test_git_leaves_files_beside_the_samples_as_they_are(
    init: Init, repository: Path, image: Path, folder: tuple[str, ...]
) -> None:
    assert init("--yes", *folder).exit_code == 0
    top = repository if folder else repository / "tabproof"
    ours = top / "samples/list-orders/library/list-orders.sh"
    ours.parent.mkdir(parents=True)
    ours.write_bytes(b"#!/bin/sh\r\n")
    text = repository / "samples/notes.txt"
    text.write_bytes(b"one\r\ntwo\r\n")
    _git(repository, "init", "--quiet")
    _git(repository, "add", "--all")
    name = ours.relative_to(repository).as_posix()
    assert _git(repository, "show", f":{name}") == b"#!/bin/sh\n"
    assert _git(repository, "show", ":samples/logo.png") == IMAGE
    assert _git(repository, "show", ":samples/notes.txt") == text.read_bytes()
    assert image.read_bytes() == IMAGE


def test_what_tabproof_writes_is_not_foreign(init: Init, repository: Path) -> None:
    assert init("--yes", "--language", "curl").exit_code == 0
    run = CliRunner().invoke(main, ["--root", str(repository), "generate"])
    assert run.exit_code == 0, run.output
    (repository / "templates/ruby").mkdir()
    (repository / "templates/ruby/sample.rb.jinja").write_text("", encoding="utf-8")
    (repository / "templates/cases.yml").write_text("", encoding="utf-8")
    (repository / "templates/.DS_Store").write_text("", encoding="utf-8")
    assert foreign_files(repository) == []
    (repository / "templates/page.html").write_text("", encoding="utf-8")
    (repository / "templates/scenarios/notes.txt").write_text("", encoding="utf-8")
    (repository / "samples/README.md").write_text("", encoding="utf-8")
    assert foreign_files(repository) == [
        "samples/README.md",
        "templates/page.html",
        "templates/scenarios/notes.txt",
    ]


def test_a_folder_that_cannot_be_looked_into_is_foreign(tmp_path: Path) -> None:
    (tmp_path / "samples").write_text("", encoding="utf-8")
    (tmp_path / "templates").symlink_to("/")
    assert foreign_files(tmp_path) == ["samples", "templates"]
