"""A proof is run, its results are kept and reported."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import click

from tabproof import edits, manifest, record, tree
from tabproof.catalog import Keeping, basis
from tabproof.cli import executors, present, showing
from tabproof.cli.asked import Asked
from tabproof.cli.progressing import progress
from tabproof.cli.reporting import CANNOT, NOT_RIGHT
from tabproof.errors import TabproofError
from tabproof.manifest import Entry
from tabproof.model.catalog import Catalog
from tabproof.proof import mending
from tabproof.proof import prove as proof
from tabproof.proof.outcome import Outcome
from tabproof.proof.reports import account
from tabproof.proof.survey import Survey
from tabproof.record import Current, Record
from tabproof.rendering import samples_of
from tabproof.settled import Settled


def prove(root: Path, asked: Asked, known: Catalog, kept: Keeping, survey: Survey) -> int:
    """Run what is not on record, keep the results, and report; the exit status.

    Args:
        root: the project's folder.
        asked: the options.
        known: what the templates say.
        kept: what was worked out for that; it is saved here.
        survey: finds out what this machine has; it may still be at it.

    Raises:
        TabproofError: what is asked for cannot be done, or the record cannot be written.
    """
    begun = time.monotonic()
    runner = executors.runner_of(asked.executor, asked.jobs)
    settled = Settled(root, basis(root))
    # A manifest or a record that cannot be read is told before anything takes its time.
    listed = manifest.read_manifest(root)
    cached = record.read(root, record.CACHE)
    past = record.read(root, record.RECORD).united(cached)
    samples = samples_of(root, known, settled)
    subjects = survey.subjects(samples)
    known_results = Record() if asked.fresh else past
    with progress() as told:
        outcome = proof.prove(subjects, known_results, told, runner)
    kept.save(whole=not settled.current)
    unwritten = None
    if asked.recording or outcome.new.adds_to(known_results):
        # A trial of another isolation is no reason to publish its results.
        publishable = cached.under(survey.isolation) if asked.recording else None
        try:
            current = present.current(root, known, samples, listed.values())
            _keep(root, outcome.new, publishable, current)
        except TabproofError as error:
            # What was run is told all the same.
            unwritten = error
    showing.show(asked.form, account.of_outcome(outcome), known, time.monotonic() - begun)
    for note in _notes(root, outcome, listed, survey):
        click.echo(note, err=True)
    status = _status(outcome, asked.require)
    if unwritten and asked.recording and status != NOT_RIGHT:
        raise unwritten
    if unwritten:
        click.echo(f"These results are not kept: {unwritten}", err=True)
    return status


def _keep(root: Path, new: Record, publishable: Record | None, current: Current) -> None:
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
        record.update(root, record.CACHE, lambda own: record.kept(own, new, current))
    except TabproofError:
        if publishable is None:
            raise
    if publishable is not None:
        record.update(
            root,
            record.RECORD,
            lambda recorded: record.published(recorded, publishable, new, current),
        )


def _notes(root: Path, outcome: Outcome, listed: Mapping[str, Entry], survey: Survey) -> list[str]:
    """Return what a person should know beside the results."""
    # Where all is as it was generated, nothing is read again.
    changed = [s.sample for s in outcome.subjects if s.digest != s.sample.digest]
    notes = edits.notes(tree.differences(root, changed, listed)) if changed else []
    if brought := mending.mendable(outcome.subjects, survey):
        words = ", ".join(brought)
        notes.append(f"`tabproof toolchains` installs what is missing for {words}.")
    return notes


def _status(outcome: Outcome, require: str | None) -> int:
    verdicts = {result.verdict for result in outcome.results}
    if outcome.problems or "failed" in verdicts:
        return NOT_RIGHT
    if "passed" not in verdicts or (require == "all" and "skipped" in verdicts):
        return CANNOT
    return 0
