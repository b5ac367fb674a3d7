"""What `tabproof watch` does after a change: write the samples, and prove what nobody proved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec

from tabproof.cli.pick_scenario import refuse_no_scenario
from tabproof.cli.prove_options import ProveOptions
from tabproof.model.catalog import Catalog, Fault
from tabproof.model.sample import Sample
from tabproof.project import catalog_reader as catalog
from tabproof.project.cases import case_finder
from tabproof.proof import prove as proof
from tabproof.proof.outcome import Outcome
from tabproof.proof.prepare.selection import Selection
from tabproof.proof.prepare.toolchain_survey import ToolchainSurvey
from tabproof.proof.run import local
from tabproof.samples import manifest, record, tree
from tabproof.samples.current import current_digests, render_all
from tabproof.samples.record import Record
from tabproof.samples.status import status_of
from tabproof.sandbox import isolation_choice
from tabproof.system.files import exclusive


class Task(msgspec.Struct, frozen=True):
    """A proof of the samples of one language that nobody has proved yet, nor seen fail.

    Attributes:
        catalog: what the templates say.
        all_samples: those of all languages.
        samples: those to prove.
        trials: what makes it another proof: the bytes of each sample, and its cases.
    """

    language: str
    catalog: Catalog
    all_samples: tuple[Sample, ...]
    samples: tuple[Sample, ...]
    trials: frozenset[str]


class Regenerated(msgspec.Struct, frozen=True):
    """What came of a change.

    Attributes:
        lines: a line for each file that was written or removed.
        tasks: the proofs of what nobody has proved.
        faults: why other samples stayed as they are.
    """

    lines: list[str] = []
    tasks: list[Task] = []
    faults: tuple[Fault, ...] = ()


def regenerate(root: Path) -> Regenerated:
    """Write the samples that the templates make.

    Raises:
        TabproofError: the templates are not right, or a sample was edited by hand.
    """
    with exclusive(root) as alone:
        kept = catalog.TemplateCaches(root)
        templates = catalog.load(root, kept)
        refuse_no_scenario(templates)
        made = render_all(root, templates)
        comparison = tree.compare(root, made.samples, faults=made.faults)
        tree.refuse_hand_edits(comparison.differences)
        tree.write(root, comparison, alone=alone)
    kept.save()
    lines = [
        f"{'removed' if change.kind == 'orphaned' else 'wrote'} {tree.FOLDER}/{change.path}"
        for change in comparison.differences
    ]
    tasks = _tasks(templates, tuple(made.samples), _results(root))
    return Regenerated(lines, tasks, made.faults)


def _tasks(templates: Catalog, samples: tuple[Sample, ...], results: Record) -> list[Task]:
    find = case_finder(templates.scenarios, templates.cases)
    unproved: dict[str, list[tuple[Sample, str]]] = defaultdict(list)
    for sample in samples:
        key = sample.key
        cases = find(key.scenario, key.language)
        tools = templates.languages[key.language].data.toolchains
        standing = status_of(key, sample.digest, cases, results, tools)
        if standing.state == "unproved":
            trial = f"{key} {sample.digest} {''.join(case.digest for case in cases)}"
            unproved[key.language].append((sample, trial))
    return [
        Task(language, templates, samples, group, frozenset(trials))
        for language, pairs in unproved.items()
        for group, trials in [zip(*pairs, strict=True)]
    ]


def prove(
    root: Path, task: Task, options: ProveOptions, given_up: Callable[[], bool]
) -> Outcome | None:
    """Prove samples, and keep the results on this machine.

    Args:
        root: the project's folder.
        task: which samples.
        options: those of the proof.
        given_up: says whether nobody wants to know any more.

    Returns:
        The outcome; None where it was given up.

    Raises:
        TabproofError: it cannot be done.
    """
    choose = partial(isolation_choice.choose_isolation, options.isolation)
    with ToolchainSurvey(
        root, task.catalog, Selection(languages=(task.language,)), choose
    ) as survey:
        subjects = survey.subjects(task.samples)
    past = _results(root)
    runner = partial(local.run_locally, processors=options.jobs, given_up=given_up)
    outcome = proof.prove(subjects, past, runner=runner)
    if given_up():
        return None
    if outcome.new.adds_to(past):
        listed = manifest.read_manifest(root).values()
        current = current_digests(root, task.catalog, task.all_samples, listed)
        record.update(
            root, record.CACHE, lambda own: record.cache_update(own, outcome.new, current)
        )
    return outcome


def _results(root: Path) -> Record:
    """Return what is on record and what this machine found."""
    return record.read(root, record.RECORD).union(record.read(root, record.CACHE))
