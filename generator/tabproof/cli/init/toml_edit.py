"""Add values to the text of a TOML file, and keep every other byte."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Array

from tabproof.errors import InputError
from tabproof.project import toml_file


def with_values(text: str, table: Sequence[str], values: Mapping[str, Any]) -> str | None:
    """Return the text with more in one of its tables.

    Args:
        text: a TOML file that can be read.
        table: the keys of the table; empty for the top of the file.
        values: key -> what is added: items to a list, keys to a table, else the value itself.

    Returns:
        The new text; None if other lines or values would change.
    """
    expected: Any = toml_file.parse(text, "")
    try:
        document: Any = tomlkit.parse(text)
        place, plain = document, expected
        for key in table:
            place, plain = place[key], plain[key]
        for key, value in values.items():
            _add(place, key, value)
            plain[key] = _extended(plain.get(key), value)
        result = tomlkit.dumps(document)
        if "\r\n" in text:
            result = result.replace("\r\n", "\n").replace("\n", "\r\n")
        actual = toml_file.parse(result, "")
    except (TOMLKitError, InputError, KeyError, TypeError, ValueError):
        return None
    return result if actual == expected and _keeps_lines(text, result, values) else None


def lines(values: Mapping[str, Any]) -> str:
    """Return values as the text of a TOML file."""
    document = tomlkit.document()
    for key, value in values.items():
        _add(document, key, value)
    return tomlkit.dumps(document)


def _add(place: Any, key: str, value: Any) -> None:
    if isinstance(value, Mapping):
        inner = place[key] if key in place else tomlkit.table()
        for name, options in value.items():
            inner[name] = _inline(options)
        if key not in place:
            place[key] = inner
    elif isinstance(value, list) and isinstance(place.get(key), Array):
        for item in value:
            place[key].append(_inline(item))
    else:
        place[key] = [_inline(item) for item in value] if isinstance(value, list) else value


def _inline(value: Any) -> Any:
    """Return a value in one line."""
    if not isinstance(value, Mapping):
        return value
    table = tomlkit.inline_table()
    table.update({key: _inline(inner) for key, inner in value.items()})
    return table


def _extended(old: Any, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {**(old or {}), **value}
    return [*(old or []), *value] if isinstance(value, list) else value


def _keeps_lines(text: str, result: str, values: Mapping[str, Any]) -> bool:
    """Return whether every line is unchanged, except those of lists that have grown."""
    new_lines = iter(result.splitlines())
    grown = tuple(key for key, value in values.items() if isinstance(value, list))
    return all(
        line in new_lines
        for line in text.splitlines()
        if not line.lstrip().startswith(grown or "\0")
    )
