"""Write values as source code, by the rules of a language's `language.yml`. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TypeAlias

from tabproof.errors import InputError, ScenarioError
from tabproof.model.language import LanguageFile
from tabproof.model.notation import Layout, Notation, StringForm
from tabproof.model.scenario import Data, FromCredential, FromNow, Resolved
from tabproof.project import value_rules
from tabproof.project.names import identifier

LAST_OF_BASIC_PLANE = 0xFFFF

SMALL_KEY_BYTES = 40
MOST_UNEQUAL = 2.5
"""gofmt's `smallSize`, and its threshold for the ratio of neighbouring keys' sizes."""

Pair: TypeAlias = tuple[str, str]
"""A key and a value, both as source code."""


def literal(value: Resolved, notation: Notation) -> str:
    """Write a plain value as source code.

    Raises:
        InputError: the notation cannot write the value.
    """
    if isinstance(value, str):
        return _string(value, notation)
    if value is None:
        return notation.null
    if isinstance(value, bool):
        return notation.true if value else notation.false
    if isinstance(value, (int, float)):
        if fault := value_rules.number_fault(value):
            raise ScenarioError(fault, value=value)
        return notation.number.format(number=repr(value))
    str(value)  # an undefined name raises Jinja's own error here, which has the line
    raise InputError("a value that is known only at run time cannot be written here")


def key(name: str, notation: Notation) -> str:
    """Write a mapping's key as source code: bare where the notation allows it."""
    if notation.bare_key and re.fullmatch(notation.bare_key, name):
        return name
    return literal(name, notation)


def expression(value: Resolved, language: LanguageFile, notation: str = "default") -> str:
    """Write any value as source code: a literal, a credential's variable, or a time.

    Raises:
        InputError: the notation cannot write the value.
    """
    forms = language.notations[notation]
    if isinstance(value, FromCredential) and forms.credential is not None:
        name = value.credential.name
        return forms.credential.format(
            identifier=identifier(name, language.identifiers),
            environment=value.credential.variable,
        )
    if isinstance(value, FromNow) and value.seconds == 0 and forms.now is not None:
        return forms.now
    if isinstance(value, FromNow) and forms.seconds_from_now is not None:
        sign = "+" if value.seconds > 0 else "-"
        return forms.seconds_from_now.format(sign=sign, seconds=abs(value.seconds))
    return literal(value, forms)


def structure(
    value: Data,
    notation: str = "default",
    indent: int = 0,
    opening: str = "",
    *,
    language: LanguageFile,
) -> str:
    """Write a nested value as source code, one line for each member.

    Args:
        value: a value of a JSON body.
        notation: the notation of the values in it.
        indent: the indentation of the line that it starts on, in characters.
        opening: the text before the members of the outermost mapping, if it differs.
        language: the language.

    Raises:
        InputError: the notation cannot write a value in it.
    """
    layout = language.notations[notation].layout
    if value is None and layout.null is not None:
        return layout.null
    if not isinstance(value, (dict, list)):
        return expression(value, language, notation)
    inner = indent + layout.indent
    source = partial(structure, notation=notation, indent=inner, language=language)
    if isinstance(value, dict):
        brackets, empty = layout.mapping, layout.empty_mapping
        forms = language.notations[layout.keys or notation]
        pairs = [(key(name, forms), source(member)) for name, member in value.items()]
        members = _aligned(pairs, layout) if layout.aligned else _joined(pairs, layout)
    else:
        brackets, empty = layout.list, layout.empty_list
        members = [source(member) for member in value]
    if not members:
        return empty
    if layout.words is not None and isinstance(value, list) and _is_word_list(value):
        return layout.words.format(words=" ".join(map(str, value)))
    before, within = (f"\n{layout.indent_with * count}" for count in (indent, inner))
    first, last = (bracket.replace("\n", before) for bracket in brackets)
    first = opening or first
    members = [layout.member.format(member=member) for member in members]
    if layout.short_lists and isinstance(value, list) and not any(map(_is_nested, value)):
        return first.strip() + f"{layout.separator} ".join(members) + last.strip()
    body = f"{layout.separator}{within}".join(members) + layout.last
    return f"{first}{within}{body}{before}{last}"


def _joined(pairs: Iterable[Pair], layout: Layout) -> list[str]:
    return [layout.pair.format(key=key, value=value) for key, value in pairs]


def _aligned(pairs: Iterable[Pair], layout: Layout) -> list[str]:
    """Join pairs with their values aligned, within sections of similar neighbours."""
    sections: list[list[Pair]] = []
    for pair in pairs:
        if sections and _belongs_to(sections[-1], pair):
            sections[-1].append(pair)
        else:
            sections.append([pair])
    members = []
    for section in sections:
        width = max(len(key) for key, _value in section)
        padded = [(key, " " * (width - len(key)) + value) for key, value in section]
        members += _joined(padded, layout)
    return members


def _belongs_to(section: Sequence[Pair], pair: Pair) -> bool:
    """Return whether gofmt aligns a pair with those before it (`exprList` of Go's go/printer)."""
    if any("\n" in value for _key, value in (section[-1], pair)):
        return False
    *sizes, size = (len(key.encode()) for key, _value in (*section, pair))
    if max(sizes[-1], size) <= SMALL_KEY_BYTES:
        return True
    ratio = size / math.exp(math.fsum(map(math.log, sizes)) / len(sizes))
    return 1 / MOST_UNEQUAL < ratio < MOST_UNEQUAL


def _is_word_list(values: list[Data]) -> bool:
    return len(values) > 1 and all(
        isinstance(value, str) and re.fullmatch(r"\w+(-\w+)*", value) for value in values
    )


def _is_nested(value: Data) -> bool:
    return isinstance(value, (dict, list))


def _string(text: str, notation: Notation) -> str:
    best, fewest = "", math.inf
    printable = text.isprintable()
    for form in notation.strings:
        if printable and form.special.isdisjoint(text):
            opening, closing = form.quotes
            return f"{opening}{text}{closing}"
        source = _in_form(text, form)
        avoided = sum(map(text.count, form.avoid))
        if source and avoided < fewest:
            best, fewest = source, avoided
            if not fewest:
                break
    if not best:
        message = f"{text!r} cannot be written in this language: none of its string forms allows it"
        raise ScenarioError(message, value=text)
    return best


def _in_form(text: str, form: StringForm) -> str | None:
    opening, closing = form.quotes
    pieces = [_character(character, form) for character in text]
    if None in pieces:
        return None
    return "".join([opening, *filter(None, pieces), closing])


def _character(character: str, form: StringForm) -> str | None:
    if character in form.impossible:
        return None
    if character in form.escapes:
        return form.escapes[character]
    if character.isprintable():
        return character
    code = ord(character)
    if form.unprintable_byte:
        return "".join(form.unprintable_byte.format(byte=byte) for byte in character.encode())
    if code > LAST_OF_BASIC_PLANE and form.unprintable_astral:
        return form.unprintable_astral.format(code=code)
    return form.unprintable.format(code=code) if form.unprintable else None
