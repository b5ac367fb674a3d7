from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import jwt
import pytest
from click.testing import CliRunner, Result

from tabproof.cli import main

RIGHT = Path(__file__).parents[1] / "inputs/right.yml"
SECRET = "0123456789-secret-0123456789-secret"
TABPROOF = [sys.executable, "-c", "from tabproof.cli import main; main()"]
VARIABLES = {"API_KEY": "the key", "API_SECRET": SECRET}


@pytest.fixture
def one(tmp_path: Path) -> Path:
    """A project with one scenario."""
    folder = tmp_path / "templates/scenarios"
    folder.mkdir(parents=True)
    (folder / "list-users.yml").write_bytes(RIGHT.read_bytes())
    return tmp_path


@pytest.fixture
def two(one: Path) -> Path:
    """A project with two scenarios, each with variables of its own."""
    text = RIGHT.read_text(encoding="utf-8").replace("API_", "OTHER_")
    (one / "templates/scenarios/other.yml").write_text(text, encoding="utf-8")
    return one


def explain(
    root: Path, *arguments: str, given: str | bytes = "", **variables: str | None
) -> Result:
    unset = dict.fromkeys(["API_KEY", "API_SECRET", "OTHER_KEY", "OTHER_SECRET"])
    return CliRunner().invoke(
        main,
        ["--root", str(root), "explain", *arguments],
        input=given,
        env={**unset, **VARIABLES, **variables},
        catch_exceptions=False,
    )


def token(secret: str = SECRET, **changes: object) -> str:
    now = int(time.time())
    claims = {"iss": "the key", "iat": now, "exp": now + 3600, **changes}
    return jwt.encode(claims, secret, algorithm="HS256")


def test_a_right_token_ends_with_0(one: Path) -> None:
    result = explain(one, given=token() + "\n")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("This token is valid for list-users; exp is in 3")


def test_a_wrong_token_ends_with_1_and_words(one: Path) -> None:
    result = explain(one, given=token(exp=1_795_600_000_000))
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout == (
        "exp is in milliseconds: divide by 1000 and drop the fraction.\n"
        "    expected: exp 3600 s from now, an integer of seconds since the epoch in UTC\n"
        "    seen: 1795600000000\n"
    )


def test_json_is_a_list_of_faults(one: Path) -> None:
    wrong = explain(one, "--format", "json", given=token(secret=SECRET + "\n", iss="x"))
    assert wrong.exit_code == 1
    rows = json.loads(wrong.stdout)
    assert [row["kind"] for row in rows] == ["secret-newline", "claim-of-another"]
    assert all(list(row) == ["kind", "words", "expected", "seen"] for row in rows)
    right = explain(one, "--format", "json", given=token())
    assert (right.exit_code, json.loads(right.stdout)) == (0, [])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_token_is_read_from_a_file_too(encoding: str, one: Path) -> None:
    # PowerShell's `>` writes UTF-16.
    path = one / "token.txt"
    path.write_text(token() + "\r\n", encoding=encoding)
    assert explain(one, str(path)).exit_code == 0


def test_a_token_is_never_taken_from_an_argument(one: Path) -> None:
    right = token()
    result = explain(one, right)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "tabproof: a token is read from stdin or a file, not from an argument, which other "
        "users of this machine can see.\n"
    )


@pytest.mark.parametrize("name", ["missing.txt", ".", "a\0b"])
def test_a_file_that_cannot_be_read_is_told_in_one_line(name: str, one: Path) -> None:
    result = explain(one, str(one / name) if "\0" not in name else name)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "cannot be read: " in result.stderr
    assert result.stderr.count("\n") == 1


def test_what_never_ends_is_no_token(one: Path) -> None:
    result = explain(one, "/dev/zero")
    assert result.exit_code == 2
    assert result.stderr == "tabproof: this is not a token: it has more than 1048576 bytes.\n"


@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_credential_is_told_in_one_line(value: str | None, one: Path) -> None:
    result = explain(one, given=token(), API_SECRET=value)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "tabproof: API_SECRET is not set; set the credentials of scenario list-users in the "
        "environment.\n"
    )


def test_the_scenario_is_the_one_whose_variables_are_set(two: Path) -> None:
    assert explain(two, given=token()).exit_code == 0
    other = {"OTHER_KEY": "the key", "OTHER_SECRET": SECRET, "API_KEY": None, "API_SECRET": None}
    result = explain(two, given=token(), **other)
    assert "valid for other" in result.stdout


@pytest.mark.parametrize(
    ("variables", "why"),
    [
        (
            {"OTHER_KEY": "x", "OTHER_SECRET": "y"},
            "the variables of more than one scenario are set",
        ),
        ({"API_KEY": None}, "the variables of no scenario are set"),
    ],
)
def test_where_two_scenarios_could_be_meant_the_choices_are_named(
    variables: dict[str, str | None], why: str, two: Path
) -> None:
    result = explain(two, given=token(), **variables)
    assert (result.exit_code, result.stdout) == (2, "")
    assert (
        result.stderr == f"tabproof: {why}; name one with --scenario: choose list-users or other.\n"
    )


def test_a_scenario_is_named(two: Path) -> None:
    both = {"OTHER_KEY": "x", "OTHER_SECRET": "y"}
    assert explain(two, "--scenario", "list-users", given=token(), **both).exit_code == 0
    assert explain(two, "--scenario", "other", given=token(), **both).exit_code == 1
    unknown = explain(two, "--scenario", "none", given=token())
    assert unknown.exit_code == 2
    assert unknown.stderr == "tabproof: unknown scenario 'none'; choose list-users or other.\n"


def test_the_skew_that_a_scenario_states_is_forgiven(one: Path) -> None:
    now = int(time.time())
    ahead = token(iat=now + 300, exp=now + 3900)
    assert "s ahead of this machine's clock" in explain(one, given=ahead).stdout
    scenario = one / "templates/scenarios/list-users.yml"
    text = scenario.read_text(encoding="utf-8")
    scenario.write_text(
        text.replace("algorithm: HS256", "algorithm: HS256\n  skew_seconds: 300"), encoding="utf-8"
    )
    result = explain(one, given=ahead)
    assert result.exit_code == 0
    assert "s ahead of this clock; the scenario allows a clock skew of 300 s" in result.stdout


def test_on_a_terminal_it_says_that_it_waits(one: Path) -> None:
    terminal, stdin = pty.openpty()
    try:
        with subprocess.Popen(
            [*TABPROOF, "--root", str(one), "explain"],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **VARIABLES},
            text=True,
        ) as process:
            assert process.stderr is not None
            assert process.stderr.readline() == ("Paste the token, then press Enter and Ctrl-D.\n")
            os.write(terminal, f"{token()}\n\x04".encode())
            assert process.wait(60) == 0
    finally:
        os.close(stdin)
        os.close(terminal)


@pytest.mark.parametrize("command", ["explain", "serve"])
def test_outside_a_project_it_is_told_in_one_line(command: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--root", str(tmp_path), command], catch_exceptions=False)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "templates/scenarios: there is no such folder" in result.stderr
    assert result.stderr.count("\n") == 1
