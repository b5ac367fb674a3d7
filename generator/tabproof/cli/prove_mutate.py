"""`tabproof prove --mutate`: samples are made wrong on purpose, and the proof must notice."""

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
from tabproof.proof.mutation import run as proof
from tabproof.proof.prepare.selection import Selection
from tabproof.proof.prepare.toolchain_survey import ToolchainSurvey
from tabproof.proof.reports import mutants
from tabproof.samples.current import render_all
from tabproof.sandbox import isolation_choice


def run(root: Path, asked: ProveOptions) -> ExitStatus:
    """Make and run the mutants, and say what came of them; the exit status.

    Raises:
        TabproofError: what is asked for cannot be done, or a mutation does not fit a sample.
    """
    known = catalog_reader.load(root, catalog_reader.TemplateCaches(root))
    asked.check(known.languages)
    refuse_no_scenario(known)
    wrong = _selection_of(known, asked.selection)
    made = render_all(root, known)
    status = ExitStatus.DONE
    with faults_raised_last(wrong.faults(made.faults)):
        if any(map(wrong.holds, made.samples)) or not made.faults:
            status = _mutate(root, asked, known, made.samples, wrong)
    return status


def _mutate(
    root: Path, asked: ProveOptions, known: Catalog, samples: list[Sample], wrong: Selection
) -> ExitStatus:
    runner = prove_options.runner_of(asked.executor, asked.jobs)
    with ToolchainSurvey(
        root, known, wrong, partial(isolation_choice.choose_isolation, asked.isolation)
    ) as survey:
        subjects = survey.subjects(samples)
    table = mutations.read_mutations(root, {subject.language.name for subject in subjects})
    made, idle = proof.mutants_of(subjects, table, asked.cases)
    with progress() as showing:
        fated = proof.run_mutants(made, showing, runner)
    titles = {subject.language.name: subject.language.data.title for subject in subjects}
    width = None if sys.stdout.isatty() else PLAIN_WIDTH_COLUMNS
    mutants.show([*fated, *idle], table.kinds, titles, Console(width=width))
    return _status(fated, asked)


def _selection_of(known: Catalog, selection: Selection) -> Selection:
    """Which samples are made wrong: those of a selection, of one scenario where it names none."""
    # A fault of a language is the same in each scenario: one of them shows it.
    names = known.scenarios or {fault.scenario for fault in known.faults}
    scenarios = selection.scenarios or (min(names),)
    return msgspec.structs.replace(selection, scenarios=scenarios, cases=())


def _status(fated: list[proof.MutantResult], asked: ProveOptions) -> ExitStatus:
    """The exit status; a mutant of a required language that cannot run here is an error."""
    fates = {each.fate for each in fated}
    lacking = {each.sample.language for each in fated if each.fate == "not run"}
    if "unfit" in fates:
        return ExitStatus.INVALID_INPUT
    if "survived" in fates:
        return ExitStatus.WRONG
    if "killed" not in fates or any(asked.requires(language) for language in lacking):
        return ExitStatus.UNABLE
    return ExitStatus.DONE
