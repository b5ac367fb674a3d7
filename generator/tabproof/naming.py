"""The spellings of a name: snake_case, camelCase, PascalCase, kebab-case."""

from __future__ import annotations

import re


def spell(name: str, case: str) -> str:
    """A name in another spelling; its words are split at `_` and `-`.

    Raises:
        KeyError: the spelling is unknown.
    """
    return spellings(name)[case]


def spellings(name: str) -> dict[str, str]:
    """All spellings of a name, by their names."""
    words = [word for word in re.split(r"[_-]", name.lower()) if word]
    pascal = "".join(word.capitalize() for word in words)
    return {
        "snake": "_".join(words),
        "kebab": "-".join(words),
        "environment": "_".join(words).upper(),
        "pascal": pascal,
        "camel": pascal[:1].lower() + pascal[1:],
    }
