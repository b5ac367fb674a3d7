"""The pages for contributors name what exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLACEHOLDERS = re.compile(r"\b(?:NAME|LANGUAGE)\b")
PATH = re.compile(r"`((?:[\w.*-]+/)+[\w.*-]*|[\w-]+\.\w+)`")
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PATHS = sorted(set(PATH.findall(TEXT)))
TABLE_OF_PLACES = TEXT.partition("## Where things are")[2].partition("\n## ")[0]


@pytest.mark.parametrize("path", PATHS)
def test_each_path_that_contributing_names_exists(path: str) -> None:
    pattern = PLACEHOLDERS.sub("*", path).rstrip("/")
    assert list(ROOT.glob(pattern)), f"CONTRIBUTING.md names {path}"


SYMBOLS = [
    (symbol, path)
    for row in TABLE_OF_PLACES.splitlines()
    for symbol, path in re.findall(r"`(\w+)` (?:in|of) `([\w./]+\.py)`", row)
]


@pytest.mark.parametrize(("symbol", "path"), SYMBOLS)
def test_each_symbol_that_contributing_names_is_in_its_file(symbol: str, path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert re.search(rf"^(?:class |def )?{symbol}\b", text, re.MULTILINE)


def test_the_symbols_are_recognised() -> None:
    assert ("ExitStatus", "generator/tabproof/errors.py") in SYMBOLS
    assert len(SYMBOLS) > 5


def test_the_paths_are_recognised() -> None:
    assert {"templates/LANGUAGE/language.yml", "generator/tabproof/errors.py"} <= set(PATHS)


@pytest.mark.parametrize(
    "subject",
    [
        "words an error",
        "claims",
        "a case",
        "the look of a tab set",
        "a language",
        "a report format",
        "a mutation",
        "an exit status",
        "a command",
        "a file format",
        "a setting",
        "the record",
        "a process",
        "labels",
        "generated parts of docs pages",
    ],
)
def test_contributing_says_where_to_change(subject: str) -> None:
    rows = [row for row in TABLE_OF_PLACES.splitlines() if subject in "".join(row.split("|")[1:2])]
    assert rows
    assert all(PATH.search(row) for row in rows)
