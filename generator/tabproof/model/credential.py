"""A credential: what people set in a variable, or a part of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

import msgspec

HEX = "hex"
ANY = r"[\s\S]+"
FORMS = {"hex": ("(?:[0-9a-fA-F]{2})+", "hex"), "base64": (ANY, "base64")}
"""Encoding -> a pattern that every regular expression of the samples' languages can read, words."""

OUTSIDE_A_CLASS = {".": "[.]", "|": "[|]", "+": "[+]"}


class Credential(msgspec.Struct, frozen=True, omit_defaults=True):
    """A credential under its name in the scenario.

    Attributes:
        environment: the variable; that of the whole for a part.
        encoding: how the bytes of a key are written in it.
        separator: what its two parts are joined by, or what it is joined by to the other part.
        parts: what is before the separator and after it.
        place: for a part, 0 before the separator and 1 after it.
    """

    name: str
    environment: str
    title: str
    encoding: str = "utf-8"
    separator: str = ""
    parts: tuple[Credential, ...] = ()
    place: int | None = None

    @property
    def leaves(self) -> tuple[Credential, ...]:
        """What can be used by itself: its parts, or itself."""
        return self.parts or (self,)

    @property
    def variable(self) -> str:
        """The environment variable that has its text: for a part, one that the sample sets."""
        return self.environment if self.place is None else self.name.upper()

    @property
    def pattern(self) -> str:
        """What its text must match as a whole, a group for each part; "" where any text will do.

        In the syntax that ECMAScript, .NET, PCRE, Python and Ruby share; no slash is in it.
        """
        if not self.parts:
            return FORMS[self.encoding][0] if self.encoding in FORMS else ""
        before, after = (FORMS.get(part.encoding, ("", ""))[0] for part in self.parts)
        mark = OUTSIDE_A_CLASS.get(self.separator, self.separator)
        return f"({before or f'[^{self.separator}]+'}){mark}({after or ANY})"

    @property
    def form(self) -> str:
        """What its text must be, in words: `id:secret, with secret in hex`."""
        if not self.parts:
            return FORMS.get(self.encoding, ("", "a text"))[1]
        whole = self.separator.join(part.name for part in self.parts)
        encoded = [
            f"{part.name} in {FORMS[part.encoding][1]}"
            for part in self.parts
            if part.encoding in FORMS
        ]
        return whole + (f", with {' and '.join(encoded)}" if encoded else "")

    def text(self, values: Mapping[str, str]) -> str:
        """Its text.

        Args:
            values: environment variable -> text.
        """
        whole = values[self.environment]
        if self.place is None:
            return whole
        before, _separator, after = whole.partition(self.separator)
        return (before, after)[self.place]

    def matches(self, text: str) -> bool:
        """Whether a variable's text has the form that the scenario says it has."""
        return not self.pattern or bool(re.fullmatch(self.pattern, text))

    def encode(self, of: Callable[[Credential], str], raw: Collection[str] = ()) -> str:
        """The text that a variable holds.

        Args:
            of: what a credential stands for. It is written in the credential's encoding, and
                without the separator where that ends the part.
            raw: names of credentials whose texts are taken as they are.
        """
        return self.separator.join(
            of(leaf) if leaf.name in raw else _written(leaf, of(leaf)) for leaf in self.leaves
        )


def _written(leaf: Credential, text: str) -> str:
    if leaf.encoding == HEX:
        return text.encode().hex()
    return text.replace(leaf.separator, "") if leaf.separator and leaf.place == 0 else text
