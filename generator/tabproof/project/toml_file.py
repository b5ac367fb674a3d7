"""Parse TOML into plain data, and find the line of a key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from typing import Any

from tabproof.errors import InputError, located

POSITION = re.compile(r"(?P<words>.*) \(at (?:line (?P<line>\d+), column \d+|end of document)\)")

DEEP_KEY = re.compile(r"(?:[\w-]+\.){50}")
"""A key of a depth that nobody writes; tomllib takes seconds for one of thousands of levels."""

LONG_NUMBER = re.compile(r"[0-9_]{4000,}")
"""What Python makes no number of, by its own limit."""

TOO_DEEP = "is nested too deep; write fewer levels."

KEY = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
STATEMENT = re.compile(rf"\s*(?:\[|{KEY}(?:\s*\.\s*{KEY})*\s*=)")
"""A line that may begin a statement; one inside a list or a text may look so too."""

MENDS = {
    "Cannot overwrite a value": "the key is given twice; remove one",
    "Cannot declare": "the table is given twice; remove one",
    "Expected '=' after a key": "a key is followed by `=` and its value",
    "Illegal character '\\n'": "the quotes of this text do not end in its line",
    "Invalid value": "there is no such value; a text is in quotes",
}
"""How tomllib's words begin -> words that say what to do."""


def parse(text: str, place: str) -> dict[str, Any]:
    """Return the data of a TOML file.

    Args:
        text: the file.
        place: how messages name it.

    Raises:
        InputError: it is no TOML; with the line.
    """
    if match := DEEP_KEY.search(text):
        raise located(place, _line_at(text, match), TOO_DEEP)
    try:
        return tomllib.loads(text)
    except ValueError as error:
        raise _refused(str(error), text, place) from error
    except RecursionError as error:
        raise located(place, None, TOO_DEEP) from error


def _line_at(text: str, match: re.Match[str]) -> int:
    return text.count("\n", 0, match.start()) + 1


def _refused(error_text: str, text: str, place: str) -> InputError:
    match = POSITION.fullmatch(error_text.partition("\n")[0])
    if not match:  # Python's own `int` has a limit
        number = LONG_NUMBER.search(text)
        return located(place, _line_at(text, number) if number else None, "the number is too long.")
    message = match["words"]
    message = next((mend for start, mend in MENDS.items() if message.startswith(start)), message)
    line = int(match["line"] or 0) or text.rstrip().count("\n") + 1
    return located(place, line, f"is not TOML: {message[:1].lower()}{message[1:]}.")


def line_of(text: str, keys: Sequence[str]) -> int | None:
    """Return the line of a key, or of the nearest table around it that exists; from 1.

    The parser itself says where: the key is in the statement after the longest beginning of the
    file that is TOML and does not have it.

    Args:
        text: a file that `parse` can read.
        keys: the tables that lead to the key, and the key.
    """
    whole = tomllib.loads(text)
    while keys and not _has(whole, keys):
        keys = keys[:-1]
    if not keys:
        return None
    lines = re.split("(?<=\n)", text)  # other characters end no line in TOML
    starts = [number for number, line in enumerate(lines) if STATEMENT.match(line)]
    beginnings = ["".join(lines[:end]) for end in (*starts[1:], len(lines))]
    low, high = 0, len(starts) - 1
    while low < high:
        middle = (low + high) // 2
        if _has(_longest(beginnings[: middle + 1])[1], keys):
            high = middle
        else:
            low = middle + 1
    return starts[_longest(beginnings[:low])[0]] + 1


def _longest(beginnings: Sequence[str]) -> tuple[int, dict[str, Any]]:
    """Return the longest beginning of a file that is valid TOML: its number (0: none) and data."""
    for number in range(len(beginnings), 0, -1):
        try:
            return number, tomllib.loads(beginnings[number - 1])
        except ValueError:  # it ends in the middle of a list or a text
            continue
    return 0, {}


def _has(data: Any, keys: Sequence[str]) -> bool:
    for key in keys:
        if not isinstance(data, dict) or key not in data:
            return False
        data = data[key]
    return True
