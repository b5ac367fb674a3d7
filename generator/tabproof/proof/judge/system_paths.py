"""Find paths of one operating system in a sample: elsewhere, the file is not there. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tabproof.model.result import Finding

PATH = re.compile(
    r"(?<![\w.:/-])/(?:bin|etc|home|Library|mnt|opt|private|proc|root|run|srv|sys|System|tmp|usr|var)/"
    r"[\w./-]*"
    r"|\b[A-Za-z]:\\{1,2}\w[\w\\.-]*"
)
"""Matches an absolute path as Unix or Windows has them."""


def find_system_paths(text: str) -> Iterator[Finding]:
    """Yield each path of one operating system, but for the interpreter in a first line `#!`.

    Args:
        text: the file that is run.
    """
    first, newline, rest = text.partition("\n")
    readable = f"{newline}{rest}" if first.startswith("#!") else text
    for path in dict.fromkeys(PATH.findall(readable)):
        line = text[: text.index(path)].count("\n") + 1
        yield Finding("request", (path,), "no path of one operating system", path, line)
