"""Values are shown without the secret, a part of it, or the common ways to write it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator

import msgspec

TELLING_CHARACTERS = 8
"""So many characters in a row of a secret are a part of it (a shorter secret: all of them)."""

LONGEST_SHOWN = 80
PLAIN = re.compile(r"[A-Za-z_][\w-]*")


class Redaction(msgspec.Struct, frozen=True):
    """Knows the secret, so as not to show it.

    Attributes:
        secret: the text of the credential that signs.
        title: what people call it.
    """

    secret: str
    title: str

    def show(self, value: object) -> str:
        """A JSON value as messages show it: short, printable, and without the secret."""
        if any(self._betrays(text) for text in _texts(value)):
            return f"a value that holds the {self.title} or a part of it"
        text = repr(value) if isinstance(value, str) else json.dumps(value)
        if len(text) > LONGEST_SHOWN:
            return f"{text[:LONGEST_SHOWN]}... ({len(text)} characters)"
        return text

    def name(self, name: str) -> str:
        """A member's name as messages show it: as it is where it is a plain word."""
        shown = self.show(name)
        return name if shown == repr(name) and PLAIN.fullmatch(name) else shown

    def is_secret(self, value: object) -> bool:
        """Whether a value is the secret itself."""
        return isinstance(value, str) and bool(self.secret) and value == self.secret

    def _betrays(self, text: str) -> bool:
        low = text.casefold()
        return any(
            form[start : start + TELLING_CHARACTERS] in low
            for form in self._forms()
            for start in range(max(1, len(form) - TELLING_CHARACTERS + 1))
        )

    def _forms(self) -> Iterator[str]:
        """The secret as text, base64 and hex, for comparison without regard to case."""
        if self.secret:
            content = self.secret.encode(errors="surrogatepass")
            encoded = base64.b64encode(content).decode().rstrip("=")
            yield self.secret.casefold()
            yield encoded.casefold()
            yield encoded.translate(str.maketrans("+/", "-_")).casefold()
            yield content.hex()


def _texts(value: object) -> Iterator[str]:
    """All text in a JSON value, names included."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield str(name)
            yield from _texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from _texts(member)
    elif isinstance(value, str):
        yield value
    else:
        yield json.dumps(value)
