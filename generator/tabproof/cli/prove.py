"""`tabproof prove`: run the samples and judge what they do."""

from __future__ import annotations

import sys
import time
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from tabproof.cli import complete_values, prove_options, show_report
from tabproof.cli.handle_errors import faults_raised_last, handle_errors
from tabproof.cli.help_text import Argument, epilog
from tabproof.cli.pick_scenario import refuse_no_scenario
from tabproof.cli.progress import progress
from tabproof.cli.prove_options import ProveOptions
from tabproof.cli.suggestions import Choice
from tabproof.errors import ExitStatus, TabproofError
from tabproof.model.catalog import Catalog
from tabproof.model.language import VARIANTS
from tabproof.model.sample import Sample
from tabproof.project import catalog_reader
from tabproof.project.catalog_reader import TemplateCaches, inputs_digest
from tabproof.proof import install_hint
from tabproof.proof import prove as proof
from tabproof.proof.outcome import Outcome
from tabproof.proof.prepare.toolchain_survey import ToolchainSurvey
from tabproof.proof.reports import formats, report_data
from tabproof.samples import manifest, record, tree
from tabproof.samples.current import current_digests, current_samples
from tabproof.samples.manifest import Entry
from tabproof.samples.record import CurrentDigests, Record
from tabproof.samples.settled import Settled
from tabproof.sandbox import isolation_choice


@click.command(
    epilog=epilog(
        {
            ExitStatus.DONE: "something ran and nothing failed",
            ExitStatus.WRONG: "a sample failed",
            ExitStatus.INVALID_INPUT: "",
            ExitStatus.UNABLE: "nothing could run (with --require all: something could not), or "
            "the record cannot be written",
        },
        "tabproof prove --language ruby",
        "tabproof prove --scenario list-users --case success --case status-401",
        "tabproof prove --record",
        "tabproof prove --executor dask:10.0.0.1:8786",
    )
)
@click.option(
    "--scenario",
    "scenarios",
    multiple=True,
    shell_complete=complete_values.scenarios,
    help="Only this scenario; repeatable.",
)
@click.option(
    "--language",
    "languages",
    multiple=True,
    shell_complete=complete_values.language,
    help="Only this language; repeatable.",
)
@click.option(
    "--variant", "variants", multiple=True, type=Choice(VARIANTS), help="Only this variant."
)
@click.option(
    "--case",
    "cases",
    multiple=True,
    shell_complete=complete_values.cases,
    help="Only this case; repeatable.",
)
@click.option("--fresh", is_flag=True, help="Run everything, whatever is on record.")
@click.option("--record", "recording", is_flag=True, help=f"Write {manifest.RECORD}.")
@click.option(
    "--require",
    multiple=True,
    metavar="[all|LANGUAGE]",
    shell_complete=complete_values.required,
    help="Count a sample of this language that cannot run here as an error; repeatable.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    envvar="TABPROOF_JOBS",
    help="Runs at the same time. Default: one more than CPUs.",
)
@click.option(
    "--isolation",
    type=Choice(isolation_choice.CHOICES),
    default=isolation_choice.AUTO,
    show_default=True,
    envvar="TABPROOF_ISOLATION",
    help="`rebased` runs copies that call this machine in the API's place.",
)
@click.option(
    "--executor",
    default=prove_options.LOCAL,
    show_default=True,
    metavar="[local|dask[:ADDRESS]]",
    help="Where the samples run: here, or on the workers of a Dask scheduler.",
)
@click.option(
    "--format",
    "form",
    type=Choice(formats.OF_A_RUN),
    default=formats.TABLE,
    show_default=True,
    help="What to write on stdout.",
)
@click.option(
    "--merge",
    is_flag=True,
    help=f"Unite records FILE... in {manifest.RECORD}; run nothing.",
)
@click.option("--lint", is_flag=True, help="Ask linters and formatters; run nothing.")
@click.option("--mutate", is_flag=True, help="Run samples that are made wrong; each must fail.")
@click.argument(
    "files",
    cls=Argument,
    nargs=-1,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --merge alone: the records to unite.",
)
@click.pass_obj
@handle_errors
def prove(root: Path, /, **chosen: Any) -> None:
    """Run the samples as they are in samples/, in a sandbox, and judge what they do.

    What passed before with the same bytes, cases and toolchain is left out; --fresh runs all.
    """
    prove_options.check(click.get_current_context())
    modes = [module for flag, module in prove_options.MODULES.items() if chosen.pop(flag)]
    # Each of them takes 60 to 80 ms to be imported, for which a proof has no use.
    run = import_module(f"{__package__}.{modes[0]}").run if modes else _prove_project
    sys.exit(run(root, ProveOptions(**chosen)))


def options_of(program: click.Context) -> ProveOptions:
    """Return the options that a proof has where the command line has none for it.

    Args:
        program: the context of the program, with the settings of the project.
    """
    chosen = prove.make_context("prove", [], parent=program).params
    return ProveOptions(**{name: chosen[name] for name in ProveOptions.__struct_fields__})


