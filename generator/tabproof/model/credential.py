"""Hold a credential: what people set in a variable, or a part of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

import msgspec

HEX = "hex"
ANY = r"[\s\S]+"
FORMS = {"hex": ("(?:[0-9a-fA-F]{2})+", "hex"), "base64": (ANY, "base64")}
"""Encoding -> a pattern in the syntax that all languages of samples share, and its name."""

OUTSIDE_A_CLASS = {".": "[.]", "|": "[|]", "+": "[+]"}


class Credential(msgspec.Struct, frozen=True, omit_defaults=True):
    """Hold a credential with its name in the scenario.

    Attributes:
        environment: the variable; for a part, the variable of the whole.
        encoding: how the bytes of a key are written in the text.
        separator: what joins its two parts; for a part, what joins it to the other part.
        parts: the credentials before and after the separator.
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
        """Return its parts, or itself where it has none."""
        return self.parts or (self,)

    @property
    def variable(self) -> str:
        """Return the environment variable that has its text; for a part, the sample sets it."""
        return self.environment if self.place is None else self.name.upper()

    @property
    def pattern(self) -> str:
        """Return what its whole text must match, with a group for each part; "" for any text.

        The syntax is what ECMAScript, .NET, PCRE, Python and Ruby share. It has no slash.
        """
        if not self.parts:
            return FORMS[self.encoding][0] if self.encoding in FORMS else ""
        before, after = (FORMS.get(part.encoding, ("", ""))[0] for part in self.parts)
        separator = OUTSIDE_A_CLASS.get(self.separator, self.separator)
        return f"({before or f'[^{self.separator}]+'}){separator}({after or ANY})"

    @property
    def form(self) -> str:
        """Return what its text must be, for people: `id:secret, with secret in hex`."""
        if not self.parts:
            return FORMS.get(self.encoding, ("", "a text"))[1]
        whole = self.separator.join(part.name for part in self.parts)
        encoded = [
            f"{part.name} in {FORMS[part.encoding][1]}"
            for part in self.parts
            if part.encoding in FORMS
        ]
        return whole + (f", with {' and '.join(encoded)}" if encoded else "")

    @property
    def posix_pattern(self) -> str:
        """Return its pattern for POSIX, which has no group without a number and no class of all.

        (POSIX.1-2017, section 9.4)
        """
        return f"^{self.pattern.replace('(?:', '(').replace(ANY, '.+')}$"

    @property
    def demand(self) -> str:
        """Return what a sample says where the variable is not set."""
        return f"Set the environment variable {self.environment}."

    @property
    def complaint(self) -> str:
        """Return what a sample says where the text has another form."""
        return f"{self.environment} must be {self.form}."

    def text(self, values: Mapping[str, str]) -> str:
        """Return its text.

        Args:
            values: environment variable -> text.
        """
        whole = values[self.environment]
        if self.place is None:
            return whole
        before, _separator, after = whole.partition(self.separator)
        return (before, after)[self.place]

    def matches(self, text: str) -> bool:
        """Return whether the text of a variable has the form that the scenario states."""
        return not self.pattern or bool(re.fullmatch(self.pattern, text))

    def encode(self, value: Callable[[Credential], str], raw: Collection[str] = ()) -> str:
        """Return the text that a variable holds.

        Args:
            value: a credential -> its decoded value. The text has it in the credential's
                encoding, and without the separator where that would end the part.
            raw: the names of credentials whose values are used as they are.
        """
        return self.separator.join(
            value(leaf) if leaf.name in raw else _encode(leaf, value(leaf)) for leaf in self.leaves
        )


def _encode(leaf: Credential, text: str) -> str:
    if leaf.encoding == HEX:
        return text.encode().hex()
    return text.replace(leaf.separator, "") if leaf.separator and leaf.place == 0 else text
