"""There is one table of exit statuses; what ends with one or names one takes it from there."""

from __future__ import annotations

import ast
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import tabproof
from tabproof.cli import COMMANDS, main
from tabproof.cli.help_text import epilog
from tabproof.errors import ExitStatus, InputError, MachineError, TabproofError
from tabproof.pages.reference import command_line

ENDS = ("exit", "_exit")
"""What functions are called that end a process."""


def test_the_numbers_are_those_that_scripts_rely_on() -> None:
    assert {status.name: status.value for status in ExitStatus} == {
        "DONE": 0,
        "WRONG": 1,
        "INVALID_INPUT": 2,
        "UNABLE": 3,
        "INTERRUPTED": 130,
    }


def test_each_kind_of_error_has_its_own() -> None:
    kinds = (TabproofError, InputError, MachineError)
    assert len({kind.exit_status for kind in kinds}) == len(kinds)
    assert all(issubclass(kind, TabproofError) for kind in kinds)


def test_the_help_of_the_program_has_all_of_them() -> None:
    shown = CliRunner().invoke(main, ["--help"], catch_exceptions=False).stdout
    words = ", ".join(f"{status.value} {status.meaning}" for status in ExitStatus)
    assert f"Exit status: {words}." in " ".join(shown.split())


def test_a_command_has_the_meaning_of_the_table_or_its_own() -> None:
    text = epilog({ExitStatus.DONE: "", ExitStatus.WRONG: "a page is old"}, "tabproof check")
    assert text.startswith(f"Exit status: 0 {ExitStatus.DONE.meaning}, 1 a page is old.\n")


def test_the_manual_has_a_row_for_each_of_them() -> None:
    html = command_line.exit_statuses_html()
    assert html.count('<th scope="row">') == len(ExitStatus)
    for status in ExitStatus:
        row = html.partition(f'<th scope="row">{status.value}</th><td>')[2].partition("</td>")[0]
        assert row[0].isupper()
        assert row[1:].startswith(status.meaning[1:])
        assert row.endswith(f"{status.detail}.")


@pytest.mark.parametrize("name", COMMANDS)
def test_what_click_refuses_is_invalid_input(name: str) -> None:
    result = CliRunner().invoke(main, [name, "--nonsense"], catch_exceptions=False)
    assert result.exit_code == ExitStatus.INVALID_INPUT
    assert click.BadParameter("").exit_code is ExitStatus.INVALID_INPUT


def test_no_code_ends_with_a_bare_number() -> None:
    ends = [
        f"{path}:{node.lineno}"
        for path in Path(tabproof.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] in ENDS
        and any(isinstance(a, ast.Constant) and type(a.value) is int for a in node.args)
    ]
    assert ends == []
