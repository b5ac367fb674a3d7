"""How a language writes values and names."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal

import msgspec

from tabproof.model.fields import FileFormat


class StringForm(FileFormat, frozen=True, kw_only=True, dict=True):
    """One way to write a string: its quotes, and what becomes of the characters between.

    A form serves a value when each of its characters can be written: by itself, by
    `escapes`, or, where it is not printable, by `unprintable` (a format with `code`, the code
    point), `unprintable_astral` (the same above U+FFFF) or `unprintable_byte` (a format with
    `byte`, for each byte of the character's UTF-8). A format `''` means that the character
    cannot be written. `avoid` holds characters for which another form reads better; where no
    form does without its own, the one that holds the fewest of them is taken.

    Attributes:
        quotes: what stands before the text and after it.
        escapes: character -> what is written for it.
        unprintable: a format with `code`, the code point of a character that is not printable.
        unprintable_astral: the same for characters above U+FFFF.
        unprintable_byte: a format with `byte`, for each byte of the character's UTF-8.
        avoid: characters for which another form reads better.
        impossible: characters that this form cannot hold.
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
        """The characters that a text cannot simply hold, or had better not."""
        return frozenset((*self.escapes, *self.avoid, *self.impossible))


class Layout(FileFormat, frozen=True, kw_only=True):
    """How lists and mappings are written: each member on a line of its own.

    Attributes:
        mapping: what stands before the members and after them.
        list: the same for a list.
        pair: a format with `key` and `value`.
        keys: the notation of the keys, where it is another than that of the values.
        member: a format with `member`, a pair or a value.
        separator: what follows each member but the last one.
        last: what follows the last member.
        null: how null is written there, where it is written in another way.
        words: a format with `words`: two words or more on one line, with blanks between them.
        empty_mapping: a mapping without members.
        empty_list: a list without members.
        short_lists: whether a list that holds neither lists nor mappings stands on one line.
        aligned: whether the values of neighbouring pairs that take one line each stand below each
            other, as gofmt writes them.
        indent: how many characters stand before a member.
        indent_with: the character that a line begins with.
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
    """How values are written in one place of a language: its code, or a query inside it.

    `credential` is a format with `identifier` and `environment`; `seconds_from_now` is one with
    `sign` and `seconds`. A notation without them holds only what is known before it runs.

    Attributes:
        strings: the ways to write a string, the preferred one first.
        true: how true is written.
        false: how false is written.
        null: how null is written.
        number: a format with `number`.
        bare_key: a pattern of keys that need no quotes.
        credential: a format with `identifier` and `environment`: a credential's text.
        now: the time at which the sample read the clock.
        seconds_from_now: a format with `sign` and `seconds`: another time.
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
    """How a credential's name is spelt, and which names the templates keep for themselves.

    Attributes:
        case: how the words of a name are joined.
        initialisms: words that are all capitals where they do not come first: `keyID`.
        reserved: names that the language or the templates keep for themselves.
    """

    case: Literal["snake", "camel", "pascal", "kebab", "environment"]
    initialisms: tuple[str, ...] = ()
    reserved: tuple[str, ...] = ()
