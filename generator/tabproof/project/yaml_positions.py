"""Hold the lines at which the values in a file begin."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TypeAlias


class LineTree:
    """Hold the line of a value, and of the values in it by `.key` or `[index]`."""

    __slots__ = ("inner", "line")

    def __init__(self, line: int) -> None:
        """Keep the line; the reader adds what is inside."""
        self.line = line
        self.inner: dict[str, LineTree] = {}


class LazyLines:
    """Find the lines of a file when a message needs one."""

    def __init__(self, find: Callable[[], LineTree]) -> None:
        """Keep what finds them."""
        self._find = find

    @cached_property
    def find(self) -> LineTree:
        """Return the lines of the whole file."""
        return self._find()


Lines: TypeAlias = LineTree | LazyLines


def line_of(lines: Lines, place: str) -> int:
    """Return the line of a place (`$.token.claims.iss`), or of the nearest one around it."""
    at = lines.find if isinstance(lines, LazyLines) else lines
    rest = place.removeprefix("$")
    while rest:
        steps = (s for s in at.inner if rest.startswith(s) and rest[len(s) :][:1] in "[.")
        step = max(steps, key=len, default="")
        if not step:
            break
        at, rest = at.inner[step], rest[len(step) :]
    return at.line
