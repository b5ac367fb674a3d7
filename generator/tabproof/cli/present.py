"""The samples and cases as they are now, by their digests: what a record may speak of."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tabproof import tree
from tabproof.cases import cases_of
from tabproof.model.catalog import Catalog
from tabproof.model.sample import Sample, SampleKey


def sample_digests(root: Path, samples: Iterable[Sample]) -> dict[SampleKey, str]:
    """The SHA-256 of each sample on disk; those that are missing are left out."""
    contents = ((sample.key, tree.read_sample(root, sample.path)) for sample in samples)
    return {key: tree.digest(content) for key, content in contents if content is not None}


def case_digests(known: Catalog) -> dict[tuple[str, str], str]:
    """The digest of each case, by scenario and name."""
    return {
        (name, case.name): case.digest
        for name, scenario in known.scenarios.items()
        for case in cases_of(scenario, known.cases)
    }
