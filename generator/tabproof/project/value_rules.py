"""What a scenario's values may be, beyond what the types of their fields say. Pure.

Each function says in words what is wrong, and nothing where a value is right.
"""

from __future__ import annotations

import re

from tabproof.model.fields import MediaType
from tabproof.project.validation import MismatchError, convert

LARGEST_PORT = 65_535
LARGEST_NUMBER = 2**53
"""Beyond it languages disagree on what a number in JSON is (RFC 8259, section 6)."""


def title_fault(text: str) -> str:
    """A title stands in comments and headings: one line of printable characters."""
    if text.strip() and text.isprintable():
        return ""
    return f"{text!r} is no title: write one line of printable characters."


def url_fault(text: str) -> str:
    """Its port is one."""
    port = text.removeprefix("https://").partition("/")[0].partition(":")[2]
    if not port or 1 <= int(port) <= LARGEST_PORT:
        return ""
    return f"a port is a number from 1 to {LARGEST_PORT}; got {port}."


def member_name_fault(key: object) -> str:
    """A member's name: JavaScript takes one for the prototype, PHP others for a list's index."""
    if key != "__proto__" and not re.fullmatch(r"-?\d+", str(key)):
        return ""
    return f"'{key}' is no name that every language can hold."


def number_fault(value: object) -> str:
    """A number is the same in all languages."""
    if not isinstance(value, (int, float)) or abs(value) <= LARGEST_NUMBER:
        return ""
    return f"{value} is beyond 2**53, where languages round; put it in quotes."


def content_type_fault(text: str, field: str, *, sent: bool) -> str:
    """A media type, and a body that is of it: libraries look at both before they send it."""
    try:
        convert(text, MediaType)
    except MismatchError as misfit:
        return misfit.message.replace("the file", field, 1)
    return "" if sent else f"{field}: there is no body of that type; remove it, or write a `body`."
