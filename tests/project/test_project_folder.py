"""A project is looked for from the working directory upwards, and named by --root anywhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from markdown import Markdown
from tests.pages.rendered import ALTERNATE, EXTENSIONS, FENCE

from tabproof.cli import COMMANDS, main, root_option
from tabproof.pages.extension import FenceError
from tabproof.project.project_folder import find

Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    """Runs the command line where the process is."""
    return lambda *words: CliRunner().invoke(main, [*words], catch_exceptions=False)


def _make(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("", encoding="utf-8")


@pytest.mark.parametrize(
    "mark", ["templates/scenarios/", "tabproof.toml"], ids=["scenarios", "settings"]
)
@pytest.mark.parametrize("below", ["", "docs", "templates/scenarios", "a/b/c"])
def test_a_folder_belongs_to_the_project_around_it(mark: str, below: str, tmp_path: Path) -> None:
    _make(tmp_path, f"{below}/", mark)
    assert find(tmp_path / below) == tmp_path


@pytest.mark.parametrize(
    ("text", "is_marked"),
    [
        ("[tool.tabproof]\nlanguages = ['ruby']\n", True),
        ("[tool.tabproof.prove]\njobs = 2\n", True),
        ("[tool]\ntabproof = {languages = ['ruby']}\n", True),
        ("[tool.tabproof]\nlanguage = 'wrong'\n", True),
        ("[project]\ndependencies = ['tabproof']\n", False),
        ("[project\ndependencies = ['tabproof']\n", False),
    ],
)
def test_a_pyproject_makes_a_project_where_it_has_settings(
    text: str, is_marked: object, tmp_path: Path
) -> None:
    _make(tmp_path, "docs/")
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    assert (find(tmp_path / "docs") == tmp_path) is is_marked


def test_the_nearest_project_is_taken(tmp_path: Path) -> None:
    _make(tmp_path, "tabproof.toml", "inner/tabproof.toml", "inner/docs/")
    assert find(tmp_path / "inner/docs") == tmp_path / "inner"


@pytest.mark.parametrize("top", [".git/", ".git"], ids=["repository", "worktree"])
def test_nothing_above_the_top_of_the_repository_is_looked_at(top: str, tmp_path: Path) -> None:
    _make(tmp_path, "tabproof.toml", f"repository/{top}", "repository/docs/")
    assert find(tmp_path / "repository/docs") is None
    assert find(tmp_path / "repository") is None
    _make(tmp_path, "repository/tabproof.toml")
    assert find(tmp_path / "repository/docs") == tmp_path / "repository"


def test_the_home_is_the_project_of_no_folder_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    _make(tmp_path, "tabproof.toml", "work/docs/")
    assert find(tmp_path / "work/docs") is None
    assert find(tmp_path) == tmp_path


def test_a_command_works_in_a_folder_of_the_project_and_says_where_names_begin(
    project: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    _make(project, "docs/deep/")
    for folder, shown in (("docs", ".."), ("docs/deep", "../.."), ("templates/ruby", "../..")):
        monkeypatch.chdir(project / folder)
        result = run("check")
        assert (result.exit_code, result.stdout) == (0, "")
        first, second = result.stderr.splitlines()
        assert first == f"Project: {shown}; file names are relative to it."
        assert second.endswith("samples are current and publishable")


def test_a_command_in_the_projects_own_folder_or_with_root_does_not_name_it(
    project: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    _make(project, "docs/")
    monkeypatch.chdir(project)
    assert run("check").stderr.count("\n") == 1
    monkeypatch.chdir(project / "docs")
    assert run("check", "--root", "..").stderr.count("\n") == 1


def test_the_settings_are_those_of_the_project_that_was_found(
    project: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    _make(project, "docs/")
    (project / "tabproof.toml").write_text('languages = ["ruby"]\n', encoding="utf-8")
    monkeypatch.chdir(project / "docs")
    assert re.match(r"languages +ruby +tabproof\.toml:1\n", run("config").stdout)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_takes_the_root_before_it_and_behind_it(
    name: str, tmp_path: Path, run: Run
) -> None:
    missing = str(tmp_path / "nowhere")
    words = [name, *(["scenario", "orders"] if name == "new" else [])]
    for command in (
        ["--root", missing, *words],
        [*words, "--root", missing],
        [*words, f"--root={missing}"],
    ):
        result = run(*command)
        assert result.exit_code == 2
        assert f"'{missing}' does not exist" in result.stderr
    assert "--root DIRECTORY" in run(*words, "--help").stdout


def test_the_settings_of_a_root_behind_the_command_count(tmp_path: Path, run: Run) -> None:
    (tmp_path / "tabproof.toml").write_text("[prove]\njobs = 7\n", encoding="utf-8")
    before, behind = run("--root", str(tmp_path), "config"), run("config", "--root", str(tmp_path))
    assert re.search(r"^prove\.jobs +7 ", behind.stdout, re.MULTILINE)
    assert before.stdout == behind.stdout


@pytest.mark.parametrize(
    ("given", "moved"),
    [
        (["check"], ["check"]),
        (["check", "--root", "a"], ["--root", "a", "check"]),
        (["check", "--root=a", "--diff"], ["--root=a", "check", "--diff"]),
        (["--root", "a", "check", "--root", "b"], ["--root", "a", "--root", "b", "check"]),
        (["new", "scenario", "x", "--root", "a"], ["--root", "a", "new", "scenario", "x"]),
        (["watch", "--", "serve", "--root", "a"], ["watch", "--", "serve", "--root", "a"]),
        (["watch", "--root", "a", "--", "b"], ["--root", "a", "watch", "--", "b"]),
        (["watch", "--root", "--", "b"], ["watch", "--root", "--", "b"]),
        (["check", "--root"], ["check", "--root"]),
        (["check", "--rooted", "a"], ["check", "--rooted", "a"]),
    ],
)
def test_the_root_is_read_before_all_else(given: list[str], moved: list[str]) -> None:
    assert root_option.in_front(given) == moved


def test_a_root_without_its_folder_is_refused(run: Run) -> None:
    result = run("check", "--root")
    assert result.exit_code == 2
    assert "Option '--root' requires an argument" in result.stderr


def test_where_no_project_is_found_one_that_is_near_is_named(
    project: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.parent)
    result = run("check")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert f"name the project with `--root {project.name}`," in result.stderr


def test_init_begins_in_this_very_folder(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    _make(tmp_path, "tabproof.toml", "inner/docs/", "inner/docs/index.md")
    (tmp_path / "inner/mkdocs.yml").write_text("site_name: x\ntheme: material\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path / "inner")
    assert run("init", "--yes").exit_code == 0
    assert (tmp_path / "inner/templates/scenarios").is_dir()
    assert not (tmp_path / "templates").exists()


def test_something_new_is_written_into_the_project_around_this_folder(
    project: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    _make(project, "docs/")
    monkeypatch.chdir(project / "docs")
    command = ["new", "scenario", "list-orders", "--yes", "--url", "https://a.example/orders"]
    assert run(*command).exit_code == 0
    assert (project / "templates/scenarios/list-orders.yml").is_file()


@pytest.mark.parametrize(
    ("root", "option"), [("conf", ".."), ("elsewhere", "FOLDER")], ids=["around", "nowhere"]
)
def test_an_extension_that_finds_no_project_names_its_own_option(
    root: str, option: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project / root if root == "conf" else project.parent / root
    folder.mkdir()
    monkeypatch.chdir(folder)
    page = Markdown(extensions=list(EXTENSIONS), extension_configs=dict(ALTERNATE))
    with pytest.raises(FenceError) as raised:
        page.convert(FENCE)
    message = raised.value.message
    assert f"there is no templates/scenarios in {folder}" in message
    assert f"under `markdown_extensions` write `- tabproof: {{root: {option}}}`." in message
    assert "--root" not in message
    options: dict[str, dict[str, Any]] = {**ALTERNATE, "tabproof": {"root": ".."}}
    if root == "conf":
        right = Markdown(extensions=list(EXTENSIONS), extension_configs=options)
        assert "Python" in right.convert(FENCE)
