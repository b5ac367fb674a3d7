"""Make JSON Schemas of the files that people write from the types that read them. Pure.

The meaning of a key is in the docstring of its type. It becomes the description that an editor
shows beside the key.
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
ENTRY = re.compile(r"^(?P<name>\w+): (?P<meaning>.*)$")


def build_schema(name: str) -> Schema:
    """Return the JSON Schema of a file (JSON Schema 2020-12).

    Args:
        name: one of `FILES`.
    """
    file_type = FILES[name]
    (reference,), components = msgspec.json.schema_components(
        (file_type,), schema_hook=_custom_schema, ref_template="#/$defs/{name}"
    )
    types = {struct.__name__: struct for struct in _struct_types(file_type)}
    definitions = {
        title: _add_descriptions(schema, types.get(title)) for title, schema in components.items()
    }
    root = definitions.pop(reference["$ref"].rpartition("/")[2])
    return {"$schema": DRAFT, **root, "$defs": definitions}


def schema_text(name: str) -> str:
    """Return the JSON Schema of a file as it is committed."""
    return msgspec.json.format(msgspec.json.encode(build_schema(name)), indent=2).decode() + "\n"


def attribute_descriptions(file_type: type) -> dict[str, str]:
    """Return key -> meaning, from the `Attributes` in the docstring of a type."""
    meanings: dict[str, str] = {}
    for base in reversed(file_type.__mro__):
        name = ""
        section = (inspect.cleandoc(base.__doc__ or "")).partition("\nAttributes:\n")[2]
        for line in inspect.cleandoc(section).splitlines():
            if entry := ENTRY.match(line):
                name = entry["name"]
                meanings[name] = entry["meaning"]
            elif name:
                meanings[name] += f" {line.strip()}"
    return meanings


def _custom_schema(kind: type) -> Schema:
    # msgspec's contract for its `schema_hook`: NotImplementedError for what has no schema.
    if kind is object:
        return ANYTHING
    raise NotImplementedError


def _struct_types(file_type: type) -> set[type]:
    """Return a type and all types of its fields."""
    structs: set[type] = set()
    waiting: list[Any] = [msgspec.inspect.type_info(file_type)]
    while waiting:
        info = waiting.pop()
        if isinstance(info, msgspec.inspect.StructType):
            if info.cls in structs:
                continue
            structs.add(info.cls)
            waiting += [field.type for field in info.fields]
        for part in ("type", "key_type", "value_type", "item_type"):
            waiting += [getattr(info, part)] if hasattr(info, part) else []
        waiting += [*getattr(info, "types", ()), *getattr(info, "item_types", ())]
    return structs


def _add_descriptions(schema: Schema, file_type: type | None) -> Schema:
    """Return a type's schema with the meaning of the type and of each key."""
    if file_type is None:
        return schema
    summary = inspect.cleandoc(file_type.__doc__ or "").partition("\nAttributes:\n")[0].strip()
    meanings = attribute_descriptions(file_type)
    properties = {
        key: value
        | (
            {"description": key_description(meanings[key], type_description(value))}
            if key in meanings
            else {}
        )
        for key, value in schema["properties"].items()
    }
    return schema | {"description": re.sub(r"\s*\n\s*", " ", summary), "properties": properties}


def type_description(schema: Schema) -> str:
    """Return the description of a value's type; "" without one."""
    members = [member for member in schema.get("anyOf", ()) if member.get("type") != "null"]
    inner = members[0].get("description", "") if len(members) == 1 else ""
    return str(schema.get("description", inner))


def key_description(meaning: str, type_text: str) -> str:
    """Return the meaning of a key with the description of its type."""
    whole = meaning.rstrip(".") + (f": {type_text}" if type_text else "") + "."
    return whole[:1].upper() + whole[1:]
