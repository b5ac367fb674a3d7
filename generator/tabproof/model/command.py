"""Commands as language files have them, and how versions are found."""

from __future__ import annotations

from typing import Annotated

import msgspec

from tabproof.model.scenario import Shape

Command = Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
"""A program and its arguments; `{placeholders}` are filled in, no shell is involved."""


class Probe(Shape, frozen=True, kw_only=True):
    """How a version is found: what a command prints, or what a file holds, by a pattern."""

    run: Command | None = None
    file: str | None = None
    pattern: str = r"(\d+(?:\.\d+)+)"
