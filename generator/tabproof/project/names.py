"""Convert names between conventions, and validate names of scenarios and files. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from tabproof.errors import InputError, located
from tabproof.model.notation import Identifiers

RESERVED_NAMES = frozenset(
    ["aux", "con", "nul", "prn"] + [f"{device}{n}" for device in ("com", "lpt") for n in range(10)]
)
"""Windows takes them for devices, in any case and with any extension."""

DEVICE = "is a device on Windows"

FILE_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.+-]*[A-Za-z0-9_+-])?")
LONGEST_FILE_NAME = 200
RECENT_NAMES = 1024
"""How many spellings are remembered: the samples of a scenario have the same few names."""
LONGEST_NAME = 100
NAME_WORDS = f"lower-case words joined by hyphens, at most {LONGEST_NAME} characters"
"""What the names of scenarios and languages are: files and folders are called after them."""


def _pascal(words: list[str]) -> str:
    return "".join([word.capitalize() for word in words])


def _camel(words: list[str]) -> str:
    return "".join(words[:1]) + _pascal(words[1:])


SPELLINGS: dict[str, Callable[[list[str]], str]] = {
    "snake": "_".join,
    "kebab": "-".join,
    "environment": lambda words: "_".join(words).upper(),
    "pascal": _pascal,
    "camel": _camel,
}
"""How the words of a name are joined, by the name of the spelling."""


@lru_cache(RECENT_NAMES)
def convert_case(name: str, case: str) -> str:
    """Return a name in another convention; its words are split at `_` and `-`.

    Raises:
        KeyError: the spelling is unknown.
    """
    return SPELLINGS[case](_words(name))


def identifier(name: str, identifiers: Identifiers) -> str:
    """Return the name of a credential as a language spells it."""
    spelt = convert_case(name, identifiers.case)
    if not identifiers.initialisms or identifiers.case not in ("camel", "pascal"):
        return spelt
    words = re.findall(r"(?:^|[A-Z])[^A-Z]*", spelt)
    return "".join(
        word.upper() if number and word.lower() in identifiers.initialisms else word
        for number, word in enumerate(words)
    )


class Spellings(dict[str, str]):
    """Map the name of a convention to a name in that convention."""

    def __init__(self, name: str) -> None:
        """Keep the name's words."""
        self._words = _words(name)

    def __missing__(self, case: str) -> str:
        """Convert the name."""
        return self.setdefault(case, SPELLINGS[case](self._words))


def _words(name: str) -> list[str]:
    return [word for word in name.lower().replace("-", "_").split("_") if word]


def is_reserved(name: str) -> bool:
    """Return whether Windows reserves the name of a file for a device: `aux.sh`, `Com1.cs`."""
    return name.partition(".")[0].lower() in RESERVED_NAMES


def is_file_name(name: str) -> bool:
    """Return whether a name, without a folder, is valid on every file system."""
    return FILE_NAME.fullmatch(name) is not None and len(name) <= LONGEST_FILE_NAME


def is_name(name: str) -> bool:
    """Return whether a name is valid for a scenario or a language."""
    words = name.split("-")
    plain = all(word.isascii() and word.isalnum() and word == word.lower() for word in words)
    return plain and name[:1].isalpha() and len(name) <= LONGEST_NAME and not is_reserved(name)


def nearest_name(name: str) -> str:
    """Return the name that a scenario may have and that is nearest to this one: `List_Orders`."""
    return "-".join(re.findall(r"[a-z0-9]+", name.lower())) or name


def check_new_name(name: str, whose: str) -> None:
    """Refuse an invalid name for something new.

    Args:
        name: the name.
        whose: what it would be the name of.

    Raises:
        InputError: it is none.
    """
    if is_reserved(name):
        raise InputError(f"'{name}' {DEVICE}; choose another name.")
    if not is_name(name):
        raise InputError(f"'{name}' is no name of a {whose}; write {NAME_WORDS}.")


def check_name(name: str, place: str) -> None:
    """Refuse a file whose name is not valid for a scenario.

    Raises:
        InputError: with the file, as messages name it.
    """
    if is_reserved(name):
        raise located(place, None, f"'{name}' {DEVICE}; rename the file.")
    if not is_name(name):
        raise located(
            place,
            None,
            f"'{unicodedata.normalize('NFC', name)}' is no name that every file system can hold; "
            f"rename the file to {NAME_WORDS}.",
        )
