"""YAML files become typed data here, and every fault in one is a line of its own.

The scalars are those of YAML 1.2's core schema, decimal only: `on`, `no`, `1:00:00` and
`2026-11-24` are strings, `010` is no number. Duplicate keys, aliases and tags are refused.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeVar

import yaml

from tabproof.errors import InputError, located
from tabproof.validation import Misfit, convert

T = TypeVar("T")
Lines = dict[str, int]


class _Refused(Exception):  # noqa: N818 - it is caught at once and becomes an InputError
    """It is YAML, but more of it than these files may use."""

    def __init__(self, event: Any, words: str) -> None:
        super().__init__(words)
        self.line = event.start_mark.line + 1


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader with YAML 1.2's scalars, and without aliases and tags."""

    yaml_implicit_resolvers: dict[str, Any] = {}

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call] # in the stubs
        if isinstance(event, yaml.AliasEvent):
            raise _Refused(
                event, f"the alias `*{event.anchor}` is not allowed; write the value out."
            )
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            raise _Refused(event, f"the tag `{tag}` is not allowed; write plain YAML.")
        return super().compose_node(parent, index)


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


MENDS = {
    r"character '\t' that": "a tab indents this line; use spaces",
    "cannot start any token": "a text cannot begin with this character; put it in quotes",
    "mapping values are not allowed": "a colon is not expected here; put a text that holds one in "
    "quotes",
    "another document": "a line `---` begins a second document; write one",
}
"""PyYAML's words in part -> words that say what to do."""


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
        raise located(shown, None, f"cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise located(shown, line, "is not UTF-8; save it as UTF-8.") from error
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
            raise located(shown, max(1, text.count("\n")), "is empty.")
        return _plain(node, "$", shown, lines)
    except _Refused as error:
        raise located(shown, error.line, str(error)) from error
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(error, text, shown) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        words = f"the control character U+{ord(text[error.position]):04X} is not allowed."
        raise located(shown, line, words) from error
    except RecursionError as error:
        raise located(shown, None, "is nested too deep.") from error


def _not_yaml(error: yaml.MarkedYAMLError, text: str, shown: str) -> InputError:
    conflict = re.search(r"^<{7} ", text, re.MULTILINE)
    if conflict:
        line = text.count("\n", 0, conflict.start()) + 1
        return located(shown, line, "a merge conflict begins here; resolve it.")
    said = ", ".join(filter(None, [error.context, error.problem]))
    said = next((mend for part, mend in MENDS.items() if part in said), said)
    ends = "end of stream" in said or "stream end" in said
    mark = (error.context_mark if ends else None) or error.problem_mark
    if mark and error.context_mark and error.context_mark.line != mark.line:
        said += f" (it began in line {error.context_mark.line + 1})"
    return located(shown, mark.line + 1 if mark else None, f"is not YAML: {said}.")


def _plain(node: yaml.Node, place: str, shown: str, lines: Lines) -> Any:
    line = node.start_mark.line + 1
    lines.setdefault(place, line)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, place, shown, lines)
    if isinstance(node, yaml.SequenceNode):
        return [
            _plain(item, f"{place}[{index}]", shown, lines) for index, item in enumerate(node.value)
        ]
    try:
        value = SCALARS[node.tag](node.value)
    except ValueError as error:
        raise located(shown, line, "the number is too long.") from error
    if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
        raise located(shown, line, "a lone surrogate is no character; write the character itself.")
    return value


def _mapping(node: yaml.MappingNode, place: str, shown: str, lines: Lines) -> Any:
    mapping: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        key = _plain(key_node, f"{place} key", shown, {})
        if not isinstance(key, (str, int)) or isinstance(key, bool):
            words = (
                f"`{key_node.value}`" if isinstance(key_node, yaml.ScalarNode) else "that is here"
            )
            raise located(shown, line, f"the key {words} is not a string; put it in quotes.")
        if key in mapping:
            raise located(shown, line, f"the key `{key}` is given twice; remove one.")
        lines[f"{place}.{key}"] = line
        mapping[key] = _plain(value_node, f"{place}.{key}", shown, lines)
    return mapping
