"""What is said of samples that a person changed since they were generated."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from tabproof.errors import TabproofError, refuse_conflict
from tabproof.samples.tree import FOLDER, Difference

NAMED = 5
"""How many files a message names."""
OVERWRITE = "`tabproof generate --overwrite`"


def refuse_hand_edits(differences: Iterable[Difference]) -> None:
    """Refuse samples that were edited by hand: `generate` would not overwrite them.

    Raises:
        InputError: one holds the marks of a merge conflict; with the line of the first.
        TabproofError: a person changed them.
    """
    edited = [difference for difference in differences if difference.edited]
    for each in edited:
        place = f"{FOLDER}/{each.path}"
        refuse_conflict(place, each.found, f"resolve it in templates/, and run {OVERWRITE}")
    if edited:
        raise TabproofError(f"{_edited(edited)}.")


def notes(differences: Collection[Difference]) -> list[str]:
    """Return what is said of samples that are run although they are not as they should be."""
    edited = [difference for difference in differences if difference.edited]
    stale = [difference for difference in differences if not difference.edited]
    return [
        *([f"{_edited(edited)}. These results are for the edit."] if edited else []),
        *(
            [f"{_names(stale)}: not what the templates make now; run `tabproof generate`."]
            if stale
            else []
        ),
    ]


def _edited(differences: list[Difference]) -> str:
    return (
        f"{_names(differences)}: edited by hand since it was generated; make the change in "
        f"templates/, or run {OVERWRITE} to lose it"
    )


def _names(differences: list[Difference]) -> str:
    names = [f"{FOLDER}/{difference.path}" for difference in differences]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
