"""`tabproof prove --mutate`: run samples with one fault each, which the proof must detect."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import msgspec
from rich.console import Console

from tabproof.cli import prove_options
from tabproof.cli.handle_errors import faults_raised_last
from tabproof.cli.pick_scenario import refuse_no_scenario
from tabproof.cli.progress import progress
from tabproof.cli.prove_options import ProveOptions
from tabproof.cli.show_report import PLAIN_WIDTH_COLUMNS
from tabproof.errors import ExitStatus
from tabproof.model.catalog import Catalog
from tabproof.model.sample import Sample
from tabproof.project import catalog_reader, mutations
from tabproof.project.cases import case_finder
from tabproof.proof.mutation import run as proof
from tabproof.proof.prepare.selection import Selection
from tabproof.proof.prepare.toolchain_survey import ToolchainSurvey
from tabproof.proof.reports import mutants
from tabproof.samples import record_files
from tabproof.samples.current import render_all
from tabproof.samples.record import Record
from tabproof.sandbox import isolation_choice


def run(root: Path, options: ProveOptions) -> ExitStatus:
    """Make and run the mutants, print their results, and return the exit status.

    Raises:
        TabproofError: the project or an option is invalid, or a mutation does not fit a sample.
    """
    catalog = catalog_reader.load(root, catalog_reader.TemplateCaches(root))
    options.check(catalog.languages)
    refuse_no_scenario(catalog)
    selection = _selection_of(catalog, options.selection)
    rendered = render_all(root, catalog)
    status = ExitStatus.DONE
    with faults_raised_last(selection.faults(rendered.faults)):
        if any(map(selection.holds, rendered.samples)) or not rendered.faults:
            status = _mutate(root, options, catalog, rendered.samples, selection)
    return status


def _mutate(
    root: Path, options: ProveOptions, catalog: Catalog, samples: list[Sample], selection: Selection
) -> ExitStatus:
    runner = prove_options.runner_of(options.executor, options.jobs)
    with ToolchainSurvey(
        root, catalog, selection, partial(isolation_choice.choose_isolation, options.isolation)
    ) as survey:
        subjects = survey.subjects(samples)
    earlier_results = (
        Record() if options.fresh else record_files.read_all(root, case_finder(catalog))
    )
    table = mutations.read_mutations(root, {subject.language.name for subject in subjects})
    all_mutants, not_applied = proof.mutants_of(subjects, table, options.cases)
    mutants_to_run = proof.distinct_mutants(all_mutants)
    with progress() as report_progress:
        mutant_results = proof.run_mutants(mutants_to_run, earlier_results, report_progress, runner)
    titles = {subject.language.name: subject.language.data.title for subject in subjects}
    width = None if sys.stdout.isatty() else PLAIN_WIDTH_COLUMNS
    mutants.show(
        [*mutant_results, *not_applied],
        table.kinds,
        titles,
        Console(width=width),
        same=len(all_mutants) - len(mutants_to_run),
    )
    return _status(mutant_results, options)


def _selection_of(catalog: Catalog, selection: Selection) -> Selection:
    """Return the samples to mutate: of one scenario alone where the selection names none."""
    # A fault of a language is the same in every scenario: one of them shows it.
    names = catalog.scenarios or {fault.scenario for fault in catalog.faults}
    scenarios = selection.scenarios or (min(names),)
    return msgspec.structs.replace(selection, scenarios=scenarios, cases=())


def _status(mutant_results: list[proof.MutantResult], options: ProveOptions) -> ExitStatus:
    """Return the exit status; a mutant of a required language that cannot run is an error."""
    outcomes = {result.outcome for result in mutant_results}
    not_run = {result.sample.language for result in mutant_results if result.outcome == "not run"}
    if "unfit" in outcomes:
        return ExitStatus.INVALID_INPUT
    if "survived" in outcomes:
        return ExitStatus.WRONG
    if "killed" not in outcomes or any(options.requires(language) for language in not_run):
        return ExitStatus.UNABLE
    return ExitStatus.DONE
