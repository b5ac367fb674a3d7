"""Put together what the templates of a sample have written. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

SECTION = re.compile(r"[ \t]*\0(\w+)\0\n?")
"""What the filter `section` writes: where a section begins."""

NOTHING = "\0-\0"
"""What stands in place of nothing; where it stands alone, its line goes with it."""

PLACES = {name: f"\0+{name}\0" for name in ("imports", "helpers")}
"""What stands where a text belongs that is known only when all templates have been rendered."""

_NOTHING_LINE = re.compile(rf"(?m)^[ \t]*(?:{NOTHING}[ \t]*)+\n|{NOTHING}")
_PLACE_LINE = re.compile(r"(?m)^([ \t]*)\0\+(\w+)\0\n(\n?)")


def section_start(name: str) -> str:
    """Return what stands where a section begins."""
    return f"\0{name}\0"


def assemble(marked: str, texts: Mapping[str, str]) -> str:
    """Return what the templates wrote with what belongs elsewhere in its place.

    Args:
        marked: what the templates wrote.
        texts: what belongs at each of `PLACES`; its lines are indented as that place is. Where it
            is empty, the blank line after that place goes as well.
    """
    return _PLACE_LINE.sub(
        lambda place: _indented(texts[place[2]], place[1]) + place[3] if texts[place[2]] else "",
        _NOTHING_LINE.sub("", marked),
    )


def _indented(text: str, indentation: str) -> str:
    lines = (f"{indentation}{line}" if line else "" for line in text.splitlines())
    return "".join(f"{line}\n" for line in lines)
