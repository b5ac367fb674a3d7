"""Convert plain data into typed data, with the exact place of each error. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TypeAlias, TypeVar

import msgspec
from msgspec import inspect

from tabproof.errors import choose

T = TypeVar("T")
Parts: TypeAlias = tuple[str | int, ...]
"""The keys and indices that lead to a value."""

MESSAGE = re.compile(r"(?P<words>.*?)(?: - at (?P<key>`key` in )?`\$(?P<path>[^`]*)`)?", re.DOTALL)
PLAIN_WORDS = {
    inspect.IntType: "an integer",
    inspect.FloatType: "a number",
    inspect.BoolType: "true or false",
    inspect.NoneType: "null",
    inspect.StructType: "a mapping",
}
SIZED: dict[Any, str] = {inspect.StrType: "string", inspect.DictType: "mapping"}
LISTS = (inspect.ListType, inspect.VarTupleType, inspect.TupleType)
MAPPINGS = (inspect.StructType, inspect.DictType)


class MismatchError(Exception):
    """Report data of the wrong type, with its place (`$.token.claims.iss`)."""

    def __init__(self, place: str, detail: str) -> None:
        """Keep both."""
        super().__init__(f"{place}: {detail}")
        self.place = place
        self.message = detail


def convert(data: Any, shape: type[T]) -> T:
    """Convert plain data (dicts, lists, scalars) into a msgspec type, strictly.

    Raises:
        Misfit: with what is expected there, or the choices, where a name is unknown.
    """
    try:
        return msgspec.convert(data, shape, strict=True)
    except msgspec.ValidationError as error:
        raise _explain(str(error), data, shape) from error


def _explain(message: str, data: Any, shape: Any) -> MismatchError:
    match = MESSAGE.fullmatch(message)
    detail, path, at_key = (
        (match["words"], match["path"] or "", match["key"]) if match else ("",) * 3
    )
    parts = _exact(path + ("[...]" if at_key else ""), message, data, shape)
    place = _written(data, parts)
    where = f"`{place[2:]}`" if parts else "the file"
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", detail, re.DOTALL)
    if unknown:
        choices = choose(_fields(shape, parts))
        return MismatchError(f"{place}.{unknown[1]}", f"unknown key '{unknown[1]}'; {choices}.")
    missing = re.fullmatch(r"Object missing required field `(.*)`", detail)
    if missing:
        return MismatchError(place, f"{where} lacks the key '{missing[1]}'.")
    if not detail.startswith(("Expected", "Invalid")):
        return MismatchError(place, f"{where}: {detail}.")  # in the words of the type's own check
    if at_key:
        info = _structure(_type_at(shape, parts[:-1]), parts[-1])
        if isinstance(info, inspect.StructType):  # whose keys are names, and this one is a number
            choices = choose(_fields(shape, parts[:-1]))
            return MismatchError(place, f"unknown key '{parts[-1]}'; {choices}.")
        where = f"`{_written(data, parts[:-1])[2:]}`"
        return MismatchError(
            place, f"{where}: a key is {_expected(info.key_type)}; got {_shown(parts[-1])}."
        )
    return MismatchError(
        place, f"{where}: {_mismatch(_type_at(shape, parts), _value_at(data, parts))}."
    )


def _mismatch(info: Any, value: Any) -> str:
    plain = _given(info)
    if isinstance(plain, inspect.LiteralType):
        shown = repr(value) if isinstance(value, str) else _shown(value)
        return f"unknown value {shown}; {choose(map(str, plain.values))}"
    return f"expected {_expected(info)}; got {_shown(value)}"


def _exact(path: str, message: str, data: Any, shape: Any) -> Parts:
    """Return the exact place: msgspec writes `[...]` for any value of a mapping."""
    parts: Parts = ()
    for name, index, any_key in re.findall(r"\.(\w+)|\[(\d+)\]|(\[\.\.\.\])", path):
        if not any_key:
            parts = (*parts, name or int(index))
            continue
        keys = list(_value_at(data, parts))
        while len(keys) > 1:  # halved each time: the first fault is the one that is told
            half = keys[: len(keys) // 2]
            is_in_half = _message(_with_only(data, parts, half), shape) == message
            keys = half if is_in_half else keys[len(half) :]
        narrowed = _with_only(data, parts, keys)
        if _message(narrowed, shape) != message:
            return parts
        data, parts = narrowed, (*parts, *keys)
    return parts


def _message(data: Any, shape: Any) -> str:
    try:
        msgspec.convert(data, shape, strict=True)
    except msgspec.ValidationError as error:
        return str(error)
    return ""


def _with_only(data: Any, parts: Parts, keys: Iterable[str | int]) -> Any:
    """Return a copy in which the mapping at a place has only these keys."""
    if not parts:
        return {key: data[key] for key in keys}
    copy = data.copy()
    copy[parts[0]] = _with_only(data[parts[0]], parts[1:], keys)
    return copy


def _value_at(data: Any, parts: Parts) -> Any:
    for part in parts:
        data = data[part]
    return data


def _written(data: Any, parts: Parts) -> str:
    place = "$"
    for part in parts:
        place += f"[{part}]" if isinstance(data, list) else f".{part}"
        data = data[part]
    return place


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list):
        return f"a list of {len(value)}" if value else "an empty list"
    if isinstance(value, str):
        return f"the string {value!r}"
    return "null" if value is None else str(value).lower()


def _fields(shape: Any, parts: Parts) -> list[str]:
    """Return the keys that the type allows at a place."""
    info = _structure(_type_at(shape, parts), "")
    fields: tuple[inspect.Field, ...] = getattr(info, "fields", ())
    return [field.encode_name for field in fields]


def _type_at(shape: Any, parts: Parts) -> Any:
    info: Any = inspect.type_info(shape)
    for part in parts:
        info = _inside(_structure(info, part), part)
    return info


def _inside(info: Any, part: str | int) -> Any:
    if isinstance(info, inspect.StructType):
        return next(field.type for field in info.fields if field.encode_name == part)
    if isinstance(info, inspect.DictType):
        return info.value_type
    if isinstance(info, inspect.TupleType):
        return info.item_types[int(part)]
    return info.item_type


def _structure(info: Any, part: str | int) -> Any:
    """Return the type itself, or the member of a union that allows this key or index."""
    if isinstance(info, inspect.Metadata):
        return _structure(info.type, part)
    if isinstance(info, inspect.UnionType):
        kinds = LISTS if isinstance(part, int) else MAPPINGS
        members = [_structure(member, part) for member in info.types]
        return next((member for member in members if isinstance(member, kinds)), info)
    return info


def _expected(info: Any) -> str:
    """Return what a type allows, for people: its description if it has one."""
    if isinstance(info, inspect.Metadata):
        described: str | None = (info.extra_json_schema or {}).get("description")
        return described or _expected(info.type)
    if isinstance(info, inspect.UnionType):
        return " or ".join(_expected(member) for member in _members(info))
    if isinstance(info, inspect.LiteralType):
        return " or ".join(map(repr, info.values))
    if isinstance(info, inspect.IntType):
        return f"an integer{_bounds(info)}"
    if isinstance(info, (*LISTS, *SIZED)):
        return f"a {SIZED.get(type(info), 'list')}{_length(info)}"
    return next((noun for kind, noun in PLAIN_WORDS.items() if isinstance(info, kind)), "more")


def _given(info: Any) -> Any:
    """Return a type without its description and without null."""
    if isinstance(info, inspect.Metadata):
        return _given(info.type)
    if isinstance(info, inspect.UnionType) and len(_members(info)) == 1:
        return _given(_members(info)[0])
    return info


def _members(info: inspect.UnionType) -> list[Any]:
    return [member for member in info.types if not isinstance(member, inspect.NoneType)]


def _bounds(info: inspect.IntType) -> str:
    if info.ge is not None and info.le is not None:
        return f" from {info.ge} to {info.le}"
    if info.ge is not None:
        return f" of at least {info.ge}"
    return "" if info.gt is None else f" above {info.gt}"


def _length(info: Any) -> str:
    if isinstance(info, inspect.TupleType):
        return f" of {len(info.item_types)}"
    return " that is not empty" if info.min_length else ""
