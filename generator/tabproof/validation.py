"""Plain data becomes typed data here; a misfit is told with its exact place. Pure."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from tabproof.errors import choose

T = TypeVar("T")


class Misfit(Exception):  # noqa: N818 - it is caught at once and becomes an InputError
    """What does not fit, in words, and its place (`$.token.claims.iss`)."""

    def __init__(self, place: str, words: str) -> None:
        """Keep both."""
        super().__init__(f"{place}: {words}")
        self.place = place
        self.words = words


def convert(data: Any, shape: type[T]) -> T:
    """Plain data (dicts, lists, scalars) as a msgspec type, strictly.

    Raises:
        Misfit: with the choices, where a name is unknown.
    """
    try:
        return msgspec.convert(data, shape, strict=True)
    except msgspec.ValidationError as error:
        raise _explain(str(error), data, shape) from error


def _explain(message: str, data: Any, shape: Any) -> Misfit:
    words = message.partition(" - at ")[0]
    place = _exact_place(message, data, shape)
    unknown = re.search(r"unknown field `([^`]+)`", words)
    if unknown:
        choices = choose(_fields(shape, place))
        return Misfit(f"{place}.{unknown[1]}", f"unknown key '{unknown[1]}'; {choices}.")
    where = f"`{place[2:]}`" if len(place) > 1 else "the file"
    missing = re.search(r"missing required field `([^`]+)`", words)
    if missing:
        return Misfit(place, f"{where} lacks the key '{missing[1]}'.")
    words = words.replace("Invalid enum value", "unknown value")
    return Misfit(place, f"{where}: {words[:1].lower()}{words[1:]}; read {_shown(data, place)}.")


def _exact_place(message: str, data: Any, shape: Any) -> str:
    """Msgspec writes `[...]` for any value of a mapping; find the one that it means."""
    place = message.partition(" - at ")[2].replace("`", "")
    if place.startswith("key in "):
        place = f"{place.removeprefix('key in ')}[...]"
    while "[...]" in place:
        prefix, _, rest = place.partition("[...]")
        for name, value in _value_at(data, prefix).items():
            narrowed = _replaced(data, prefix, {name: value})
            try:
                msgspec.convert(narrowed, shape, strict=True)
            except msgspec.ValidationError as error:
                if str(error) == message:
                    data, place = narrowed, f"{prefix}.{name}{rest}"
                    break
        else:
            return prefix
    return place or "$"


def _parts(place: str) -> list[str | int]:
    found = re.findall(r"\.([^.\[]+)|\[(\d+)\]", place)
    return [name or int(index) for name, index in found]


def _step(value: Any, part: str | int) -> Any:
    if isinstance(value, dict):
        return next((inner for name, inner in value.items() if str(name) == str(part)), None)
    return value[part] if isinstance(value, list) and isinstance(part, int) else None


def _value_at(data: Any, place: str) -> Any:
    for part in _parts(place):
        data = _step(data, part)
    return data


def _replaced(data: Any, place: str, new: Any) -> Any:
    parts = _parts(place)
    if not parts:
        return new
    first, rest = parts[0], place[place.index(str(parts[0])) + len(str(parts[0])) :].lstrip("]")
    inner = _replaced(_step(data, first), f"${rest}", new)
    if isinstance(data, dict):
        return {name: inner if str(name) == str(first) else value for name, value in data.items()}
    return [inner if index == first else value for index, value in enumerate(data)]


def _shown(data: Any, place: str) -> str:
    value = _value_at(data, place)
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else repr(value)


def _fields(shape: Any, place: str) -> list[str]:
    """The keys that the type allows at a place."""
    info: Any = inspect.type_info(shape)
    for part in _parts(place):
        info = _inside(_structure(info), part)
    fields: tuple[inspect.Field, ...] = getattr(_structure(info), "fields", ())
    return [field.encode_name for field in fields]


def _inside(info: Any, part: str | int) -> Any:
    if isinstance(info, inspect.StructType):
        return next(field.type for field in info.fields if field.encode_name == part)
    if isinstance(info, inspect.DictType):
        return info.value_type
    if isinstance(info, inspect.TupleType):
        return info.item_types[int(part)]
    return info.item_type


def _structure(info: Any) -> Any:
    """The type itself, or the one structured member of a union."""
    if isinstance(info, inspect.UnionType):
        kinds = (inspect.StructType, inspect.DictType)
        return next((member for member in info.types if isinstance(member, kinds)), info)
    return info
