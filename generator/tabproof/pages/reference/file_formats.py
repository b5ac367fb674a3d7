"""Describe the project's files as tables: each key with its type, default and meaning."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from tabproof.pages.html_templates import render
from tabproof.project import json_schema as schemas
from tabproof.project.json_schema import Schema

TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "`true`, `false`",
    "null": "`null`",
}


class Piece(NamedTuple):
    """Hold a part of a type, and the anchor that it links to, with code between backticks."""

    text: str
    href: str = ""


class Row(msgspec.Struct, frozen=True):
    """Hold a key of a file."""

    key: str
    type: list[Piece]
    default: str
    meaning: str


class Part(msgspec.Struct, frozen=True):
    """Hold a table: the file's own keys, or those of one of its types, which has a title."""

    description: str
    rows: list[Row]
    title: str = ""
    anchor: str = ""


def sections() -> Iterator[tuple[str, str]]:
    """Yield a heading and HTML for each kind of file."""
    for name in schemas.FILES:
        schema = schemas.build_schema(name)
        parts = [_part(schema, name)]
        parts += [_part(part, name, title) for title, part in schema["$defs"].items()]
        yield f"`{name}`", render("reference/file.html.jinja", parts=parts)


def _part(schema: Schema, file: str, title: str = "") -> Part:
    rows = [
        Row(
            key,
            _type(value, file),
            "required" if key in schema["required"] else _default(value),
            value.get("description", ""),
        )
        for key, value in schema["properties"].items()
    ]
    anchor = _anchor(file, title) if title else ""
    return Part(schema["description"], rows, _split_words(title), anchor)


def _default(value: Schema) -> str:
    default = value.get("default")
    if default in (None, "", [], {}):
        return "none"
    if isinstance(default, dict):
        return "each key's own"
    return f"`{json.dumps(default, ensure_ascii=False)}`"


def _type(value: Schema, file: str) -> list[Piece]:
    """Return what a value may be, with links to the tables of other types."""
    if "$ref" in value:
        title = value["$ref"].rpartition("/")[2]
        return [Piece(_split_words(title), _anchor(file, title))]
    if "anyOf" in value:
        return _any_of(value, file)
    if "enum" in value or "const" in value:
        choices = value.get("enum", [value.get("const")])
        return [Piece(", ".join(f"`{_scalar(choice)}`" for choice in choices))]
    if value.get("type") == "array":
        return _list(value, file)
    if value.get("type") == "object":
        return [Piece("mapping of names to "), *_type(value["additionalProperties"], file)]
    return [Piece(TYPES.get(value.get("type", ""), "any value") + _bounds(value))]


def _any_of(value: Schema, file: str) -> list[Piece]:
    members = [part for part in value["anyOf"] if part.get("type") != "null"]
    null = len(members) < len(value["anyOf"]) and value.get("default", ...) is not None
    numbers = any(part.get("type") == "number" for part in members)
    shown = [
        _type(part, file) for part in members if not (numbers and part.get("type") == "integer")
    ] + [[Piece("`null`")]] * null
    pieces = [*shown[0]]
    for number, each in enumerate(shown[1:], 2):
        pieces += [Piece(" or " if number == len(shown) else ", "), *each]
    return pieces


def _list(value: Schema, file: str) -> list[Piece]:
    if "prefixItems" in value:
        pieces = [Piece(f"list of {len(value['prefixItems'])}: ")]
        for number, item in enumerate(value["prefixItems"]):
            pieces += [*([Piece(" and ")] if number else []), *_type(item, file)]
        return pieces
    return [Piece("list of "), *_type(value["items"], file)]


def _bounds(value: Schema) -> str:
    low, high, above = (value.get(key) for key in ("minimum", "maximum", "exclusiveMinimum"))
    if low is not None and high is not None:
        return f" from {low} to {high}"
    if low is not None:
        return f" of at least {low}"
    return "" if above is None else f" above {above}"


def _scalar(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _anchor(file: str, title: str) -> str:
    return f"{file}-{_split_words(title).replace(' ', '-')}"


def _split_words(title: str) -> str:
    """Split a type's name: `SigningKey` -> `signing key`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", title).lower()
