"""Where in a file each value of it begins."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TypeAlias


class LineTree:
    """The line where a value begins, and those of the values in it, by `.key` or `[index]`."""

    __slots__ = ("inner", "line")

    def __init__(self, line: int) -> None:
        """Keep the line; what is inside comes as it is read."""
        self.line = line
        self.inner: dict[str, LineTree] = {}


class LazyLines:
    """The lines of a file that are found when a message asks for one."""

    def __init__(self, find: Callable[[], LineTree]) -> None:
        """Keep what finds them."""
        self._find = find

    @cached_property
    def find(self) -> LineTree:
        """The line of the whole."""
        return self._find()


Lines: TypeAlias = LineTree | LazyLines


def line_of(lines: Lines, place: str) -> int:
    """The line of a place (`$.token.claims.iss`), or of the nearest place around it."""
    at = lines.find if isinstance(lines, LazyLines) else lines
    rest = place.removeprefix("$")
    while rest:
        steps = (s for s in at.inner if rest.startswith(s) and rest[len(s) :][:1] in "[.")
        step = max(steps, key=len, default="")
        if not step:
            break
        at, rest = at.inner[step], rest[len(step) :]
    return at.line
