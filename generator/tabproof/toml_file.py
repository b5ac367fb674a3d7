"""Reads TOML into typed data, and knows the line of each key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from typing import Any

from tabproof.errors import InputError, located

POSITION = re.compile(r"(?P<words>.*) \(at (?:line (?P<line>\d+), column \d+|end of document)\)")

MENDS = {
    "Cannot overwrite a value": "the key is given twice; remove one",
    "Cannot declare": "the table is given twice; remove one",
    "Expected '=' after a key": "a key is followed by `=` and its value",
    "Illegal character '\\n'": "the quotes of this text do not end in its line",
    "Invalid value": "there is no such value; a text is in quotes",
}
"""How tomllib's words begin -> words that say what to do."""


def parse(text: str, place: str) -> dict[str, Any]:
    """The data of a TOML file.

    Args:
        text: the file.
        place: how messages name it.

    Raises:
        InputError: it is no TOML; with the line.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(error, text, place) from error
    except RecursionError as error:
        raise located(place, None, "is nested too deep; write fewer levels.") from error


def _not_toml(error: tomllib.TOMLDecodeError, text: str, place: str) -> InputError:
    found = POSITION.fullmatch(str(error).partition("\n")[0])
    said = found["words"] if found else str(error)
    words = next((mend for start, mend in MENDS.items() if said.startswith(start)), said)
    line = int(found["line"]) if found and found["line"] else len(text.splitlines())
    return located(place, line or None, f"is not TOML: {words[:1].lower()}{words[1:]}.")


def line_of(text: str, keys: Sequence[str]) -> int | None:
    """The line where a key is, or the nearest table around it that is there; from 1.

    The parser itself says where: the key is in the statement after the longest beginning of the
    file that is TOML and does not have it.

    Args:
        text: a file that `parse` can read.
        keys: the tables that lead to the key, and the key.
    """
    lines = text.splitlines(keepends=True)
    while keys and not _has(tomllib.loads(text), keys):
        keys = keys[:-1]
    if not keys:
        return None
    low, high = 0, len(lines)  # the beginning of `low` lines has no such key, that of `high` has
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _begins_with(lines[:middle], keys) else (middle, high)
    statement = _longest(lines[:low])[0]
    return statement + 1


def _begins_with(lines: Sequence[str], keys: Sequence[str]) -> bool:
    return _has(_longest(lines)[1], keys)


def _longest(lines: Sequence[str]) -> tuple[int, dict[str, Any]]:
    """The longest beginning of lines that is TOML: how many lines, and its data."""
    for count in range(len(lines), 0, -1):
        try:
            return count, tomllib.loads("".join(lines[:count]))
        except tomllib.TOMLDecodeError:
            continue
    return 0, {}


def _has(data: Any, keys: Sequence[str]) -> bool:
    for key in keys:
        if not isinstance(data, dict) or key not in data:
            return False
        data = data[key]
    return True
