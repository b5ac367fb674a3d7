"""Parse what a person types; the ValueError of a parser says what is expected instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, get_args
from urllib.parse import parse_qsl

import click
import msgspec

from tabproof.errors import InputError, choose
from tabproof.model import fields
from tabproof.project.yaml_file import parse_yaml

T = TypeVar("T")

NONE = "-"
"""The answer that means none where a question has a default."""
MOST_DIGITS = 12


def parse_option(option: str, read: Callable[[str], T], text: str) -> T:
    """Return the value of an option.

    Raises:
        InputError: it cannot be parsed.
    """
    try:
        return read(text)
    except ValueError as error:
        raise InputError(f"{option}: write {error}; got {text!r}.") from error


def ask(question: str, default: str, read: Callable[[str], T]) -> T:
    """Ask a question and return the answer; after an invalid one, ask again."""

    def read_answer(text: str) -> T:
        try:
            return read(text)
        except ValueError as error:
            raise click.BadParameter(f"write {error}.") from error

    value: T = click.prompt(question, default=default or None, value_proc=read_answer, err=True)
    return value


def text_reader(kind: Any) -> Callable[[str], str]:
    """Return a parser of what a field of the scenario's file may hold."""
    (meta,) = (part for part in get_args(kind) if isinstance(part, msgspec.Meta))

    def read(text: str) -> str:
        try:
            return str(msgspec.convert(text, kind))
        except msgspec.ValidationError as error:
            raise ValueError(meta.description) from error

    return read


def choice_reader(*names: str) -> Callable[[str], str]:
    """Return a parser of one of several names, in upper or lower case."""

    def read(text: str) -> str:
        names_by_lower_case = {name.lower(): name for name in names}
        if text.lower() not in names_by_lower_case:
            raise ValueError(choose(names).removeprefix("choose "))
        return names_by_lower_case[text.lower()]

    return read


def integer_reader(low: int, high: int) -> Callable[[str], int]:
    """Return a parser of a whole number from `low` to `high`."""

    def read(text: str) -> int:
        plain = text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS
        if not plain or not low <= int(text) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(text)

    return read


def read_line(text: str) -> str:
    """Parse one line of printable characters."""
    if not text.strip() or not text.isprintable():
        raise ValueError("one line of printable characters")
    return text.strip()


def read_url(text: str) -> tuple[str, dict[str, str]]:
    """Parse a URL: return it without its query, and the decoded query."""
    url, _, query = text.partition("?")
    try:
        return text_reader(fields.Url)(url), dict(parse_qsl(query, keep_blank_values=True))
    except ValueError as error:
        raise ValueError("an https URL, with its query but without user and fragment") from error


def read_json(text: str) -> Any:
    """Parse a JSON object or list."""
    try:
        return msgspec.json.decode(text, type=dict[str, Any] | list[Any])
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError("a JSON object or list") from error


def read_body(text: str) -> dict[str, Any] | None:
    """Parse a JSON object; `-` means no body."""
    if text == NONE:
        return None
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(f"a JSON object, or {NONE} for none") from error


def read_member(text: str) -> tuple[str, Any]:
    """Parse NAME=VALUE, the value as in a scenario's file: `sub={credential: api_key}`."""
    name, equals_sign, value = text.partition("=")
    try:
        mapping, _lines = parse_yaml(f"value: {value}\n", dict[str, Any], "")
    except InputError:
        mapping = {}
    if not equals_sign or not name.strip() or len(mapping) != 1:
        raise ValueError("NAME=VALUE, the value as in a scenario's file")
    return name.strip(), mapping["value"]
