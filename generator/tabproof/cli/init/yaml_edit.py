"""Add entries to a list or mapping in the text of a YAML file, and keep every other byte."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from typing import Any, TypeAlias

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq
from ruamel.yaml.error import YAMLError as RuamelError

from tabproof.errors import InputError, located

Entries: TypeAlias = Mapping[str, Mapping[str, Any]]
"""Name of an entry -> its options."""

LIST_INDENT = 2
WIDEST_COLUMNS = 1_000_000
"""So wide that no line is folded."""


class _Loader(yaml.SafeLoader):
    """Read what MkDocs reads: `!ENV` is resolved, all other tags are kept as they are written."""


def _environment(loader: yaml.SafeLoader, node: yaml.Node) -> Any:
    """Return the value of `!ENV NAME`, or of `!ENV [NAME, ANOTHER, default]`."""
    names, default = node.value if isinstance(node, yaml.SequenceNode) else [node], None
    if len(names) > 1:
        *names, last = names
        default = loader.construct_object(last, deep=True)
    for name in names:
        if isinstance(name, yaml.ScalarNode) and name.value in os.environ:
            value = os.environ[name.value]
            tag = loader.resolve(yaml.ScalarNode, value, (True, False))  # type: ignore[no-untyped-call] # PyYAML has no type for it
            return loader.construct_object(yaml.ScalarNode(tag, value), deep=True)
    return default


def _tagged(loader: yaml.SafeLoader, _suffix: str, node: yaml.Node) -> tuple[str, Any]:
    """Return a tag that is not YAML's own, and its value."""
    if isinstance(node, yaml.MappingNode):
        return node.tag, loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return node.tag, loader.construct_sequence(node, deep=True)
    return node.tag, node.value


_Loader.add_constructor("!ENV", _environment)
_Loader.add_multi_constructor("", _tagged)


def load(text: str, place: str) -> dict[str, Any]:
    """Read the text of a site's configuration.

    Args:
        text: all of it.
        place: the file's name in messages.

    Raises:
        InputError: it is not YAML, or not a mapping.
    """
    try:
        data = yaml.load(text, Loader=_Loader)  # noqa: S506 - it derives from the safe one
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "it cannot be read"
        line = mark.line + 1 if mark else None
        raise located(place, line, f"is not YAML: {problem}.") from error
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise InputError(f"{place}: is not a mapping; write the configuration of a site.")
    return data


def names(value: Any) -> set[str]:
    """Return the names of a list's entries, with options or without, or of a mapping's."""
    if isinstance(value, dict):
        return {str(name) for name in value}
    items = value if isinstance(value, list) else []
    return {str(next(iter(item), "")) if isinstance(item, dict) else str(item) for item in items}


def extended(value: Any, entries: Entries, *, as_mapping: bool = False) -> Any:
    """Return a list or mapping with entries at its end.

    Args:
        value: the list or mapping; None for a new one.
        entries: what is added.
        as_mapping: whether a new one is a mapping.
    """
    if isinstance(value, dict) or (value is None and as_mapping):
        own = {name: dict(options) or None for name, options in entries.items()}
        return {**(value or {}), **own}
    return [*(value or []), *(_item(name, options) for name, options in entries.items())]


def _item(name: str, options: Mapping[str, Any]) -> Any:
    return {name: dict(options)} if options else name


def section(key: str, entries: Entries, *, as_mapping: bool = False) -> str:
    """Return the lines of a key with only these entries."""
    writer = _writer(LIST_INDENT)
    return _dumped(writer, {key: extended(None, entries, as_mapping=as_mapping)})


def with_entries(text: str, key: str, entries: Entries, *, as_mapping: bool = False) -> str | None:
    """Return the text with entries at the end of a key's list or mapping.

    Args:
        text: a YAML file that `load` reads.
        key: a key at the top level; it is added at the end if it is missing.
        entries: what is added.
        as_mapping: whether a new one is a mapping.

    Returns:
        The new text; None if other lines or values would change.
    """
    lines = text.splitlines(keepends=True)
    newline = "\r\n" if any(line.endswith("\r\n") for line in lines) else "\n"
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    nodes = next((pair for pair in pairs if pair[0].value == key), None)
    if nodes is None:
        start = end = len(lines)
        gap = [newline] if lines and lines[-1].strip() else []
        new = [*gap, *section(key, entries, as_mapping=as_mapping).splitlines()]
    else:
        start, end = _extent(lines, *nodes)
        written = _section_with(lines[start:end], key, entries, as_mapping=as_mapping)
        if written is None:
            return None
        unchanged_count, new = written
        start += unchanged_count
    if new and start and not lines[start - 1].endswith("\n"):
        lines[start - 1] += newline
    lines[start:end] = [f"{line.rstrip()}{newline}" for line in new]
    result = "".join(lines)
    return result if _adds_alone(text, result, key, entries, as_mapping=as_mapping) else None


def _extent(lines: list[str], key: yaml.Node, value: yaml.Node) -> tuple[int, int]:
    """Return the lines of a key and its value, without blank lines and comments at the end."""
    start, mark = key.start_mark.line, value.end_mark
    end = max(start + 1, mark.line + (mark.column > 0))
    while end > start + 1 and (not lines[end - 1].strip() or lines[end - 1].lstrip()[0] == "#"):
        end -= 1
    return start, end


def _section_with(
    lines: list[str], key: str, entries: Entries, *, as_mapping: bool
) -> tuple[int, list[str]] | None:
    """Return how many lines of a section stay, and the new ones; None if others would change."""
    text = "\n".join(line.rstrip("\r\n") for line in lines) + "\n"
    reader = _writer(LIST_INDENT)
    try:
        data = reader.load(text)
        value = data[key]
        is_block_list = isinstance(value, CommentedSeq) and value and not value.fa.flow_style()
        writer = _writer(value.lc.col if is_block_list else LIST_INDENT)
        before = _dumped(writer, data)
        if isinstance(value, list):
            value.extend(_item(name, options) for name, options in entries.items())
        elif isinstance(value, dict):
            value.update({name: dict(options) or None for name, options in entries.items()})
        elif value is None:
            data[key] = extended(None, entries, as_mapping=as_mapping)
        else:
            return None
        after = _dumped(writer, data)
    except (RuamelError, KeyError, TypeError):
        return None
    if after.startswith(before):
        return len(lines), after[len(before) :].splitlines()
    # A list in brackets may change if it is the only thing on one line.
    return (0, after.splitlines()) if before == text and len(lines) == 1 else None


def _adds_alone(text: str, result: str, key: str, entries: Entries, *, as_mapping: bool) -> bool:
    """Return whether the new text has the values of the old one, and the entries."""
    before = load(text, "")
    expected = {**before, key: extended(before.get(key), entries, as_mapping=as_mapping)}
    try:
        return load(result, "") == expected
    except InputError:
        return False


def _writer(offset: int) -> YAML:
    writer = YAML()
    writer.preserve_quotes = True
    writer.width = WIDEST_COLUMNS
    writer.indent(mapping=LIST_INDENT, sequence=offset + 2, offset=offset)
    return writer


def _dumped(writer: YAML, data: Any) -> str:
    stream = io.StringIO()
    writer.dump(data, stream)
    return stream.getvalue()
