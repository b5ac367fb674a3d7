"""Write and prove samples after a change, for `tabproof watch`."""

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
from tabproof.project import catalog_reader
from tabproof.project.cases import case_finder
from tabproof.proof import prove as proof
from tabproof.proof.outcome import Outcome
from tabproof.proof.prepare.selection import Selection
from tabproof.proof.prepare.toolchain_survey import ToolchainSurvey
from tabproof.proof.run import local
from tabproof.samples import manifest, record_files, tree
from tabproof.samples.current import current_state, render_all
from tabproof.samples.record import Record
from tabproof.samples.status import status_of
from tabproof.sandbox import isolation_choice
from tabproof.system.files import exclusive


class Task(msgspec.Struct, frozen=True):
    """Hold the samples of one language that have no recorded result yet.

    Attributes:
        catalog: the project's templates and scenarios.
        all_samples: those of all languages.
        samples: those to prove.
        trials: identifies the proof: the digests of each sample and of its cases.
    """

    language: str
    catalog: Catalog
    all_samples: tuple[Sample, ...]
    samples: tuple[Sample, ...]
    trials: frozenset[str]


class Regenerated(msgspec.Struct, frozen=True):
    """Hold the effects of a change.

    Attributes:
        lines: a line for each file that was written or removed.
        tasks: the proofs of samples without a result.
        faults: those of scenarios whose samples were left as they are.
    """

    lines: list[str] = []
    tasks: list[Task] = []
    faults: tuple[Fault, ...] = ()


def regenerate(root: Path) -> Regenerated:
    """Write the samples that the templates make.

    Raises:
        TabproofError: a template is invalid, or a sample was edited by hand.
    """
    with exclusive(root) as alone:
        caches = catalog_reader.TemplateCaches(root)
        catalog = catalog_reader.load(root, caches)
        refuse_no_scenario(catalog)
        rendered = render_all(root, catalog)
        comparison = tree.compare(root, rendered.samples, faults=rendered.faults)
        tree.refuse_hand_edits(comparison.differences)
        tree.write(root, comparison, alone=alone)
    caches.save()
    lines = [
        f"{'removed' if change.kind == 'orphaned' else 'wrote'} {tree.FOLDER}/{change.path}"
        for change in comparison.differences
    ]
    results = record_files.read_all(root, case_finder(catalog))
    tasks = _tasks(catalog, tuple(rendered.samples), results)
    return Regenerated(lines, tasks, rendered.faults)


def _tasks(catalog: Catalog, samples: tuple[Sample, ...], results: Record) -> list[Task]:
    find_cases = case_finder(catalog)
    unproved: dict[str, list[tuple[Sample, str]]] = defaultdict(list)
    for sample in samples:
        key = sample.key
        cases = find_cases(key)
        tools = catalog.languages[key.language].data.toolchains
        status = status_of(key, sample.digest, cases, results, tools)
        if status.state == "unproved":
            trial = f"{key} {sample.digest} {''.join(case.digest for case in cases)}"
            unproved[key.language].append((sample, trial))
    return [
        Task(language, catalog, samples, group, frozenset(trials))
        for language, pairs in unproved.items()
        for group, trials in [zip(*pairs, strict=True)]
    ]


def prove(
    root: Path, task: Task, options: ProveOptions, is_cancelled: Callable[[], bool]
) -> Outcome | None:
    """Prove samples, and save the results in the local record.

    Args:
        root: the project's folder.
        task: which samples.
        options: those of the proof.
        is_cancelled: returns whether the proof has become obsolete.

    Returns:
        The outcome; None if it was cancelled.

    Raises:
        TabproofError: a program is missing, or the record cannot be written.
    """
    choose = partial(isolation_choice.choose_isolation, options.isolation)
    with ToolchainSurvey(
        root, task.catalog, Selection(languages=(task.language,)), choose
    ) as survey:
        subjects = survey.subjects(task.samples)
    earlier_results = record_files.read_all(root, case_finder(task.catalog))
    runner = partial(local.run_locally, processors=options.jobs, given_up=is_cancelled)
    outcome = proof.prove(subjects, earlier_results, runner=runner)
    if is_cancelled():
        return None
    if outcome.new.adds_to(earlier_results):
        entries = manifest.read_manifest(root).values()
        current = current_state(root, task.catalog, task.all_samples, entries)
        record_files.update_cache(root, outcome.new, current)
    return outcome
