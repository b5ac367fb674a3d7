"""What a file of a scenario may hold, and what reading it never does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from tests.project.faults.fault import INPUTS

from tabproof.model.scenario import FromNow
from tabproof.project.catalog_reader import load

RIGHT = (INPUTS / "right.yml").read_text(encoding="utf-8")
SCENARIO = "templates/scenarios/list-users.yml"


def test_two_files_of_one_scenario_are_refused(
    project: Path, tabproof: Callable[..., Result]
) -> None:
    (project / "templates/scenarios/list-users.yaml").write_text(RIGHT, encoding="utf-8")
    result = tabproof("check")
    words = "there is a list-users.yaml too; remove one."
    assert result.stderr == f"tabproof: {SCENARIO}: {words}\n"
    assert result.exit_code == 2


def test_a_file_that_cannot_be_read_is_told_in_one_line(
    project: Path, tabproof: Callable[..., Result]
) -> None:
    (project / SCENARIO).unlink()
    (project / SCENARIO).symlink_to("nowhere")
    result = tabproof("check")
    assert result.stderr == f"tabproof: {SCENARIO}: cannot be read: No such file or directory.\n"
    assert result.exit_code == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("[" * 100_000, "is nested too deep; write at most 50 levels.", id="deep"),
        pytest.param(
            "- " * 10_000, "is nested too deep; write at most 50 levels.", id="deep-block"
        ),
        pytest.param(
            "title: " + "x" * 300_000, "is larger than 250,000 bytes; shorten it.", id="large"
        ),
    ],
)
def test_what_would_exhaust_the_reader_is_told_in_one_line(
    text: str, words: str, project: Path, tabproof: Callable[..., Result]
) -> None:
    (project / SCENARIO).write_text(text, encoding="utf-8")
    result = tabproof("check")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert result.stderr.endswith(f": {words}\n")


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_another_encoding_than_utf_8_is_refused(
    encoding: str, project: Path, tabproof: Callable[..., Result]
) -> None:
    text = RIGHT.replace("List users", "Café")
    (project / SCENARIO).write_text(text, encoding=encoding)
    result = tabproof("check")
    assert result.stderr == f"tabproof: {SCENARIO}:1: is not UTF-8; save it as UTF-8.\n"
    assert result.exit_code == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_byte_order_mark_and_the_line_ends_of_windows_change_nothing(
    encoding: str, newline: str, project: Path
) -> None:
    (project / SCENARIO).write_text(RIGHT, encoding="utf-8")
    plain = load(project).scenarios["list-users"]
    (project / SCENARIO).write_text(RIGHT, encoding=encoding, newline=newline)
    assert load(project).scenarios["list-users"] == plain


def test_windows_line_ends_keep_the_line_of_a_fault(
    project: Path, tabproof: Callable[..., Result]
) -> None:
    text = RIGHT.replace("{credential: api_key}", "{credential: kye}")
    (project / SCENARIO).write_text(text, encoding="utf-8", newline="\r\n")
    line = text.splitlines().index("    iss: {credential: kye}") + 1
    assert f"{SCENARIO}:{line}: unknown credential 'kye'" in tabproof("check").stderr


@pytest.mark.parametrize("word", ["on", "off", "yes", "no", "y", "1:00:00", "010", "1e3", ".5"])
def test_what_yaml_1_1_takes_for_something_else_stays_the_text_that_it_is(
    word: str, project: Path
) -> None:
    text = RIGHT.replace("query: {status: active}", f"query: {{{word}: {word}}}")
    (project / SCENARIO).write_text(text, encoding="utf-8")
    assert load(project).scenarios["list-users"].request.query == {word: word}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("-5", -5),
        ("1.50", 1.5),
        ('"5"', "5"),
        ("2026-11-24", "2026-11-24"),
        ("{seconds_from_now: -60}", FromNow(-60)),
    ],
)
def test_a_claim_has_the_type_that_its_file_shows(
    written: str, value: object, project: Path
) -> None:
    text = RIGHT.replace("iat: {seconds_from_now: 0}", f"iat: {written}")
    (project / SCENARIO).write_text(text, encoding="utf-8")
    claim = load(project).scenarios["list-users"].token.claims["iat"]
    assert (type(claim), claim) == (type(value), value)


def test_a_tag_runs_nothing(
    project: Path, tabproof: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    tag = '!!python/object/apply:os.system ["touch executed"]'
    text = RIGHT.replace("List users", tag)
    (project / SCENARIO).write_text(text, encoding="utf-8")
    result = tabproof("check")
    assert (result.exit_code, "is not allowed" in result.stderr) == (2, True)
    assert not (project / "executed").exists()


def test_the_command_itself_prints_one_line_and_no_traceback(project: Path) -> None:
    text = RIGHT.replace("{credential: api_key}", "{credential: kye}")
    (project / SCENARIO).write_text(text, encoding="utf-8")
    command = [sys.executable, "-c", "from tabproof.cli import main; main()"]
    ended = subprocess.run(
        [*command, "check"], cwd=project, capture_output=True, text=True, check=False
    )
    message = "unknown credential 'kye'; choose api_key or api_secret."
    assert ended.stderr == f"tabproof: {SCENARIO}:9: {message}\n"
    assert (ended.stdout, ended.returncode) == ("", 2)
