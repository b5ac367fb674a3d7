"""What holds for every command, whatever it does; a command that is added is in these tests."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from tabproof import cli
from tabproof.cli import COMMANDS, WITHOUT_PROJECT, main
from tabproof.cli.progress import expected, progress

Run = Callable[..., Result]
PAGE = "docs/page.md"
ARGUMENTS = {
    "expand": [PAGE],
    "completion": ["bash"],
    "new": ["scenario", "orders", "--yes"],
    "record": ["forget", "orders/stdlib/ruby"],
}
"""What a command cannot do without."""

SHOWING = ["generate", "check", "expand", "prove", "report"]
"""Commands that are about every scenario; `watch` waits until it is mended."""

BESIDE = ["config", "doctor", "toolchains"]
"""Commands that need the project, and no scenario."""

SOURCES = Path(cli.__file__).parent.parent
COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;\d+)*m")
"""An escape that sets a colour (ECMA-48, 8.3.117); bold and the like are none."""


def _command(name: str) -> click.Command:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    return command


@pytest.fixture
def in_project(project: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in the project, which has a page with a fence."""
    (project / "docs").mkdir()
    fence = "```tabproof\nscenario: list-users\nvariant: stdlib\nlanguages: [ruby]\n```\n"
    (project / PAGE).write_text(fence, encoding="utf-8")
    monkeypatch.chdir(project)

    def run(name: str, *options: str) -> Result:
        arguments = [name, *options, *ARGUMENTS.get(name, [])]
        return CliRunner().invoke(main, arguments, catch_exceptions=False)

    return run


@pytest.mark.parametrize("name", ["", *COMMANDS])
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_the_help_has_words_exit_statuses_and_examples(name: str, option: str) -> None:
    result = CliRunner().invoke(main, [*([name] if name else []), option], catch_exceptions=False)
    assert (result.exit_code, result.stderr) == (0, "")
    assert re.search(r"Exit status(es)?: ", result.stdout)
    examples = result.stdout.partition("Examples:")[2].split("\n")
    assert [line for line in examples if line.strip().startswith(f"tabproof {name}".rstrip())]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_and_its_choices_are_explained(name: str) -> None:
    for parameter in _command(name).params:
        if isinstance(parameter, click.Option):
            assert (parameter.help or "").endswith("."), parameter.opts


@pytest.mark.parametrize("name", COMMANDS)
def test_an_option_that_there_is_not_is_refused(name: str) -> None:
    result = CliRunner().invoke(main, [name, "--nonsense"], catch_exceptions=False)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "No such option" in result.stderr


@pytest.mark.parametrize("name", SHOWING)
def test_a_fault_of_a_scenario_is_one_line_on_stderr_and_status_2(
    name: str, in_project: Run, project: Path
) -> None:
    (project / "templates/scenarios/list-users.yml").write_text("title: [", encoding="utf-8")
    (project / "templates/scenarios/videosdk-sessions.yml").unlink()
    result = in_project(name)
    assert result.exit_code == 2
    told = [line for line in result.stderr.splitlines() if line.startswith("tabproof: ")]
    assert "templates/scenarios/list-users.yml:1: is not YAML: " in told[-1]
    assert len([line for line in told if "is not YAML" in line]) == 1


@pytest.mark.parametrize("name", BESIDE)
def test_a_fault_of_a_scenario_is_nothing_to_a_command_that_needs_none(
    name: str, in_project: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tabproof.toolchains.install.missing_packages", lambda *_: [])
    monkeypatch.setattr("tabproof.toolchains.install.install_libraries", lambda *_: [])
    (project / "templates/scenarios/list-users.yml").write_text("title: [", encoding="utf-8")
    result = in_project(name)
    assert (result.exit_code, "list-users.yml" in result.output) == (0, False)


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in WITHOUT_PROJECT])
def test_outside_a_project_nothing_is_written_and_no_traceback_shown(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / PAGE).write_text("```tabproof\nscenario: x\nvariant: stdlib\n```\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    arguments = [name, *ARGUMENTS.get(name, [])]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == (0 if name == "config" else 2)
    assert result.stderr.count("\n") == (name != "config")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("config", ()),
        ("expand", ()),
        ("generate", ()),
        ("report", ()),
        ("report", ("--format", "github")),
        ("schema", ("scenario",)),
    ],
)
def test_what_is_no_terminal_gets_no_escapes(
    name: str, options: tuple[str, ...], in_project: Run
) -> None:
    result = in_project(name, *options)
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout + result.stderr


