from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tabproof import mutations
from tabproof.catalog import load
from tabproof.errors import InputError
from tabproof.model.scenario import FromNow

INPUTS = Path(__file__).parent / "inputs"
SCENARIO = "templates/scenarios/list-users.yml"
KINDS = "templates/mutations.yml"
MUTATIONS = "templates/ruby/mutations.yml"
TEMPLATE = "templates/ruby/token-library-HS256.rb.jinja"
EXPECT = re.compile(r"(?:\{#-|#) expect(?: (?P<line>\d+))?: (?P<message>.*?)(?: -#\})?")


def _inputs(folder: str, suffix: str = "yml") -> list[object]:
    paths = sorted((INPUTS / folder).glob(f"*.{suffix}"))
    return [pytest.param(path, id=path.stem) for path in paths]


def _expected(path: Path) -> tuple[str, str]:
    """The line (`:14`, or nothing) and the message that a file's first line asks for."""
    found = EXPECT.fullmatch(path.read_bytes().partition(b"\n")[0].decode())
    assert found, path
    return f":{found['line']}" if found["line"] else "", found["message"]


def _right() -> str:
    return (INPUTS / "right.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", _inputs("scenarios"))
def test_a_fault_in_a_scenario_is_told_in_one_line_with_its_place(
    path: Path, project: Path, tabproof: Callable[..., Result]
) -> None:
    line, message = _expected(path)
    (project / SCENARIO).write_bytes(path.read_bytes())
    result = tabproof("check")
    assert result.stderr == f"tabproof: {SCENARIO}{line}: {message}\n"
    assert result.stdout == ""
    assert result.exit_code == 2


@pytest.mark.parametrize("path", _inputs("cases"))
def test_a_fault_in_the_cases_is_told_in_one_line(
    path: Path, project: Path, tabproof: Callable[..., Result]
) -> None:
    line, message = _expected(path)
    (project / SCENARIO).write_text(_right(), encoding="utf-8")
    assert tabproof("generate", "--overwrite").exit_code == 0
    (project / "templates/cases.yml").write_bytes(path.read_bytes())
    result = tabproof("check")
    assert result.stderr == f"tabproof: templates/cases.yml{line}: {message}\n"
    assert result.exit_code == 2


@pytest.mark.parametrize("path", _inputs("languages"))
def test_a_fault_in_a_language_is_told_in_one_line_with_its_place(
    path: Path, project: Path, tabproof: Callable[..., Result]
) -> None:
    line, message = _expected(path)
    (project / "templates/perl").mkdir()
    (project / "templates/perl/language.yml").write_bytes(path.read_bytes())
    result = tabproof("check")
    assert result.stderr == f"tabproof: templates/perl/language.yml{line}: {message}\n"
    assert result.exit_code == 2


@pytest.mark.parametrize("path", _inputs("kinds"))
def test_a_fault_in_the_kinds_of_mutations_is_told_in_one_line(path: Path, project: Path) -> None:
    line, message = _expected(path)
    (project / KINDS).write_bytes(path.read_bytes())
    (project / MUTATIONS).write_bytes((INPUTS / "right-mutations.yml").read_bytes())
    with pytest.raises(InputError) as caught:
        mutations.load(project, ["ruby"])
    assert str(caught.value) == f"{KINDS}{line}: {message}"


@pytest.mark.parametrize("path", _inputs("mutations"))
def test_a_fault_in_the_mutations_of_a_language_is_told_in_one_line(
    path: Path, project: Path
) -> None:
    line, message = _expected(path)
    (project / KINDS).write_bytes((INPUTS / "right-kinds.yml").read_bytes())
    (project / MUTATIONS).write_bytes(path.read_bytes())
    with pytest.raises(InputError) as caught:
        mutations.load(project, ["ruby"])
    assert str(caught.value) == f"{MUTATIONS}{line}: {message}"


def test_the_mutations_that_are_made_wrong_here_are_right_themselves(project: Path) -> None:
    (project / KINDS).write_bytes((INPUTS / "right-kinds.yml").read_bytes())
    (project / MUTATIONS).write_bytes((INPUTS / "right-mutations.yml").read_bytes())
    assert len(mutations.load(project, ["ruby"]).rows["ruby"]) == 2


@pytest.mark.parametrize("path", _inputs("templates", "jinja"))
def test_a_fault_in_a_template_is_told_in_one_line_with_its_place(
    path: Path, project: Path, tabproof: Callable[..., Result]
) -> None:
    line, message = _expected(path)
    (project / TEMPLATE).write_bytes(path.read_bytes())
    result = tabproof("check")
    assert result.stderr == f"tabproof: {TEMPLATE}{line}: {message}\n"
    assert result.exit_code == 2


