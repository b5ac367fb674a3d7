"""Read YAML files into typed data, with the line of each error."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from tabproof.errors import located
from tabproof.project.template_files import read_text
from tabproof.project.validation import MismatchError, convert
from tabproof.project.yaml_positions import LazyLines, Lines, LineTree, line_of
from tabproof.system.kept import Kept

T = TypeVar("T")


def read_yaml(path: Path, shape: type[T], shown: str, kept: Kept | None = None) -> tuple[T, Lines]:
    """Read a YAML file into a type.

    Args:
        path: the file.
        shape: a msgspec type.
        shown: how messages name the file.
        kept: the data of texts that were parsed before.

    Returns:
        The data, and the line of each place in it.

    Raises:
        InputError: the file cannot be read, is not YAML, or is not of that shape.
    """
    return parse_yaml(read_text(path, shown), shape, shown, kept)


def parse_yaml(text: str, shape: type[T], shown: str, kept: Kept | None = None) -> tuple[T, Lines]:
    """Parse the text of a YAML file into a type; see `read_yaml`."""
    data, lines = _data(text, shown, kept)
    try:
        return convert(data, shape), lines
    except MismatchError as misfit:
        raise located(shown, line_of(lines, misfit.place), misfit.message) from misfit


def parse_plain_yaml(text: str, shown: str) -> tuple[Any, Lines]:
    """Parse the text of a YAML file into dicts, lists and scalars; see `read_yaml`."""
    return _parsed(text, shown)


def _data(text: str, shown: str, kept: Kept | None) -> tuple[Any, Lines]:
    if kept is None:
        return _parsed(text, shown)
    key = hashlib.sha256(_parser() + text.encode()).hexdigest()
    cached = kept.get(key)
    if cached is not None:
        return msgspec.msgpack.decode(cached), LazyLines(lambda: _parsed(text, shown)[1])
    data, lines = _parsed(text, shown)
    with suppress(OverflowError):  # an integer of more than 64 bits
        kept.put(key, msgspec.msgpack.encode(data))
    return data, lines


def _parsed(text: str, shown: str) -> tuple[Any, LineTree]:
    from tabproof.project import yaml_text  # noqa: PLC0415 - 11 of 102 ms where all files are known

    return yaml_text.parse(text, shown)


@cache
def _parser() -> bytes:
    """Return what identifies the parser: data from another version is not used."""
    return Path(__file__).with_name("yaml_text.py").read_bytes()
