"""What a run of `generate` is about to write, so that the next one knows it for its own.

The manifest is written last. A run that is killed before leaves samples that no manifest knows;
without this note they would pass for a person's work.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from tabproof.files import TEMPORARY_PREFIX, remove, remove_empty, write_if_changed

FOLDER = ".tabproof"
NOTE = f"{FOLDER}/unfinished.json"

Digests = dict[str, frozenset[str]]
"""Path below `samples/` -> the SHA-256 of each text that runs without an end gave the file."""


def read(root: Path) -> Digests:
    """What runs that did not end have written; empty where the last one did.

    A note that cannot be read is none: it then takes a person to say what may be overwritten.
    """
    with suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return msgspec.json.decode((root / NOTE).read_bytes(), type=Digests)
    return {}


def begin(root: Path, digests: Mapping[str, str]) -> None:
    """Note what is about to be written, beside what is noted already.

    Args:
        root: the project's folder.
        digests: path below `samples/` -> the SHA-256 of what it will hold.

    Raises:
        MachineError: it cannot be noted.
    """
    noted = read(root)
    union = {path: sorted(noted.get(path, frozenset()) | {new}) for path, new in digests.items()}
    kept = {path: sorted(each) for path, each in noted.items() if path not in union}
    write_if_changed(root / NOTE, msgspec.json.encode(union | kept))


def end(root: Path, *, alone: bool) -> None:
    """Forget the note; where no other process can be writing, its left-overs as well.

    Raises:
        MachineError: it cannot be removed.
    """
    folder = root / FOLDER
    if folder.is_dir():
        remove(root / NOTE)
        if alone:
            for path in folder.glob(f"{TEMPORARY_PREFIX}*"):
                remove(path)
            remove_empty(folder, root)
