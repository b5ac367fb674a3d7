"""Shells ask by click's own protocol: the words of the line, and which of them is meant."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.shell_completion import BashComplete
from click.testing import CliRunner

from tabproof.cli import COMMANDS, main
from tabproof.cli.completion import SHELLS, VARIABLE

Complete = Callable[..., list[str]]


@pytest.fixture
def complete(project: Path) -> Complete:
    """What is offered for the last word of a line in the project."""

    def ask(*words: str) -> list[str]:
        *before, incomplete = words
        shell = BashComplete(main, {}, "tabproof", VARIABLE)
        found = shell.get_completions(["--root", str(project), *before], incomplete)
        return [item.value for item in found]

    return ask


def _break_everything(project: Path) -> None:
    (project / "tabproof.toml").write_text("[[", encoding="utf-8")
    (project / "templates/cases.yml").write_text("cases: [", encoding="utf-8")
    (project / "templates/scenarios/list-users.yml").write_bytes(b"\xff{")


def _take_everything_away(project: Path) -> None:
    shutil.rmtree(project / "templates")


def _put_files_for_folders(project: Path) -> None:
    shutil.rmtree(project / "templates")
    (project / "templates").write_bytes(b"")


def _break_nothing(project: Path) -> None:
    assert project.is_dir()


def test_commands_are_completed(complete: Complete) -> None:
    assert complete("") == list(COMMANDS)
    assert complete("pr") == ["prove"]
    assert complete("--la") == ["--languages"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_of_a_command_is_completed(command: str, complete: Complete) -> None:
    known = main.get_command(main.make_context("tabproof", [command]), command)
    assert known is not None
    options = {o for p in known.params for o in (*p.opts, *p.secondary_opts) if o.startswith("--")}
    assert set(complete(command, "--")) == options | {"--help"}


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["prove", "--scenario", ""], ["list-users", "videosdk-sessions"]),
        (["prove", "--scenario", "v"], ["videosdk-sessions"]),
        (["explain", "--scenario", "l"], ["list-users"]),
        (["serve", "--scenario", "l"], ["list-users"]),
        (["prove", "--language", "p"], ["php", "python"]),
        (["toolchains", "--language", "r"], ["ruby"]),
        (["prove", "--variant", ""], ["library", "stdlib"]),
        (["prove", "--case", "unset-"], ["unset-api_key", "unset-api_secret"]),
        (["prove", "--isolation", "r"], ["rebased"]),
        (["expand", "--format", "d"], ["docusaurus"]),
        (["schema", "c"], ["cases", "configuration"]),
        (["completion", ""], ["bash", "zsh", "fish"]),
        (["--languages", "php,p"], ["php,python"]),
        (["--variants", "library,"], ["library,stdlib"]),
    ],
)
def test_values_are_completed_as_the_project_has_them(
    words: list[str], offered: list[str], complete: Complete
) -> None:
    found = complete(*words)
    assert [name for name in found if name in offered] == offered
    assert "--case" in words or found == offered


@pytest.mark.parametrize(
    "damage", [_break_nothing, _break_everything, _take_everything_away, _put_files_for_folders]
)
@pytest.mark.parametrize("option", ["--scenario", "--language", "--variant", "--case"])
def test_nothing_that_is_wrong_with_a_project_is_told_in_the_middle_of_a_line(
    damage: Callable[[Path], None],
    option: str,
    project: Path,
    complete: Complete,
    capfd: pytest.CaptureFixture[str],
) -> None:
    damage(project)
    assert isinstance(complete("prove", option, ""), list)
    assert isinstance(complete("--languages", ""), list)
    assert complete("pr") == ["prove"]
    assert capfd.readouterr() == ("", "")


def test_scenarios_are_completed_in_a_project_that_is_broken(
    project: Path, complete: Complete
) -> None:
    _break_everything(project)
    assert complete("prove", "--scenario", "list") == ["list-users"]


def test_completing_a_command_imports_no_command() -> None:
    ask = (
        "import sys; from click.shell_completion import BashComplete as B; "
        "from tabproof.cli import main; "
        f"found = B(main, {{}}, 'tabproof', {VARIABLE!r}).get_completions([], 'p'); "
        "print([item.value for item in found]); "
        "print(sorted({'rich', 'jinja2', 'yaml', 'tabproof.cli.prove'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert done.stdout == "['prove']\n[]\n"


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_asks_the_program_by_the_variable_that_click_reads(shell: str) -> None:
    result = CliRunner().invoke(main, ["completion", shell], catch_exceptions=False)
    assert (result.exit_code, result.stderr) == (0, "")
    assert f"{VARIABLE}={shell}_complete" in result.stdout


def test_bash_itself_completes_by_the_script(project: Path, tmp_path: Path) -> None:
    script = tmp_path / "completion"
    script.write_text(CliRunner().invoke(main, ["completion", "bash"]).stdout, encoding="utf-8")
    typed = (
        f"source {script}\ncd {project}\nCOMP_WORDS=(tabproof prove --scenario v)\nCOMP_CWORD=3\n"
        '_tabproof_completion tabproof\necho "${COMPREPLY[@]}"\n'
    )
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    done = subprocess.run(
        ["/bin/bash", "-c", typed], env={"PATH": path}, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("videosdk-sessions\n", "")
