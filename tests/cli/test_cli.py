from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.languages import LANGUAGES

from tabproof.cli import main
from tabproof.errors import InputError, choose, located
from tabproof.samples import record_files

Run = Callable[..., Result]
COMMANDS = ("generate", "check", "prove", "doctor", "toolchains")


def _break_a_sample(project: Path) -> None:
    (project / "samples/list-users/library/list_users.rb").write_text("puts 1\n", encoding="utf-8")


def _break_a_scenario(project: Path) -> None:
    (project / "templates/scenarios/list-users.yml").write_text("title: [", encoding="utf-8")


def _break_nothing(project: Path) -> None:
    assert project.is_dir()


@pytest.mark.parametrize("command", ["generate", "check"])
@pytest.mark.parametrize(
    ("change", "status"),
    [(_break_nothing, 0), (_break_a_sample, 1), (_break_a_scenario, 2)],
)
def test_the_exit_status_says_what_is_not_right(
    command: str, change: Callable[[Path], None], status: int, project: Path, tabproof: Run
) -> None:
    change(project)
    assert tabproof(command).exit_code == status


@pytest.mark.parametrize("command", COMMANDS)
def test_outside_a_project_every_command_says_so_in_one_line(command: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--root", str(tmp_path), command], catch_exceptions=False)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr == (
        f"tabproof: {tmp_path}/templates/scenarios: there is no such folder; run tabproof in a "
        "project that has one or in a folder of it, name the project with --root, or create one "
        "with `tabproof init`.\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_without_root_the_present_folder_is_the_project(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    assert CliRunner().invoke(main, ["check"], catch_exceptions=False).exit_code == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            ("--scenario", "list-user"),
            "unknown scenario 'list-user'; choose list-users or videosdk-sessions.",
        ),
        (
            ("--language", "perl"),
            f"unknown language 'perl'; {choose(LANGUAGES)}.",
        ),
        (
            ("--language", "ruby", "--scenario", "nothing"),
            "unknown scenario 'nothing'; choose list-users or videosdk-sessions.",
        ),
    ],
)
def test_prove_names_the_choices_where_a_name_is_unknown(
    options: tuple[str, ...], words: str, project: Path, tabproof: Run
) -> None:
    result = tabproof("prove", *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"tabproof: {words}\n"
    assert not (project / record_files.CACHE).exists()


def test_prove_names_the_closest_cases_where_a_case_is_unknown(
    project: Path, tabproof: Run
) -> None:
    result = tabproof("prove", "--case", "status-402")
    assert result.exit_code == 2
    assert re.fullmatch(
        r"tabproof: unknown case 'status-402'; choose .*\bstatus-401\b.* "
        r"\(the closest of \d+\)\.\n",
        result.stderr,
    )
    assert result.stderr.count("\n") == 1
    assert not (project / record_files.CACHE).exists()


@pytest.mark.parametrize("count", [20, 21, 1200])
def test_of_many_choices_those_that_are_like_it_are_named(count: int) -> None:
    names = [f"{number}-xxxxxxxxx" for number in range(count - 1)] + ["users"]
    words = choose(names, "usres")
    assert "users" in words
    if count == 20:
        assert words == choose(names)
        assert all(name in words for name in names)
    else:
        assert words.endswith(f" (the closest of {count:,})")
        assert len([name for name in names if name in words.split()]) <= 5
        assert len(words) < 120


def test_a_word_that_is_like_none_of_many_is_told_some_of_them() -> None:
    assert re.fullmatch(
        r"choose \d+, \d+, \d+, \d+ or \d+ \(the closest of 40\)",
        choose(map(str, range(40)), "nothing"),
    )


def test_prove_names_the_variants_where_a_variant_is_unknown(tabproof: Run) -> None:
    result = tabproof("prove", "--variant", "native")
    assert result.exit_code == 2
    assert "'native' is not one of 'library', 'stdlib'" in result.stderr


def test_prove_asks_for_samples_that_are_not_there(project: Path, tabproof: Run) -> None:
    path = "samples/list-users/stdlib/list-users.sh"
    (project / path).unlink()
    result = tabproof("prove", "--language", "curl")
    assert result.exit_code == 2
    assert result.stderr == f"tabproof: {path}: is missing; run `tabproof generate`.\n"


def test_prove_refuses_a_record_that_is_none(project: Path, tabproof: Run) -> None:
    record = project / "samples/proof.json"
    record.write_text("<<<<<<< HEAD\n", encoding="utf-8")
    result = tabproof("prove", "--record")
    assert result.exit_code == 2
    assert result.stderr.startswith(
        "tabproof: samples/proof.json:1: a merge conflict begins here; "
    )
    assert record.read_text(encoding="utf-8") == "<<<<<<< HEAD\n"


def test_the_help_names_each_command(tabproof: Run) -> None:
    result = tabproof("--help")
    assert result.exit_code == 0
    assert all(command in result.stdout for command in COMMANDS)


def test_an_error_is_one_line_of_printable_characters_whatever_it_quotes() -> None:
    error = InputError("a\nb\r\x1b[31m\u2028\udce9 é 山")
    assert str(error) == "a\\nb\\r\\x1b[31m\\u2028\\udce9 é 山"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "there is none to choose"),
        (["a"], "choose a"),
        (["b", "a"], "choose a or b"),
        (["c", "b", "a"], "choose a, b or c"),
    ],
)
def test_choices_are_sorted_words(options: list[str], words: str) -> None:
    assert choose(options) == words


def test_an_error_has_the_place_that_is_known() -> None:
    assert str(located("x.yml", 3, "is odd.")) == "x.yml:3: is odd."
    assert str(located("x.yml", None, "is odd.")) == "x.yml: is odd."
