"""Adds entries to the lists of an `mkdocs.yml`, and leaves every other character as it is. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import yaml

from tabproof.errors import InputError


class Entry(msgspec.Struct, frozen=True):
    """An entry of a list: a name, perhaps with options in YAML's flow style."""

    name: str
    options: str = ""

    def written(self) -> str:
        """The entry as an item of a block or flow list."""
        return f"{{{self.name}: {self.options}}}" if self.options else self.name


EXTENSIONS = (
    Entry("pymdownx.highlight"),
    Entry("pymdownx.superfences"),
    Entry("pymdownx.tabbed", "{alternate_style: true}"),
    Entry("tabproof"),
)
WATCHED = (Entry("samples"), Entry("templates"))


def with_tabproof(text: str, place: str) -> str:
    """An `mkdocs.yml` with what a page with a fence needs.

    Args:
        text: the file.
        place: how messages name it.

    Raises:
        InputError: it is no YAML, or a list in it is written as something else.
    """
    text = _with(text, "markdown_extensions", EXTENSIONS, place)
    return _with(text, "watch", WATCHED, place)


def pages_folder(text: str, place: str) -> str:
    """Where a site has its pages: its `docs_dir`, from the folder of its `mkdocs.yml`.

    Raises:
        InputError: it is no YAML.
    """
    value = _value(text, "docs_dir", place)
    is_text = isinstance(value, yaml.ScalarNode) and value.tag == "tag:yaml.org,2002:str"
    return value.value.rstrip("/") if value and is_text else "docs"


def theme(text: str, place: str) -> str:
    """The name of a site's theme, "" where the file names none.

    Raises:
        InputError: it is no YAML.
    """
    value = _value(text, "theme", place)
    if isinstance(value, yaml.MappingNode):
        value = next((node for name, node in value.value if name.value == "name"), None)
    return value.value if isinstance(value, yaml.ScalarNode) else ""


def lists_pages(text: str, place: str) -> bool:
    """Whether a site shows those pages alone in its menu that its `nav` lists.

    Raises:
        InputError: it is no YAML.
    """
    return _value(text, "nav", place) is not None


def _with(text: str, key: str, entries: Sequence[Entry], place: str) -> str:
    value = _value(text, key, place)
    if value is None:
        gap = "" if text.endswith("\n\n") or not text else "\n" if text.endswith("\n") else "\n\n"
        items = "".join(f"  - {entry.written()}\n" for entry in entries)
        return f"{text}{gap}{key}:\n{items}"
    if not isinstance(value, yaml.SequenceNode):
        names = ", ".join(entry.name for entry in entries)
        raise InputError(f"{place}: `{key}` is no list; write it as one, with {names} in it.")
    present = {_name(item) for item in value.value}
    missing = [entry.written() for entry in entries if entry.name not in present]
    if not missing:
        return text
    if value.flow_style:
        end = value.end_mark.index - 1
        joint = ", " if value.value else ""
        return f"{text[:end].rstrip()}{joint}{', '.join(missing)}{text[end:]}"
    lines = text.splitlines(keepends=True)
    after = value.end_mark.line if value.end_mark.column == 0 else value.end_mark.line + 1
    while not lines[after - 1].strip() or lines[after - 1].lstrip().startswith("#"):
        after -= 1
    if not lines[after - 1].endswith("\n"):
        lines[after - 1] += "\n"
    margin = " " * value.start_mark.column
    lines[after:after] = [f"{margin}- {item}\n" for item in missing]
    return "".join(lines)


def _value(text: str, key: str, place: str) -> yaml.Node | None:
    """The node of a key at the top; tags such as `!ENV` are not followed."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise InputError(f"{place}{line}: is no YAML that can be read; mend it.") from error
    if root is None:
        return None
    if not isinstance(root, yaml.MappingNode):
        raise InputError(f"{place}: is no mapping; write the configuration of a site.")
    return next((node for name, node in root.value if name.value == key), None)


def _name(item: yaml.Node) -> str:
    """The name of an entry, with options or without."""
    if isinstance(item, yaml.MappingNode) and item.value:
        item = item.value[0][0]
    return str(item.value) if isinstance(item, yaml.ScalarNode) else ""
