"""Rows that commands print in columns."""

from __future__ import annotations

import sys

import pytest

from tabproof.cli import columns

ROWS = [("ok", "Ruby", "ruby 3.1"), ("missing", "Go [bold]", " ".join(["word"] * 30))]


def test_elsewhere_than_on_a_terminal_a_row_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    columns.print_columns(ROWS)
    assert capsys.readouterr().out == (
        "ok       Ruby       ruby 3.1\nmissing  Go [bold]  " + " ".join(["word"] * 30) + "\n"
    )


def test_on_a_terminal_a_long_cell_continues_below_itself(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    columns.print_columns(ROWS)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "ok       Ruby       ruby 3.1"
    assert lines[1].startswith("missing  Go [bold]  word word")
    assert all(line.startswith(" " * 20 + "word") for line in lines[2:])
    assert max(map(len, lines)) <= 50
    assert " ".join(lines).count("word") == 30
