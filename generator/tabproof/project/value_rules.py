"""Check the values of a scenario beyond the types of their fields. Pure.

Each function returns a message, or "" for a valid value.
"""

from __future__ import annotations

import re

from tabproof.model.fields import MediaType
from tabproof.project.validation import MismatchError, convert

LARGEST_PORT = 65_535
LARGEST_NUMBER = 2**53
"""Beyond it languages disagree on what a number in JSON is (RFC 8259, section 6)."""


def title_fault(text: str) -> str:
    """Check a title: comments and headings need one line of printable characters."""
    if text.strip() and text.isprintable():
        return ""
    return f"{text!r} is no title: write one line of printable characters."


def url_fault(text: str) -> str:
    """Check the port of a URL."""
    port = text.removeprefix("https://").partition("/")[0].partition(":")[2]
    if not port or 1 <= int(port) <= LARGEST_PORT:
        return ""
    return f"a port is a number from 1 to {LARGEST_PORT}; got {port}."


def member_name_fault(key: object) -> str:
    """Check a member's name: `__proto__` is special in JavaScript, and numbers are in PHP."""
    if key != "__proto__" and not re.fullmatch(r"-?\d+", str(key)):
        return ""
    return f"'{key}' is no name that every language can hold."


def number_fault(value: object) -> str:
    """Check that a number is the same in all languages."""
    if not isinstance(value, (int, float)) or abs(value) <= LARGEST_NUMBER:
        return ""
    return f"{value} is beyond 2**53, where languages round; put it in quotes."


def content_type_fault(text: str, field: str, *, sent: bool) -> str:
    """Check a media type and that there is a body of it, as client libraries do."""
    try:
        convert(text, MediaType)
    except MismatchError as misfit:
        return misfit.message.replace("the file", field, 1)
    return "" if sent else f"{field}: there is no body of that type; remove it, or write a `body`."
