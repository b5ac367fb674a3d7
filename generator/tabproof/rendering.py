"""The samples of a project: rendered, or as they are where they are settled."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import msgspec

from tabproof.manifest import Entry, entries
from tabproof.model.catalog import Catalog
from tabproof.model.sample import Sample, SampleKey
from tabproof.settled import Settled
from tabproof.tree import digest, read_sample


def rendered(known: Catalog) -> list[Sample]:
    """Every sample of a catalog."""
    if not known.scenarios:
        return []
    from tabproof.render import Renderer  # noqa: PLC0415 - 33 of 102 ms where all is settled

    return list(Renderer(known).all())


def samples_of(root: Path, known: Catalog, settled: Settled) -> list[Sample]:
    """Every sample of a catalog; where they are settled, as disk and manifest have them.

    Args:
        root: the project's folder.
        known: what its templates say.
        settled: which of its scenarios are settled.
    """
    parts = settled.parts(settled.current & known.scenarios.keys())
    lines = parts.settled if parts else {}
    current = {name: _on_disk(root, entries(lines[name]), known) for name in lines}
    others = {name: each for name, each in known.scenarios.items() if not current.get(name)}
    for sample in rendered(msgspec.structs.replace(known, scenarios=others)):
        current.setdefault(sample.key.scenario, []).append(sample)
    return [sample for name in known.scenarios for sample in current[name]]


def _on_disk(root: Path, found: list[Entry], known: Catalog) -> list[Sample]:
    """A scenario's samples, in the order of rendering; none where one was changed just now."""
    in_order = {each: n for n, each in enumerate(product(known.variants, known.languages))}
    samples = []
    for entry in sorted(found, key=lambda entry: in_order[entry.variant, entry.language]):
        content = read_sample(root, entry.path)
        if content is None or digest(content) != entry.sha256:
            return []
        key = SampleKey(entry.scenario, entry.variant, entry.language)
        samples.append(Sample(key, entry.path, content.decode(), entry.steps))
    return samples
