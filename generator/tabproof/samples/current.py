"""Render the samples of a project, or read them from disk where they are up to date."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache, partial
from itertools import product
from pathlib import Path

import msgspec

from tabproof.errors import InputError, ScenarioError, TemplateError
from tabproof.model.catalog import Catalog, Fault
from tabproof.model.sample import Sample, SampleKey
from tabproof.project.cases import case_finder
from tabproof.project.scenarios import source_of
from tabproof.samples import tree
from tabproof.samples.manifest import Entry, decode_entries
from tabproof.samples.record import Current
from tabproof.samples.settled import Settled
from tabproof.samples.tree import read_sample, sha256_of


class Rendered(msgspec.Struct, frozen=True):
    """Hold the samples of a catalog, and why some are missing.

    Attributes:
        faults: those of the catalog's scenarios, and those of single samples.
    """

    samples: list[Sample]
    faults: tuple[Fault, ...] = ()


def render_all(root: Path, catalog: Catalog, settled: Collection[str] = ()) -> Rendered:
    """Render every sample of a catalog that can be rendered.

    Args:
        root: the project's folder.
        catalog: its languages, cases and scenarios.
        settled: the scenarios that were left out of it because their samples are up to date.
    """
    if not catalog.scenarios:
        return Rendered([], catalog.faults)
    from tabproof.render.renderer import Renderer  # noqa: PLC0415 - 33 of 102 ms where all is settled

    samples, errors = [], {}
    for key, result in Renderer(catalog).attempts():
        if isinstance(result, Sample):
            samples.append(result)
        else:
            errors[key] = result
    faults = _faults(root, errors, len(catalog.scenarios) + len(settled))
    return Rendered(samples, (*catalog.faults, *faults))


def _faults(root: Path, errors: Mapping[SampleKey, InputError], count: int) -> list[Fault]:
    """Return a fault for each sample; an error that all scenarios share does not name one.

    Args:
        root: the project's folder.
        errors: why samples cannot be rendered.
        count: the number of scenarios.
    """
    scenarios_by_message: dict[str, dict[str, None]] = {}
    for key, error in errors.items():
        scenarios_by_message.setdefault(str(error), {})[key.scenario] = None
    source = lru_cache(maxsize=1)(partial(source_of, root))  # samples come scenario by scenario

    def located(key: SampleKey, error: InputError) -> InputError:
        names = [*scenarios_by_message[str(error)]]
        if len(names) == count > 1:
            return error
        if isinstance(error, TemplateError):
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            return error.with_scenarios(f"{names[0]}{more}")
        return source(key.scenario).located(error) if isinstance(error, ScenarioError) else error

    return [Fault(key.scenario, located(key, error), key) for key, error in errors.items()]


def current_samples(root: Path, catalog: Catalog, settled: Settled) -> Rendered:
    """Return every sample of a catalog; those of settled scenarios are read from disk.

    Args:
        root: the project's folder.
        catalog: its languages, cases and scenarios.
        settled: which of its scenarios are settled.
    """
    parts = settled.parts(settled.current & catalog.scenarios.keys())
    lines = parts.settled if parts else {}
    current = {name: _on_disk(root, decode_entries(lines[name]), catalog) for name in lines}
    done = {name for name, samples in current.items() if samples}
    others = {name: scenario for name, scenario in catalog.scenarios.items() if name not in done}
    new = render_all(root, msgspec.structs.replace(catalog, scenarios=others), done)
    for sample in new.samples:
        current.setdefault(sample.key.scenario, []).append(sample)
    samples = [sample for name in catalog.scenarios for sample in current.get(name, ())]
    return Rendered(samples, new.faults)


def _on_disk(root: Path, entries: list[Entry], catalog: Catalog) -> list[Sample]:
    """Read a scenario's samples, in the order of rendering; none if one has changed just now."""
    order = {pair: n for n, pair in enumerate(product(catalog.variants, catalog.languages))}
    samples = []
    for entry in sorted(entries, key=lambda entry: order[entry.variant, entry.language]):
        content = read_sample(root, entry.path)
        if content is None or sha256_of(content) != entry.sha256:
            return []
        key = SampleKey(entry.scenario, entry.variant, entry.language)
        samples.append(Sample(key, entry.path, content.decode(), entry.steps, entry.skeleton))
    return samples


def current_state(
    root: Path, catalog: Catalog, samples: Iterable[Sample], listed: Collection[Entry]
) -> Current:
    """Return the samples and cases as they are now, by their digests.

    Args:
        root: the project's folder.
        catalog: its languages, cases and scenarios.
        samples: the samples that the templates make; one that is not on disk counts as it would
            be generated.
        listed: the manifest. A sample that is not rendered now, because of a fault in its scenario
            or because its language is left out, counts as long as it is on disk.

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
    unread = {key.scenario for key in digests} - catalog.scenarios.keys()
    return Current(digests, case_finder(catalog), frozenset(unread))