def _prove_project(root: Path, asked: ProveOptions) -> ExitStatus:
    """Prove, keep the results, and report; the exit status.

    Raises:
        TabproofError: what is asked for cannot be done.
    """
    kept = catalog_reader.TemplateCaches(root)
    known = catalog_reader.load(root, kept)
    asked.check(known.languages)
    refuse_no_scenario(known)
    apart = partial(isolation_choice.choose_isolation, asked.isolation)
    with ToolchainSurvey(root, known, asked.selection, apart) as survey:
        return _prove_catalog(root, asked, known, kept, survey)


def _prove_catalog(
    root: Path, asked: ProveOptions, known: Catalog, kept: TemplateCaches, survey: ToolchainSurvey
) -> ExitStatus:
    """Run what can be run and is not on record, keep the results, and report; the exit status.

    Args:
        root: the project's folder.
        asked: the options.
        known: what the templates say.
        kept: what was worked out for that; it is saved here.
        survey: finds out what this machine has; it may still be at it.

    Raises:
        TabproofError: what is asked for cannot be done, or the record cannot be written.
    """
    settled = Settled(root, inputs_digest(root))
    made = current_samples(root, known, settled)
    faults = asked.selection.faults(made.faults)
    status = ExitStatus.DONE
    with faults_raised_last(faults):
        if any(map(asked.selection.holds, made.samples)) or not faults:
            status = _prove_samples(root, asked, known, made.samples, survey)
            kept.save(whole=not settled.current)
    return status


def _prove_samples(
    root: Path, asked: ProveOptions, known: Catalog, samples: list[Sample], survey: ToolchainSurvey
) -> ExitStatus:
    begun = time.monotonic()
    runner = prove_options.runner_of(asked.executor, asked.jobs)
    # A manifest or a record that cannot be read is told before anything takes its time.
    listed = manifest.read_entries(root)
    cached = record.read(root, record.CACHE)
    past = record.read(root, record.RECORD).union(cached)
    subjects = survey.subjects(samples)
    known_results = Record() if asked.fresh else past
    with progress() as told:
        outcome = proof.prove(subjects, known_results, told, runner)
    unwritten = None
    if asked.recording or outcome.new.adds_to(known_results):
        # A trial of another isolation is no reason to publish its results.
        publishable = cached.with_isolation(survey.isolation) if asked.recording else None
        try:
            current = current_digests(root, known, samples, listed)
            _save_results(root, outcome.new, publishable, current)
        except TabproofError as error:
            # What was run is told all the same.
            unwritten = error
    show_report.write_report(
        asked.form, report_data.report_of_outcome(outcome), known, time.monotonic() - begun
    )
    for note in _notes(root, outcome, listed, survey):
        click.echo(note, err=True)
    status = _status(outcome, asked)
    if unwritten and asked.recording and status != ExitStatus.WRONG:
        raise unwritten
    if unwritten:
        click.echo(f"These results are not kept: {unwritten}", err=True)
    return status


def _save_results(
    root: Path, new: Record, publishable: Record | None, current: CurrentDigests
) -> None:
    """Add the results of a run to this machine's own and to the committed record.

    Each file is read again, under a lock: another run may have ended since this one began.

    Args:
        root: the project's folder.
        new: the results of the run.
        publishable: this machine's earlier results; None where the record is not to be written.
        current: the samples and cases as they are now.

    Raises:
        TabproofError: the record, or without it this machine's own results, cannot be written.
    """
    try:
        record.update(root, record.CACHE, lambda own: record.cache_update(own, new, current))
    except TabproofError:
        if publishable is None:
            raise
    if publishable is not None:
        record.update(
            root,
            record.RECORD,
            lambda recorded: record.record_update(recorded, publishable, new, current),
        )


def _notes(root: Path, outcome: Outcome, listed: list[Entry], survey: ToolchainSurvey) -> list[str]:
    """Return what a person should know beside the results."""
    # Where all is as it was generated, nothing is read again.
    changed = [s.sample for s in outcome.subjects if s.digest != s.sample.digest]
    notes = tree.edit_notes(tree.differences(root, changed, listed)) if changed else []
    if brought := install_hint.installable(outcome.subjects, survey):
        words = ", ".join(brought)
        notes.append(f"`tabproof toolchains` installs what is missing for {words}.")
    return notes


def _status(outcome: Outcome, asked: ProveOptions) -> ExitStatus:
    verdicts = {result.verdict for result in outcome.results}
    # A run that a runtime's limit excused did take place.
    lacking = {r.sample.language for r in outcome.results if r.toolbox is None}
    if outcome.problems or "failed" in verdicts:
        return ExitStatus.WRONG
    if "passed" not in verdicts or any(asked.requires(language) for language in lacking):
        return ExitStatus.UNABLE
    return ExitStatus.DONE
