"""Say in which respects a project proves less than Tabproof can: its own cases, languages. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tabproof.errors import pluralize
from tabproof.model.catalog import Catalog

LISTED = 5
"""How many names a line has."""


def coverage_notes(catalog: Catalog) -> Iterator[str]:
    """Yield a line about cases that a project replaced, and one about languages it left out."""
    if catalog.lacking_cases:
        yield (
            f"own cases: templates/cases.yml has {pluralize(len(catalog.cases.cases), 'row')}; of "
            f"Tabproof's cases it lacks {listed(catalog.lacking_cases)}"
        )
    if catalog.unused_languages:
        titles = (language.data.title for language in catalog.unused_languages.values())
        yield f"left out by the settings: {listed(titles)}"


def listed(names: Iterable[str]) -> str:
    """Return the first names, and how many more there are."""
    all_names = list(names)
    rest = len(all_names) - LISTED
    more = f" and {rest} more" if rest > 0 else ""
    return ", ".join(all_names[:LISTED]) + more