def _formats(name: str) -> tuple[str, ...]:
    kinds = (p.type for p in _command(name).params if p.name == "form")
    return tuple(c for kind in kinds if isinstance(kind, click.Choice) for c in kind.choices)


@pytest.mark.parametrize("name", [n for n in COMMANDS if n != "prove" and "json" in _formats(n)])
def test_what_is_for_programs_is_all_that_is_on_stdout(
    name: str, in_project: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`prove` writes what `report` writes, after its runs."""
    monkeypatch.setenv("ZOOM_API_KEY", "key")
    monkeypatch.setenv("ZOOM_API_SECRET", "0123456789abcdef0123456789abcdef")
    token = tmp_path / "token"
    token.write_text("no token", encoding="utf-8")
    words = ["--scenario", "list-users", str(token)] if name == "explain" else []
    assert json.loads(in_project(name, "--format", "json", *words).stdout)


def _in_terminal(project: Path, *arguments: str, **variables: str) -> str:
    """What a terminal shows."""
    ours, theirs = pty.openpty()
    environment = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", **variables}
    command = [sys.executable, "-m", "tabproof", "--root", str(project), *arguments]
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=environment):
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 65536):
                shown += part
        except OSError:  # how Linux says that nobody has the other end any more
            pass
        finally:
            os.close(ours)
    return shown.decode()


@pytest.mark.parametrize(
    ("variables", "words"),
    [({}, "coloured"), ({"NO_COLOR": "1"}, "plain"), ({"TERM": "dumb"}, "plain")],
    ids=["a-terminal", "NO_COLOR", "a-terminal-without-colours"],
)
def test_colour_is_for_terminals_whose_user_wants_it(
    variables: dict[str, str], words: str, project: Path
) -> None:
    shown = _in_terminal(project, "report", **variables)
    assert "list-users/library/ruby" in shown
    assert ("coloured" if COLOUR.search(shown) else "plain") == words


def test_colours_come_from_rich_alone_which_knows_terminals() -> None:
    """What click styles would be coloured whatever NO_COLOR says."""
    sources = {path.name: path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.py")}
    assert "prove.py" in sources
    assert not [n for n, text in sources.items() if re.search(r"\bclick\.(?:secho|style)\b", text)]


def test_the_help_has_a_line_for_each_command(tabproof: Run) -> None:
    shown = tabproof("--help").stdout
    lines = [line.split(maxsplit=1) for line in shown.partition("Commands:\n")[2].splitlines()]
    assert lines[: len(COMMANDS)] == [[name, summary] for name, summary in COMMANDS.items()]
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize(
    ("done", "words"), [(0, ""), (1, "of about 0:03:20"), (10, "of about 0:00:20")]
)
def test_the_time_that_is_expected_follows_from_the_runs_that_are_done(
    done: int, words: str
) -> None:
    assert expected(20.0 if done else 5.0, done, 10) == words


def test_a_person_who_watches_sees_the_sample_under_way_and_the_time(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    for name, value in (("FORCE_COLOR", "1"), ("TERM", "xterm"), ("COLUMNS", "80")):
        monkeypatch.setenv(name, value)
    with progress() as show:
        show(0, 2, "")
        show(1, 2, "videosdk-sessions/library/csharp")
    shown = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", capfd.readouterr().err)
    lines = re.split(r"[\r\n]+", shown)
    last = next(line for line in reversed(lines) if "1/2" in line)
    assert re.search(r"1/2 0:00:0\d of about 0:00:0\d videosdk-sessions/library/csharp", last)
    assert max(map(len, map(str.rstrip, lines))) <= 80


def test_progress_is_for_terminals(capfd: pytest.CaptureFixture[str]) -> None:
    with progress() as show:
        show(1, 2, "list-users/library/ruby")
    assert capfd.readouterr() == ("", "")
