"""Add values to a TOML file, and leave every other byte as it is. Pure."""

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
        table: the keys that lead to the table; none for the file's own.
        values: key -> what is added: items to a list, keys to a table, else the value itself.

    Returns:
        The new text; None where it cannot be had without changing other lines or other values.
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
        said = toml_file.parse(result, "")
    except (TOMLKitError, InputError, KeyError, TypeError, ValueError):
        return None
    return result if said == expected and _keeps_lines(text, result, values) else None


def lines(values: Mapping[str, Any]) -> str:
    """Return values as a file of their own has them."""
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
    """Return whether each line is there still, but for those of lists that have grown."""
    rest = iter(result.splitlines())
    grown = tuple(key for key, value in values.items() if isinstance(value, list))
    return all(
        line in rest for line in text.splitlines() if not line.lstrip().startswith(grown or "\0")
    )
