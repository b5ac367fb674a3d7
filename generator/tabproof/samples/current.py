"""The samples of a project: rendered, or as they are where they are settled."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache, partial
from itertools import product
from pathlib import Path

import msgspec

from tabproof.errors import InputError, ScenarioError, TemplateError
from tabproof.samples.manifest import Entry, decode_entries
from tabproof.model.catalog import Catalog, Fault
from tabproof.model.sample import Sample, SampleKey
from tabproof.project.scenarios import source_of
from tabproof.samples.settled import Settled
from tabproof.samples.tree import sha256_of, read_sample
from collections.abc import Collection, Iterable
from pathlib import Path
from tabproof.samples import tree
from tabproof.project.cases import cases_of
from tabproof.samples.manifest import Entry
from tabproof.model.catalog import Catalog
from tabproof.model.sample import Sample, SampleKey
from tabproof.samples.record import CurrentDigests


class Rendered(msgspec.Struct, frozen=True):
    """The samples of a catalog, and why some are missing.

    Attributes:
        faults: those of the catalog's scenarios, and those of single samples.
    """

    samples: list[Sample]
    faults: tuple[Fault, ...] = ()


def render_all(root: Path, known: Catalog, settled: Collection[str] = ()) -> Rendered:
    """Render every sample of a catalog that can be rendered.

    Args:
        root: the project's folder.
        known: what its templates say.
        settled: the names of scenarios that were left out of it, since nothing is wrong with them.
    """
    if not known.scenarios:
        return Rendered([], known.faults)
    from tabproof.render.renderer import Renderer  # noqa: PLC0415 - 33 of 102 ms where all is settled

    samples, errors = [], {}
    for key, result in Renderer(known).attempts():
        if isinstance(result, Sample):
            samples.append(result)
        else:
            errors[key] = result
    faults = _faults(root, errors, len(known.scenarios) + len(settled))
    return Rendered(samples, (*known.faults, *faults))


def _faults(root: Path, errors: Mapping[SampleKey, InputError], count: int) -> list[Fault]:
    """Return a fault for each sample; what all scenarios have in common is told once.

    Args:
        root: the project's folder.
        errors: why samples cannot be rendered.
        count: how many scenarios there are.
    """
    sharing: dict[str, dict[str, None]] = {}
    for key, error in errors.items():
        sharing.setdefault(str(error), {})[key.scenario] = None
    source = lru_cache(maxsize=1)(partial(source_of, root))  # samples come scenario by scenario

    def described(key: SampleKey, error: InputError) -> InputError:
        names = [*sharing[str(error)]]
        if len(names) == count > 1:
            return error
        if isinstance(error, TemplateError):
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            return error.with_scenarios(f"{names[0]}{more}")
        return source(key.scenario).located(error) if isinstance(error, ScenarioError) else error

    return [Fault(key.scenario, described(key, error), key) for key, error in errors.items()]


def current_samples(root: Path, known: Catalog, settled: Settled) -> Rendered:
    """Every sample of a catalog; where they are settled, as disk and manifest have them.

    Args:
        root: the project's folder.
        known: what its templates say.
        settled: which of its scenarios are settled.
    """
    parts = settled.parts(settled.current & known.scenarios.keys())
    lines = parts.settled if parts else {}
    current = {name: _on_disk(root, decode_entries(lines[name]), known) for name in lines}
    done = {name for name, samples in current.items() if samples}
    others = {name: each for name, each in known.scenarios.items() if name not in done}
    new = render_all(root, msgspec.structs.replace(known, scenarios=others), done)
    for sample in new.samples:
        current.setdefault(sample.key.scenario, []).append(sample)
    samples = [sample for name in known.scenarios for sample in current.get(name, ())]
    return Rendered(samples, new.faults)


def _on_disk(root: Path, found: list[Entry], known: Catalog) -> list[Sample]:
    """A scenario's samples, in the order of rendering; none where one was changed just now."""
    in_order = {each: n for n, each in enumerate(product(known.variants, known.languages))}
    samples = []
    for entry in sorted(found, key=lambda entry: in_order[entry.variant, entry.language]):
        content = read_sample(root, entry.path)
        if content is None or sha256_of(content) != entry.sha256:
            return []
        key = SampleKey(entry.scenario, entry.variant, entry.language)
        samples.append(Sample(key, entry.path, content.decode(), entry.steps))
    return samples


def current_digests(
    root: Path, catalog: Catalog, samples: Iterable[Sample], listed: Collection[Entry]
) -> CurrentDigests:
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
            digests[key] = tree.sha256_of(content)
        elif key in made:
            digests[key] = made[key].digest
    cases = {
        (name, case.name): case.digest
        for name, scenario in catalog.scenarios.items()
        for case in cases_of(scenario, catalog.cases)
    }
    unread = {key.scenario for key in digests} - catalog.scenarios.keys()
    return CurrentDigests(digests, cases, frozenset(unread))
