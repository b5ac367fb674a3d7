"""Format values for messages without the secret, a part of it, or a common encoding of it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator

import msgspec

TELLING_CHARACTERS = 8
"""So many consecutive characters of a secret reveal it (of a shorter secret: all of them)."""

LONGEST_SHOWN = 80
PLAIN = re.compile(r"[A-Za-z_][\w-]*")


class Redaction(msgspec.Struct, frozen=True):
    """Keep a secret out of messages.

    Attributes:
        secret: the text of the credential that signs.
        title: its name in messages, such as `API secret`.
    """

    secret: str
    title: str

    def show(self, value: object) -> str:
        """Format a JSON value for a message: short, printable, and without the secret."""
        if any(self._reveals(text) for text in _strings(value)):
            return f"a value that contains the {self.title} or a part of it"
        text = repr(value) if isinstance(value, str) else json.dumps(value)
        if len(text) > LONGEST_SHOWN:
            return f"{text[:LONGEST_SHOWN]}... ({len(text)} characters)"
        return text

    def name(self, name: str) -> str:
        """Format a member's name for a message: unquoted where it is a plain word."""
        shown = self.show(name)
        return name if shown == repr(name) and PLAIN.fullmatch(name) else shown

    def is_secret(self, value: object) -> bool:
        """Return whether a value is the secret itself."""
        return isinstance(value, str) and bool(self.secret) and value == self.secret

    def _reveals(self, text: str) -> bool:
        folded = text.casefold()
        return any(
            encoded[start : start + TELLING_CHARACTERS] in folded
            for encoded in self._encodings()
            for start in range(max(1, len(encoded) - TELLING_CHARACTERS + 1))
        )

    def _encodings(self) -> Iterator[str]:
        """Yield the secret as text, base64 and hex, for a comparison that ignores case."""
        if self.secret:
            content = self.secret.encode(errors="surrogatepass")
            encoded = base64.b64encode(content).decode().rstrip("=")
            yield self.secret.casefold()
            yield encoded.casefold()
            yield encoded.translate(str.maketrans("+/", "-_")).casefold()
            yield content.hex()


def _strings(value: object) -> Iterator[str]:
    """Yield all strings in a JSON value, names included."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield str(name)
            yield from _strings(member)
    elif isinstance(value, list):
        for member in value:
            yield from _strings(member)
    elif isinstance(value, str):
        yield value
    else:
        yield json.dumps(value)
