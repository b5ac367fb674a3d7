"""Write blocks of code and text in the Markdown that all kinds of site share. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tabproof.errors import InputError

SHORTEST_FENCE = 3


def fence_marks(text: str) -> str:
    """Return the backticks for a text: more than any run of them inside (CommonMark, 4.5)."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    return "`" * max(SHORTEST_FENCE, longest + 1)


def block(info: str, text: str) -> Iterator[str]:
    """Yield a fenced block of code, for a text that ends in a newline."""
    fence = fence_marks(text)
    yield f"{fence}{info.rstrip()}"
    yield from text.removesuffix("\n").split("\n")
    yield fence


def quoted(name: str, value: str) -> str:
    """Return an option with its value between quotes that the value does not contain.

    Raises:
        InputError: it holds both kinds of quotes.
    """
    quote = next((q for q in "\"'" if q not in value), "")
    if not quote:
        raise InputError(f"the {name} {value!r} holds both kinds of quotes; leave one out.")
    return f"{name}={quote}{value}{quote}"


def option(name: str, value: str) -> str:
    """Return a quoted option for the info string, as Docusaurus and Expressive Code read it.

    Both read the line as CommonMark leaves it, that is without backslashes and entities.

    Raises:
        InputError: neither can hold a value with both kinds of quotes.
    """
    plain = value.replace("\\", "\\\\").replace("&", "&amp;").replace("`", "&#96;")
    return quoted(name, plain)


def escaped(text: str) -> str:
    """Escape text for Markdown and MDX: no markup, JSX, formula or directive is left in it."""
    return re.sub(r"[\\`*_{}\[\]<>~|&$:]", r"\\\g<0>", text)


def strip_blank_lines(lines: Iterable[str]) -> list[str]:
    """Return lines without the blank ones at both ends."""
    return "\n".join(lines).strip("\n").split("\n")
