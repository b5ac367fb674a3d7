"""The samples and cases as they are now: what a record may hold results of."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from tabproof.samples import tree
from tabproof.project.cases import cases_of
from tabproof.samples.manifest import Entry
from tabproof.model.catalog import Catalog
from tabproof.model.sample import Sample, SampleKey
from tabproof.samples.record import Current


def current_digests(
    root: Path, catalog: Catalog, samples: Iterable[Sample], listed: Collection[Entry]
) -> Current:
    """Return the samples and cases as they are now.

    Args:
        root: the project's folder.
        catalog: what the templates say.
        samples: those that the templates make; one that is not on disk counts as it would be
            generated.
        listed: the manifest. Samples that nothing makes at this moment, because their scenario is
            at fault or their language left out, count while they are on disk.

    Raises:
        MachineError: a sample cannot be read.
    """
    made = {sample.key: sample for sample in samples}
    paths = {
        SampleKey(entry.scenario, entry.variant, entry.language): entry.path for entry in listed
    }
    paths |= {key: sample.path for key, sample in made.items()}
    digests = {}
    for key, path in paths.items():
        content = tree.read_sample(root, path)
        if content is not None:
            digests[key] = tree.digest(content)
        elif key in made:
            digests[key] = made[key].digest
    cases = {
        (name, case.name): case.digest
        for name, scenario in catalog.scenarios.items()
        for case in cases_of(scenario, catalog.cases)
    }
    unread = {key.scenario for key in digests} - catalog.scenarios.keys()
    return Current(digests, cases, frozenset(unread))
