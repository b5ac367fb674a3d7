"""The spellings of a name, and the names that every file system can hold. Pure."""

from __future__ import annotations

import re

RESERVED_NAMES = frozenset(
    ["aux", "con", "nul", "prn"] + [f"{device}{n}" for device in ("com", "lpt") for n in range(10)]
)
"""Windows takes them for devices, in any case and with any extension."""

FILE_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.+-]*[A-Za-z0-9_+-])?")
LONGEST_FILE_NAME = 200


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


def is_reserved(name: str) -> bool:
    """Whether Windows keeps a file's name for a device: `aux.sh`, `Com1.cs`."""
    return name.partition(".")[0].lower() in RESERVED_NAMES


def is_file_name(name: str) -> bool:
    """Whether every file system can hold a file of this name, and no name of a folder is in it."""
    return FILE_NAME.fullmatch(name) is not None and len(name) <= LONGEST_FILE_NAME
