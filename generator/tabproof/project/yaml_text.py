"""Parse the text of a YAML file into plain data: dicts, lists and scalars. Pure.

The scalars are those of YAML 1.2's core schema, decimal only: `on`, `no`, `1:00:00` and
`2026-11-24` are strings, `010` is no number. Duplicate keys, aliases and tags are refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from tabproof.errors import InputError, located
from tabproof.project.yaml_positions import LineTree

DEEPEST = 50
"""Levels of lists and mappings; what people write has ten."""
TOO_DEEP = f"is nested too deep; write at most {DEEPEST} levels."
LONGEST_EXPLAINED = 50_000
"""PyYAML's own parser has the better words, but reads some 50,000 characters a second."""

FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml, where PyYAML was built with it."""

INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+")
PLAIN: dict[str, Any] = {"true": True, "false": False, "null": None, "~": None, "": None}
SURROGATE = re.compile("[\ud800-\udfff]")

MENDS = {
    r"character '\t' that": "a tab indents this line; use spaces",
    "cannot start any token": "a text cannot begin with this character; put it in quotes",
    "mapping values are not allowed": "a colon is not expected here; put a text that holds one in "
    "quotes",
    "could not find expected ':'": "a key ends with a colon and a blank",
    "another document": "a line `---` begins a second document; write one",
}
"""PyYAML's words in part -> words that say what to do."""


def parse(text: str, shown: str) -> tuple[Any, LineTree]:
    """Parse the text of a YAML file.

    Args:
        text: all of it.
        shown: how messages name the file.

    Returns:
        The data, and the line of each place in it.

    Raises:
        InputError: it is not YAML, or not as these files are written.
    """
    try:
        return _Builder(_events(text, FAST, shown), shown).document(text)
    except yaml.YAMLError as error:
        if len(text) > LONGEST_EXPLAINED:
            raise _not_yaml(error, text, shown) from error
    # libyaml is the faster one; PyYAML's own parser says better what is wrong.
    try:
        return _Builder(_events(text, yaml.SafeLoader, shown), shown).document(text)
    except yaml.YAMLError as error:
        raise _not_yaml(error, text, shown) from error


def _events(text: str, loader: Any, shown: str) -> Iterator[Any]:
    """Return the events of a parser, up to the allowed depth; syntax errors come first."""
    events: list[Any] = []
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise located(shown, _line(event), TOO_DEEP)
        events.append(event)
    return iter(events)


def _finite(number: float) -> float:
    if math.isinf(number):
        raise ValueError(number)
    return number


def _line(event: Any) -> int:
    line: int = event.start_mark.line
    return line + 1


def _not_yaml(error: yaml.YAMLError, text: str, shown: str) -> InputError:
    if isinstance(error, yaml.reader.ReaderError):
        character = yaml.reader.Reader.NON_PRINTABLE.search(text)
        if not character:
            return located(shown, None, f"is not YAML: {error.reason}.")
        line = text.count("\n", 0, character.start()) + 1
        message = (
            f"the control character U+{ord(character[0]):04X} is not allowed; write it as an escape"
        )
        return located(shown, line, f"{message} in double quotes, or remove it.")
    if "maximum nesting depth" in str(error):  # libyaml's own is 10,000
        return located(shown, None, TOO_DEEP)
    if not isinstance(error, yaml.MarkedYAMLError):
        return located(shown, None, f"is not YAML: {error}.")
    message = ", ".join(filter(None, [error.context, error.problem]))
    ends = any(part in message for part in ("end of stream", "stream end", "could not find"))
    message = next((mend for part, mend in MENDS.items() if part in message), message)
    mark = (error.context_mark if ends else None) or error.problem_mark
    if mark and error.context_mark and error.context_mark.line != mark.line:
        message += f" (it began in line {error.context_mark.line + 1})"
    return located(shown, mark.line + 1 if mark else None, f"is not YAML: {message}.")


class _Builder:
    """Build plain data from a parser's events, with the line of each value."""

    def __init__(self, events: Iterable[Any], shown: str) -> None:
        self._events = iter(events)
        self._shown = shown

    def document(self, text: str) -> tuple[Any, LineTree]:
        """Return the only document, and its lines."""
        next(self._events)  # the stream begins
        if isinstance(next(self._events), yaml.StreamEndEvent):
            raise located(self._shown, max(1, text.count("\n")), "is empty.")
        first = next(self._events)
        lines = LineTree(_line(first))
        data = self._value(first, lines)
        next(self._events)  # the document ends
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            message = f"is not YAML: {MENDS['another document']} (it began in line {lines.line})."
            raise self._refused(after, message)
        return data, lines

    def _refused(self, event: Any, message: str) -> InputError:
        return located(self._shown, _line(event), message)

    def _value(self, event: Any, lines: LineTree) -> Any:
        if isinstance(event, yaml.AliasEvent):
            message = f"the alias `*{event.anchor}` is not allowed; write the value out."
            raise self._refused(event, message)
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            raise self._refused(event, f"the tag `{tag}` is not allowed; write plain YAML.")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(lines)
        return self._list(lines)

    def _list(self, lines: LineTree) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            inner = lines.inner[f"[{len(items)}]"] = LineTree(_line(event))
            items.append(self._value(event, inner))
        return items

    def _mapping(self, lines: LineTree) -> dict[Any, Any]:
        mapping: dict[Any, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._value(event, LineTree(0))
            if not isinstance(key, (str, int)) or isinstance(key, bool):
                shown_key = (
                    f"`{event.value}`" if isinstance(event, yaml.ScalarEvent) else "that is here"
                )
                message = f"the key {shown_key} is not a string; put it in quotes."
                raise self._refused(event, message)
            if key in mapping:
                raise self._refused(event, f"the key `{key}` is given twice; remove one.")
            inner = lines.inner[f".{key}"] = LineTree(_line(event))
            mapping[key] = self._value(next(self._events), inner)
        return mapping

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        if not event.implicit[0]:  # it is in quotes, or a block
            return self._text(text, event)
        if text in PLAIN:
            return PLAIN[text]
        try:
            if INTEGER.fullmatch(text):
                return int(text)
            if FLOAT.fullmatch(text):
                return _finite(float(text))
        except ValueError as error:
            message = "the number is too long; put it in quotes."
            raise self._refused(event, message) from error
        return self._text(text, event)

    def _text(self, text: str, event: Any) -> str:
        if SURROGATE.search(text):
            message = "a lone surrogate is no character; write the character itself."
            raise self._refused(event, message)
        return text