@pytest.mark.parametrize(
    "stem",
    [
        "List-users",
        "list_users",
        "list users",
        "x.",
        "-x",
        "2fa",
        "x--y",
        "größe",
        "users\n",
        "a" * 101,
    ],
)
def test_a_scenario_whose_name_no_file_system_can_hold_is_refused_in_one_line(
    stem: str, project: Path, tabproof: Callable[..., Result]
) -> None:
    (project / f"templates/scenarios/{stem}.yml").write_text(_right(), encoding="utf-8")
    result = tabproof("check")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "rename the file to lower-case words joined by hyphens" in result.stderr


def test_the_longest_name_and_names_with_digits_are_right(
    project: Path, tabproof: Callable[..., Result]
) -> None:
    for stem in ("a" * 100, "users2", "v2-users"):
        (project / f"templates/scenarios/{stem}.yml").write_text(_right(), encoding="utf-8")
    assert tabproof("generate").exit_code == 0


def test_a_name_that_is_no_unicode_is_refused_in_one_line(
    project: Path, tabproof: Callable[..., Result]
) -> None:
    (project / "templates/scenarios/caf\udce9.yml").write_text(_right(), encoding="utf-8")
    result = tabproof("check")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1


def test_files_of_editors_are_no_scenarios(project: Path, tabproof: Callable[..., Result]) -> None:
    for name in (".#list-users.yml", ".list-users.yml", "list-users.yml~", "notes.txt"):
        (project / "templates/scenarios" / name).write_text("{", encoding="utf-8")
    assert tabproof("check").exit_code == 0


def test_two_files_of_one_scenario_are_refused(
    project: Path, tabproof: Callable[..., Result]
) -> None:
    (project / "templates/scenarios/list-users.yaml").write_text(_right(), encoding="utf-8")
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


def test_utf_16_is_refused_as_no_utf_8(project: Path, tabproof: Callable[..., Result]) -> None:
    (project / SCENARIO).write_text(_right(), encoding="utf-16")
    result = tabproof("check")
    assert result.stderr == f"tabproof: {SCENARIO}:1: is not UTF-8; save it as UTF-8.\n"
    assert result.exit_code == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_byte_order_mark_and_the_line_ends_of_windows_change_nothing(
    encoding: str, newline: str, project: Path
) -> None:
    (project / SCENARIO).write_text(_right(), encoding="utf-8")
    plain = load(project).scenarios["list-users"]
    (project / SCENARIO).write_text(_right(), encoding=encoding, newline=newline)
    assert load(project).scenarios["list-users"] == plain


def test_windows_line_ends_keep_the_line_of_a_fault(
    project: Path, tabproof: Callable[..., Result]
) -> None:
    text = _right().replace("{credential: api_key}", "{credential: kye}")
    (project / SCENARIO).write_text(text, encoding="utf-8", newline="\r\n")
    line = text.splitlines().index("    iss: {credential: kye}") + 1
    assert f"{SCENARIO}:{line}: unknown credential 'kye'" in tabproof("check").stderr


@pytest.mark.parametrize("word", ["on", "off", "yes", "no", "y", "1:00:00", "010", "1e3", ".5"])
def test_what_yaml_1_1_takes_for_something_else_stays_the_text_that_it_is(
    word: str, project: Path
) -> None:
    text = _right().replace("query: {status: active}", f"query: {{{word}: {word}}}")
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
    text = _right().replace("iat: {seconds_from_now: 0}", f"iat: {written}")
    (project / SCENARIO).write_text(text, encoding="utf-8")
    claim = load(project).scenarios["list-users"].token.claims["iat"]
    assert (type(claim), claim) == (type(value), value)


def test_a_tag_runs_nothing(
    project: Path, tabproof: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    text = (INPUTS / "scenarios/yaml-tag-that-would-run.yml").read_text(encoding="utf-8")
    assert "touch executed" in text
    (project / SCENARIO).write_text(text, encoding="utf-8")
    assert tabproof("check").exit_code == 2
    assert not (project / "executed").exists()


def test_the_command_itself_prints_one_line_and_no_traceback(project: Path) -> None:
    fault = INPUTS / "scenarios/credential-unknown-in-claim.yml"
    (project / SCENARIO).write_bytes(fault.read_bytes())
    command = [sys.executable, "-c", "from tabproof.cli import main; main()"]
    ended = subprocess.run(
        [*command, "check"], cwd=project, capture_output=True, text=True, check=False
    )
    line, message = _expected(fault)
    assert ended.stderr == f"tabproof: {SCENARIO}{line}: {message}\n"
    assert (ended.stdout, ended.returncode) == ("", 2)
