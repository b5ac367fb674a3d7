"""An example answer of an API, as a scenario states it."""

from __future__ import annotations

import msgspec

from tabproof.model.fields import HeaderValue, Token
from tabproof.model.file_format import FileFormat


class Response(FileFormat, frozen=True, kw_only=True):
    """An example answer of the API; a body that is no text is written as JSON.

    Attributes:
        headers: its headers.
        body: a text, or data that is sent as JSON.
    """

    headers: dict[Token, HeaderValue] = {}
    body: str | dict[str, object] | list[object] = ""

    @property
    def content(self) -> bytes:
        """The body's bytes, UTF-8."""
        if isinstance(self.body, str):
            return self.body.encode()
        return msgspec.json.encode(self.body)
