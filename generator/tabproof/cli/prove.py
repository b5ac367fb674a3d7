"""`tabproof prove`: run the samples and check what they do."""

from __future__ import annotations

import sys
import time
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from tabproof.cli import complete_values, option_defaults, prove_options, show_report
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
from tabproof.project.cases import FindCases, case_finder
from tabproof.project.catalog_reader import TemplateCaches, inputs_digest
from tabproof.proof import install_hint
from tabproof.proof import prove as proof
from tabproof.proof.outcome import Outcome
from tabproof.proof.prepare.toolchain_survey import ToolchainSurvey
from tabproof.proof.reports import formats, report_data
from tabproof.samples import manifest, record_files, tree
from tabproof.samples.coverage import coverage_notes
from tabproof.samples.current import current_samples, current_state
from tabproof.samples.manifest import Entry
from tabproof.samples.record import Current, Record
from tabproof.samples.settled import Settled
from tabproof.sandbox import isolation_choice


@click.command(
    epilog=epilog(
        {
            ExitStatus.DONE: "at least one sample ran, and none failed",
            ExitStatus.WRONG: "a sample failed",
            ExitStatus.INVALID_INPUT: "",
            ExitStatus.UNABLE: "no sample could run (with --require: a required one could not), or "
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
@click.option("--fresh", is_flag=True, help="Run everything, even if a result is recorded.")
@click.option(
    "--record", "recording", is_flag=True, help=f"Write the results to {manifest.RECORD}."
)
@click.option(
    "--require",
    multiple=True,
    metavar="[all|LANGUAGE]",
    shell_complete=complete_values.required,
    help="Fail if a sample of this language cannot run here; repeatable.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    envvar="TABPROOF_JOBS",
    help="Number of parallel runs. Default: the number of CPUs plus one.",
)
@click.option(
    "--isolation",
    type=Choice(isolation_choice.CHOICES),
    default=isolation_choice.AUTO,
    show_default=True,
    envvar="TABPROOF_ISOLATION",
    help="How runs are isolated. `rebased` runs copies that call this machine instead of the API.",
)
@click.option(
    "--executor",
    default=prove_options.LOCAL,
    show_default=True,
    metavar="[local|dask[:ADDRESS]]",
    help="Where the samples run: on this machine, or on the workers of a Dask scheduler.",
)
@click.option(
    "--format",
    "form",
    type=Choice(formats.OF_A_RUN),
    default=formats.TABLE,
    show_default=True,
    help="The format of the report on stdout.",
)
@click.option(
    "--merge",
    is_flag=True,
    help=f"Merge records FILE... into {manifest.RECORD}; run nothing.",
)
@click.option(
    "--lint", is_flag=True, help="Run linters and formatters on the samples, not the samples."
)
@click.option(
    "--mutate", is_flag=True, help="Run mutated samples, each with one fault; each must fail."
)
@click.argument(
    "files",
    cls=Argument,
    nargs=-1,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Only with --merge: the records to merge.",
)
@click.pass_obj
@handle_errors
def prove(root: Path, /, **chosen: Any) -> None:
    """Run the samples in samples/, unchanged, in a sandbox, and check what they do.

    A sample that passed before with the same bytes, cases and toolchain is not run again; --fresh
    runs all.
    """
    prove_options.check(click.get_current_context())
    modes = [module for flag, module in prove_options.MODULES.items() if chosen.pop(flag)]
    # 60 to 80 ms for each, which a proof does not need.
    run = import_module(f"{__package__}.{modes[0]}").run if modes else _prove_project
    sys.exit(run(root, ProveOptions(**chosen)))


def options_of(program: click.Context) -> ProveOptions:
    """Return the options of a proof without any on the command line.

    Args:
        program: the context of the program, with the settings of the project.
    """
    chosen = prove.make_context("prove", [], parent=program).params
    return ProveOptions(**{name: chosen[name] for name in ProveOptions.__struct_fields__})


def _prove_project(root: Path, options: ProveOptions) -> ExitStatus:
    """Read the project, prove its samples, and return the exit status.

    Raises:
        TabproofError: the project or an option is invalid.
    """
    caches = catalog_reader.TemplateCaches(root)
    catalog = catalog_reader.load(root, caches)
    options.check(catalog.languages)
    refuse_no_scenario(catalog)
    choose_isolation = partial(isolation_choice.choose_isolation, options.isolation)
    with ToolchainSurvey(root, catalog, options.selection, choose_isolation) as survey:
        return _prove_catalog(root, options, catalog, caches, survey)


def _prove_catalog(
    root: Path,
    options: ProveOptions,
    catalog: Catalog,
    caches: TemplateCaches,
    survey: ToolchainSurvey,
) -> ExitStatus:
    """Prove the selected samples, and return the exit status.

    Args:
        root: the project's folder.
        options: those of the command line.
        catalog: the project's templates and scenarios.
        caches: those of the templates; they are saved here.
        survey: the toolchains of this machine; it may still be running.

    Raises:
        TabproofError: an option is invalid, or the record cannot be written.
    """
    settled = Settled(root, inputs_digest(root))
    rendered = current_samples(root, catalog, settled)
    faults = options.selection.faults(rendered.faults)
    status = ExitStatus.DONE
    with faults_raised_last(faults):
        if any(map(options.selection.holds, rendered.samples)) or not faults:
            status = _prove_samples(root, options, catalog, rendered.samples, survey)
            caches.save(whole=not settled.current)
    return status


def _prove_samples(
    root: Path,
    options: ProveOptions,
    catalog: Catalog,
    samples: list[Sample],
    survey: ToolchainSurvey,
) -> ExitStatus:
    started = time.monotonic()
    runner = prove_options.runner_of(options.executor, options.jobs)
    # Read first: a manifest or a record that cannot be read is reported before the runs.
    entries = manifest.read_entries(root)
    local_record = record_files.read_cache(root)
    # The settings of the project say what all of its samples are; this command may not.
    is_whole = options.of_everything and not option_defaults.narrows_samples()
    on_record = _on_record(root, case_finder(catalog), is_whole=is_whole)
    earlier_results = on_record.union(local_record)
    subjects = survey.subjects(samples)
    with progress() as report_progress:
        outcome = proof.prove(
            subjects, earlier_results, report_progress, runner, fresh=options.freshness
        )
    write_error = None
    if options.recording or outcome.new.adds_to(earlier_results):
        # Earlier results of another isolation are not published.
        publishable = local_record.with_isolation(survey.isolation) if options.recording else None
        try:
            current = current_state(root, catalog, samples, entries)
            passed = any(result.verdict == "passed" for result in outcome.new.results)
            _save_results(root, outcome.new, publishable, current, replace=is_whole and passed)
        except TabproofError as error:
            # The results are shown all the same.
            write_error = error
    show_report.write_report(
        options.form,
        report_data.report_of_outcome(outcome, coverage_notes(catalog)),
        catalog,
        time.monotonic() - started,
    )
    for note in _notes(root, outcome, entries, survey):
        click.echo(note, err=True)
    status = _status(outcome, options)
    if write_error and options.recording and status != ExitStatus.WRONG:
        raise write_error
    if write_error:
        click.echo(f"These results are not saved: {write_error}", err=True)
    return status


def _on_record(root: Path, find_cases: FindCases, *, is_whole: bool) -> Record:
    """Return the committed results.

    Raises:
        InputError: they cannot be read; those of an earlier version are only replaced as a whole.
    """
    try:
        return record_files.read(root).record(find_cases)
    except record_files.ReplaceableRecordError:
        if is_whole:
            return Record()
        raise


def _save_results(
    root: Path, new: Record, publishable: Record | None, current: Current, *, replace: bool
) -> None:
    """Add the results of a run to the local record and to the committed one.

    Each file is read again, under a lock: another run may have ended in the meantime.

    Args:
        root: the project's folder.
        new: the results of the run.
        publishable: earlier results in the local record; None to leave the committed one alone.
        current: the current samples and cases.
        replace: whether a record that cannot be read is replaced by the new results.

    Raises:
        TabproofError: the committed record cannot be written, or the local one where that is all.
    """
    try:
        record_files.update_cache(root, new, current)
    except TabproofError:
        if publishable is None:
            raise
    if publishable is not None:
        record_files.update(
            root, current, lambda recorded: recorded.union(publishable, new), replace=replace
        )


def _notes(
    root: Path, outcome: Outcome, entries: list[Entry], survey: ToolchainSurvey
) -> list[str]:
    """Return the notes that are printed below the results."""
    # Samples that are as generated are not read again.
    changed = [s.sample for s in outcome.subjects if s.digest != s.sample.digest]
    notes = tree.edit_notes(tree.differences(root, changed, entries)) if changed else []
    if installable := install_hint.installable(outcome.subjects, survey):
        languages = ", ".join(installable)
        notes.append(f"`tabproof toolchains` installs what is missing for {languages}.")
    return notes


def _status(outcome: Outcome, options: ProveOptions) -> ExitStatus:
    verdicts = {result.verdict for result in outcome.results}
    # A sample that a runtime's limit excuses did run.
    not_run = {r.sample.language for r in outcome.results if r.toolbox is None}
    if outcome.problems or "failed" in verdicts:
        return ExitStatus.WRONG
    if "passed" not in verdicts or any(options.requires(language) for language in not_run):
        return ExitStatus.UNABLE
    return ExitStatus.DONE
