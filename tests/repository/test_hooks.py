"""The hooks for pre-commit, called as it calls them: the entry's words, then the files' names."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from tabproof.cli import main

ROOT = Path(__file__).parents[2]
HOOKS: dict[str, dict[str, Any]] = {
    hook["id"]: hook
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
}
REQUIRED = {"id", "name", "entry", "language"}
OPTIONAL = {"args", "description", "exclude", "files", "pass_filenames", "require_serial", "stages"}
"""Keys of https://pre-commit.com/#creating-new-hooks, as far as they are of use here."""

Commit = Callable[..., Result]
FENCE = "# Users\n\n```tabproof\nscenario: list-users\nvariant: stdlib\nlanguages: [ruby]\n```\n"


@pytest.fixture
def commit(project: Path, monkeypatch: pytest.MonkeyPatch) -> Commit:
    """Runs a hook on the names of changed files, as far as it is for them."""
    monkeypatch.chdir(project)

    def run(identity: str, *changed: str, args: tuple[str, ...] = ()) -> Result:
        hook = HOOKS[identity]
        names = [name for name in changed if re.search(hook["files"], name)]
        assert names
        program, *words = shlex.split(hook["entry"])
        assert program == "tabproof"
        given = names if hook.get("pass_filenames", True) else []
        return CliRunner().invoke(main, [*words, *args, *given], catch_exceptions=False)

    return run


def test_each_hook_has_the_keys_that_pre_commit_asks_for() -> None:
    assert set(HOOKS) == {"tabproof-check", "tabproof-generate", "tabproof-expand"}
    for hook in HOOKS.values():
        assert hook.keys() >= REQUIRED
        assert hook.keys() <= REQUIRED | OPTIONAL
        assert hook["language"] == "python"


@pytest.mark.parametrize("identity", ["tabproof-check", "tabproof-generate"])
@pytest.mark.parametrize(
    ("name", "runs"),
    [
        ("templates/ruby/sample.rb.jinja", True),
        ("samples/proof.json", True),
        ("tabproof.toml", True),
        ("pyproject.toml", True),
        ("docs-site/templates/scenarios/list-users.yml", True),
        ("docs-site/samples/proof.json", True),
        ("docs-site/tabproof.toml", True),
        ("README.md", False),
        ("docs/templates.md", False),
        ("docs/my-tabproof.toml", False),
    ],
)
def test_samples_are_looked_at_where_a_change_may_be_about_them(
    identity: str, name: str, runs: object
) -> None:
    assert bool(re.search(HOOKS[identity]["files"], name)) is runs


def test_the_hook_stops_a_commit_whose_samples_are_not_current(
    project: Path, commit: Commit
) -> None:
    scenario = "templates/scenarios/list-users.yml"
    text = (project / scenario).read_text(encoding="utf-8")
    (project / scenario).write_text(text.replace("title: List users", "title: All"), "utf-8")
    found = commit("tabproof-check", scenario)
    assert (found.exit_code, "-# List users" in found.stdout) == (1, True)
    # Where a hook changes a file, pre-commit stops the commit by itself.
    written = commit("tabproof-generate", scenario)
    assert (written.exit_code, "wrote samples/" in written.stdout) == (0, True)
    assert "are not current" not in commit("tabproof-check", scenario).stderr


def test_the_hooks_work_for_a_project_in_a_folder_of_the_repository(
    project: Path, commit: Commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.parent)
    scenario = f"{project.name}/templates/scenarios/list-users.yml"
    own = ("--root", project.name)
    assert commit("tabproof-check", scenario, args=own).exit_code == 0
    text = Path(scenario).read_text(encoding="utf-8")
    Path(scenario).write_text(text.replace("title: List users", "title: All"), "utf-8")
    assert commit("tabproof-check", scenario, args=own).exit_code == 1
    assert "wrote samples/" in commit("tabproof-generate", scenario, args=own).stdout
    # Without the option it says what to write, and lets nothing through.
    missing = commit("tabproof-check", scenario)
    assert (missing.exit_code, f"`--root {project.name}`" in missing.stderr) == (2, True)


def test_the_hook_for_pages_writes_those_that_are_named_and_no_other(
    project: Path, commit: Commit
) -> None:
    (project / "tabproof.toml").write_text('[expand]\nformat = "gfm"\n', encoding="utf-8")
    for name, text in (("README.md", FENCE), ("NOTES.md", "# Notes\n"), ("other.md", FENCE)):
        (project / name).write_text(text, encoding="utf-8")
    changed = ("README.md", "NOTES.md", "samples/proof.json")
    result = commit("tabproof-expand", *changed)
    assert (result.exit_code, result.stdout) == (0, "wrote README.md\n")
    assert (project / "other.md").read_text(encoding="utf-8") == FENCE
    assert (project / "NOTES.md").read_text(encoding="utf-8") == "# Notes\n"
    assert commit("tabproof-expand", *changed).stdout == ""
