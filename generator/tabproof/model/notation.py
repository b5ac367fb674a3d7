"""Define how a language writes values and names."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal

import msgspec

from tabproof.model.fields import FileFormat


class StringForm(FileFormat, frozen=True, kw_only=True, dict=True):
    """Describes one way to write a string: its quotes and its escapes.

    A form can write a value if it can write each of its characters: as it is, by `escapes`, or,
    for a character that is not printable, by one of the three formats `unprintable...`. An empty
    format means that such a character cannot be written. The first form without characters of
    `avoid` is used; where there is none, the form with the fewest of them.

    Attributes:
        quotes: the texts before and after the string.
        escapes: character -> its escape.
        unprintable: a format of the escape for a character that is not printable; `{code}` is its
            code point.
        unprintable_astral: the same for characters above U+FFFF.
        unprintable_byte: a format of the escape for each byte of the character in UTF-8; `{byte}`
            is the byte.
        avoid: characters that another form shows more readably.
        impossible: characters that this form cannot write.
    """

    quotes: tuple[str, str]
    escapes: dict[str, str] = {}
    unprintable: str = ""
    unprintable_astral: str = ""
    unprintable_byte: str = ""
    avoid: str = ""
    impossible: str = ""

    @cached_property
    def special(self) -> frozenset[str]:
        """Return the characters that are escaped, avoided or impossible."""
        return frozenset((*self.escapes, *self.avoid, *self.impossible))


class Layout(FileFormat, frozen=True, kw_only=True):
    """Describes how lists and mappings are written, with each member on its own line.

    Attributes:
        mapping: the texts before and after the members of a mapping.
        list: the texts before and after the members of a list.
        pair: a format of a pair, with `{key}` and `{value}`.
        keys: the notation of keys, if it differs from that of values.
        member: a format of each member, with `{member}`: a pair or a value.
        separator: the text after each member but the last one.
        last: the text after the last member.
        null: how null is written in lists and mappings, if it differs.
        words: a format for lists of words on one line, such as `%w[]` in Ruby, with `{words}`.
        empty_mapping: an empty mapping.
        empty_list: an empty list.
        short_lists: whether lists without lists and mappings in them are written on one line.
        aligned: whether the values of neighbouring pairs on single lines are aligned, as gofmt
            does it.
        indent: the number of characters that indent a member.
        indent_with: the character that indents lines.
    """

    mapping: tuple[str, str] = ("{", "}")
    list: tuple[str, str] = ("[", "]")
    pair: str = "{key}: {value}"
    keys: str | None = None
    member: str = "{member}"
    separator: str = ","
    last: str = ""
    null: str | None = None
    words: str | None = None
    empty_mapping: str = "{}"
    empty_list: str = "[]"
    short_lists: bool = True
    aligned: bool = False
    indent: Annotated[int, msgspec.Meta(ge=0)] = 2
    indent_with: Literal[" ", "\t"] = " "


class Notation(FileFormat, frozen=True, kw_only=True):
    """Describes how values are written in one place: the code itself, or a query inside it.

    A notation without `credential`, `now` and `seconds_from_now` can only write constants.

    Attributes:
        strings: the ways to write a string, the preferred one first.
        true: how true is written.
        false: how false is written.
        null: how null is written.
        number: a format of numbers, with `{number}`.
        bare_key: a pattern of keys that are written without quotes.
        credential: a format of a credential's text, with `{identifier}` and `{environment}`.
        now: the variable with the time at which the sample read the clock.
        seconds_from_now: a format of another time, with `{sign}` and `{seconds}`.
        layout: how lists and mappings are written.
    """

    strings: Annotated[tuple[StringForm, ...], msgspec.Meta(min_length=1)]
    true: str = "true"
    false: str = "false"
    null: str = "null"
    number: str = "{number}"
    bare_key: str | None = None
    credential: str | None = None
    now: str | None = None
    seconds_from_now: str | None = None
    layout: Layout = Layout()


class Identifiers(FileFormat, frozen=True, kw_only=True):
    """Describes how names of credentials are spelt, and which names are reserved.

    Attributes:
        case: the naming convention.
        initialisms: words in capitals, unless they come first: `id` makes `keyID`.
        reserved: names that the language or its templates use.
    """

    case: Literal["snake", "camel", "pascal", "kebab", "environment"]
    initialisms: tuple[str, ...] = ()
    reserved: tuple[str, ...] = ()
