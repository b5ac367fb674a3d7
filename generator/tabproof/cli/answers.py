"""What a person types becomes a value; a reader's ValueError says what is expected instead."""

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
"""What stands for nothing where a question has a default."""
MOST_DIGITS = 12


def parse_option(option: str, read: Callable[[str], T], text: str) -> T:
    """What an option says.

    Raises:
        InputError: it cannot be read.
    """
    try:
        return read(text)
    except ValueError as error:
        raise InputError(f"{option}: write {error}; got {text!r}.") from error


def ask(words: str, default: str, read: Callable[[str], T]) -> T:
    """What a person answers; a wrong answer is asked for again."""

    def read_answer(text: str) -> T:
        try:
            return read(text)
        except ValueError as error:
            raise click.BadParameter(f"write {error}.") from error

    value: T = click.prompt(words, default=default or None, value_proc=read_answer, err=True)
    return value


def text_reader(kind: Any) -> Callable[[str], str]:
    """Reads what a field of the scenario's file may hold."""
    (meta,) = (part for part in get_args(kind) if isinstance(part, msgspec.Meta))

    def read(text: str) -> str:
        try:
            return str(msgspec.convert(text, kind))
        except msgspec.ValidationError as error:
            raise ValueError(meta.description) from error

    return read


def choice_reader(*names: str) -> Callable[[str], str]:
    """Reads one of some words, in any case."""

    def read(text: str) -> str:
        known = {name.lower(): name for name in names}
        if text.lower() not in known:
            raise ValueError(choose(names).removeprefix("choose "))
        return known[text.lower()]

    return read


def integer_reader(low: int, high: int) -> Callable[[str], int]:
    """Reads a whole number between bounds, which count."""

    def read(text: str) -> int:
        plain = text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS
        if not plain or not low <= int(text) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(text)

    return read


def read_line(text: str) -> str:
    """Reads one line of words."""
    if not text.strip() or not text.isprintable():
        raise ValueError("one line of printable characters")
    return text.strip()


def read_url(text: str) -> tuple[str, dict[str, str]]:
    """Reads a URL and its query, which is decoded."""
    place, _, query = text.partition("?")
    try:
        return text_reader(fields.Url)(place), dict(parse_qsl(query, keep_blank_values=True))
    except ValueError as error:
        raise ValueError("an https URL, with its query but without user and fragment") from error


def read_json(text: str) -> Any:
    """Reads a JSON object or list."""
    try:
        return msgspec.json.decode(text, type=dict[str, Any] | list[Any])
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError("a JSON object or list") from error


def read_body(text: str) -> dict[str, Any] | None:
    """Reads a JSON object; `-` is no body."""
    if text == NONE:
        return None
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(f"a JSON object, or {NONE} for none") from error


def read_member(text: str) -> tuple[str, Any]:
    """Reads NAME=VALUE, the value as in a scenario's file: `sub={credential: api_key}`."""
    name, mark, value = text.partition("=")
    try:
        held, _lines = parse_yaml(f"value: {value}\n", dict[str, Any], "")
    except InputError:
        held = {}
    if not mark or not name.strip() or len(held) != 1:
        raise ValueError("NAME=VALUE, the value as in a scenario's file")
    return name.strip(), held["value"]
