"""YAML files become typed data here, and every fault in one is a line of its own.

The scalars are those of YAML 1.2's core schema, decimal only: `on`, `no`, `1:00:00` and
`2026-11-24` are strings, `010` is no number. Duplicate keys, aliases and tags are refused.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeVar

import yaml

from tabproof.errors import located
from tabproof.validation import Misfit, convert

T = TypeVar("T")
Lines = dict[str, int]


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader with YAML 1.2's scalars."""

    yaml_implicit_resolvers: dict[str, Any] = {}


for _tag, _pattern, _first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("int", r"^-?(?:0|[1-9][0-9]*)$", "-0123456789"),
    ("float", r"^-?(?:0|[1-9][0-9]*)\.[0-9]+$", "-0123456789"),
    ("null", r"^(?:null|~|)$", ["n", "~", ""]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))

SCALARS: dict[str, Any] = {
    "tag:yaml.org,2002:str": str,
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": float,
    "tag:yaml.org,2002:bool": lambda text: text == "true",
    "tag:yaml.org,2002:null": lambda _text: None,
}


def read(path: Path, shape: type[T], shown: str) -> tuple[T, Lines]:
    """Read a YAML file into a type.

    Args:
        path: the file.
        shape: a msgspec type.
        shown: how messages name the file.

    Returns:
        The data, and the line of each place in it (`$.token.claims.iss` -> 12).

    Raises:
        InputError: the file cannot be read, is not YAML, or is not of that shape.
    """
    try:
        text = path.read_bytes().decode()
    except OSError as error:
        raise located(shown, None, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise located(shown, line, "is not UTF-8; save it as UTF-8") from error
    return parse(text, shape, shown)


def parse(text: str, shape: type[T], shown: str) -> tuple[T, Lines]:
    """Parse the text of a YAML file into a type; see `read`."""
    lines: Lines = {}
    data = _data(text, shown, lines)
    try:
        return convert(data, shape), lines
    except Misfit as misfit:
        raise located(shown, line_of(lines, misfit.place), misfit.words) from misfit


def line_of(lines: Lines, place: str) -> int | None:
    """The line of a place, or of the nearest place around it."""
    while place and place not in lines:
        place = re.sub(r"(\.[^.\[]*|\[[^\[]*\])$", "", place)
    return lines.get(place)


def _data(text: str, shown: str, lines: Lines) -> Any:
    try:
        node = yaml.compose(text, Loader=_Loader)
        if node is None:
            raise located(shown, 1, "is empty")
        return _plain(node, "$", shown, lines, set())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        words = error.problem or error.context or "is not YAML"
        raise located(shown, mark.line + 1 if mark else None, words) from error
    except yaml.YAMLError as error:
        words = str(error).splitlines()[0]
        raise located(shown, None, f"is not YAML: {words}") from error
    except RecursionError as error:
        raise located(shown, None, "is nested too deep") from error


def _plain(node: yaml.Node, place: str, shown: str, lines: Lines, seen: set[int]) -> Any:
    line = node.start_mark.line + 1
    lines.setdefault(place, line)
    if id(node) in seen:
        raise located(shown, line, "an alias (`*name`) is used; write the value out")
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode) and node.tag == "tag:yaml.org,2002:map":
        return _mapping(node, place, shown, lines, seen)
    if isinstance(node, yaml.SequenceNode) and node.tag == "tag:yaml.org,2002:seq":
        return [
            _plain(item, f"{place}[{index}]", shown, lines, seen)
            for index, item in enumerate(node.value)
        ]
    if isinstance(node, yaml.ScalarNode) and node.tag in SCALARS:
        return _scalar(node, line, shown)
    raise located(shown, line, f"the tag `{node.tag}` is not allowed; write plain YAML")


def _scalar(node: yaml.ScalarNode, line: int, shown: str) -> Any:
    value = SCALARS[node.tag](node.value)
    if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
        raise located(shown, line, "a lone surrogate is no character; write the character itself")
    return value


def _mapping(node: yaml.MappingNode, place: str, shown: str, lines: Lines, seen: set[int]) -> Any:
    mapping: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        key = _plain(key_node, f"{place} key", shown, {}, seen)
        if not isinstance(key, (str, int)) or isinstance(key, bool):
            raise located(shown, line, f"the key `{key}` is not a string; put it in quotes")
        if key in mapping:
            raise located(shown, line, f"the key `{key}` is given twice; remove one")
        lines[f"{place}.{key}"] = line
        mapping[key] = _plain(value_node, f"{place}.{key}", shown, lines, seen)
    return mapping
