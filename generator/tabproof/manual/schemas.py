"""The files that people write, as tables: each key with its type, its default and its meaning."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import escape

from tabproof import schema as schemas
from tabproof.schema import Schema

TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "`true`, `false`",
    "null": "`null`",
}
ON_ONE_LINE = ' style="white-space: nowrap"'
HEAD = "".join(f'<th scope="col">{name}</th>' for name in ("Key", "Type", "Default", "Meaning"))


def sections() -> Iterator[tuple[str, str]]:
    """A heading and HTML for each kind of file."""
    for name in schemas.FILES:
        schema = schemas.of(name)
        parts = [_described(schema), _table(schema, name)]
        for title, part in schema["$defs"].items():
            parts.append(f'<h3 id="{_anchor(name, title)}">{escape(_words(title))}</h3>')
            parts += [_described(part), _table(part, name)]
        yield f"`{name}`", "\n".join(parts)


def _described(schema: Schema) -> str:
    return f"<p>{_marked(schema['description'])}</p>"


def _table(schema: Schema, file: str) -> str:
    required = schema["required"]
    rows = ""
    for key, value in schema["properties"].items():
        default = "required" if key in required else _default(value)
        cells = (_type(value, file), default, _marked(value.get("description", "")))
        rows += f'<tr><th scope="row"{ON_ONE_LINE}><code>{escape(key)}</code></th>'
        rows += "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>\n"
    return f"<table>\n<thead>\n<tr>{HEAD}</tr>\n</thead>\n<tbody>\n{rows}</tbody>\n</table>"


def _default(value: Schema) -> str:
    default = value.get("default")
    if default in (None, "", [], {}):
        return "none"
    if isinstance(default, dict):
        return "each key's own"
    return f"<code>{escape(json.dumps(default, ensure_ascii=False))}</code>"


def _type(value: Schema, file: str) -> str:
    """What a value may be, with links to the tables of other types."""
    if "$ref" in value:
        title = value["$ref"].rpartition("/")[2]
        return f'<a href="#{_anchor(file, title)}">{escape(_words(title))}</a>'
    if "anyOf" in value:
        members = [part for part in value["anyOf"] if part.get("type") != "null"]
        null = len(members) < len(value["anyOf"]) and value.get("default", ...) is not None
        numbers = any(part.get("type") == "number" for part in members)
        shown = [
            _type(part, file) for part in members if not (numbers and part.get("type") == "integer")
        ] + ["<code>null</code>"] * null
        return " or ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0]
    if "enum" in value or "const" in value:
        choices = value.get("enum", [value.get("const")])
        return ", ".join(f"<code>{escape(_scalar(choice))}</code>" for choice in choices)
    if value.get("type") == "array":
        return _list(value, file)
    if value.get("type") == "object":
        inside = _type(value["additionalProperties"], file)
        return f"mapping of names to {inside}"
    plain = _marked(TYPES.get(value.get("type", ""), "any value"))
    return plain + _bounds(value)


def _list(value: Schema, file: str) -> str:
    if "prefixItems" in value:
        items = " and ".join(_type(item, file) for item in value["prefixItems"])
        return f"list of {len(value['prefixItems'])}: {items}"
    return f"list of {_type(value['items'], file)}"


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
    return f"{file}-{_words(title).replace(' ', '-')}"


def _words(title: str) -> str:
    """`SigningKey` -> `signing key`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", title).lower()


def _marked(text: str) -> str:
    """A text's code between backticks as HTML."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))
