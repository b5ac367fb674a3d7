"""Say in which respects a project proves less than Tabproof can: its own cases, languages. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from tabproof.errors import listed, pluralize
from tabproof.model.catalog import Catalog


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
