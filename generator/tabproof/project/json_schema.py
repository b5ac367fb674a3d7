"""JSON Schemas of the files that people write, made from the types that read them. Pure.

What a key means is said once, in the docstring of its type; here it becomes the description that
an editor shows beside the key.
"""

from __future__ import annotations

import inspect
import re
from typing import Any, TypeAlias

import msgspec

from tabproof.model.case_file import CasesFile
from tabproof.model.language import LanguageFile
from tabproof.model.mutation import LanguageMutationsFile, MutationKindsFile
from tabproof.model.scenario_file import ScenarioFile
from tabproof.model.settings import SettingsFile

Schema: TypeAlias = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
FILES: dict[str, type] = {
    "scenario": ScenarioFile,
    "language": LanguageFile,
    "cases": CasesFile,
    "mutations": MutationKindsFile,
    "language-mutations": LanguageMutationsFile,
    "configuration": SettingsFile,
}
"""The name of a schema -> the type of the file."""

ANYTHING = {"description": "any JSON value"}
ENTRY = re.compile(r"^(?P<name>\w+): (?P<words>.*)$")


def build_schema(name: str) -> Schema:
    """The JSON Schema of a file (JSON Schema 2020-12).

    Args:
        name: one of `FILES`.
    """
    shape = FILES[name]
    (reference,), components = msgspec.json.schema_components(
        (shape,), schema_hook=_of_custom, ref_template="#/$defs/{name}"
    )
    types = {_name(cls): cls for cls in _structs(shape)}
    definitions = {
        _short(title): _described(_renamed(schema), types.get(title))
        for title, schema in components.items()
    }
    root = definitions.pop(_short(reference["$ref"].rpartition("/")[2]))
    return {"$schema": DRAFT, **root, "$defs": definitions}


def schema_text(name: str) -> str:
    """The JSON Schema of a file as it is committed."""
    return msgspec.json.format(msgspec.json.encode(build_schema(name)), indent=2).decode() + "\n"


def attribute_descriptions(shape: type) -> dict[str, str]:
    """What each key of a type means, from the `Attributes` of its docstring."""
    found: dict[str, str] = {}
    for base in reversed(shape.__mro__):
        name = ""
        section = (inspect.cleandoc(base.__doc__ or "")).partition("\nAttributes:\n")[2]
        for line in inspect.cleandoc(section).splitlines():
            if entry := ENTRY.match(line):
                name = entry["name"]
                found[name] = entry["words"]
            elif name:
                found[name] += f" {line.strip()}"
    return found


def _of_custom(kind: type) -> Schema:
    # msgspec's contract for its `schema_hook`: NotImplementedError for what has no schema.
    if kind is object:
        return ANYTHING
    raise NotImplementedError


def _structs(shape: type) -> set[type]:
    """A type and all that it is made of."""
    found: set[type] = set()
    waiting: list[Any] = [msgspec.inspect.type_info(shape)]
    while waiting:
        info = waiting.pop()
        if isinstance(info, msgspec.inspect.StructType):
            if info.cls in found:
                continue
            found.add(info.cls)
            waiting += [field.type for field in info.fields]
        for part in ("type", "key_type", "value_type", "item_type"):
            waiting += [getattr(info, part)] if hasattr(info, part) else []
        waiting += [*getattr(info, "types", ()), *getattr(info, "item_types", ())]
    return found


def _name(cls: type) -> str:
    return cls.__name__


def _short(title: str) -> str:
    """The name of a type for people: the types of files are called shapes in the code."""
    return title.removesuffix("Shape")


def _renamed(schema: Any) -> Any:
    """A schema whose references lead to short names."""
    if isinstance(schema, list):
        return [_renamed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _short(value) if key in ("$ref", "title") and isinstance(value, str) else part
        for key, value in schema.items()
        for part in [_renamed(value)]
    }


def _described(schema: Schema, shape: type | None) -> Schema:
    """A type's schema, with the meaning of the type and of each key."""
    if shape is None:
        return schema
    words = inspect.cleandoc(shape.__doc__ or "").partition("\nAttributes:\n")[0].strip()
    known = attribute_descriptions(shape)
    properties = {
        key: value
        | (
            {"description": key_description(known[key], type_description(value))}
            if key in known
            else {}
        )
        for key, value in schema["properties"].items()
    }
    return schema | {"description": re.sub(r"\s*\n\s*", " ", words), "properties": properties}


def type_description(schema: Schema) -> str:
    """What a value is, in the words of its type; empty where the type has none."""
    members = [member for member in schema.get("anyOf", ()) if member.get("type") != "null"]
    inner = members[0].get("description", "") if len(members) == 1 else ""
    return str(schema.get("description", inner))


def key_description(words: str, kind_words: str) -> str:
    """A key's meaning, and what its value is."""
    whole = words.rstrip(".") + (f": {kind_words}" if kind_words else "") + "."
    return whole[:1].upper() + whole[1:]
