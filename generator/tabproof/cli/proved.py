"""What came of a proof is kept and told."""

from __future__ import annotations

from pathlib import Path

import click

from tabproof import record
from tabproof.catalog import Keeping, basis
from tabproof.cli import executors, present
from tabproof.cli.asked import Asked
from tabproof.cli.progressing import progress
from tabproof.cli.reporting import CANNOT, NOT_RIGHT, tolerating
from tabproof.cli.showing import showing
from tabproof.model.catalog import Catalog
from tabproof.model.sample import Sample
from tabproof.proof import mending
from tabproof.proof import prove as proof
from tabproof.proof.outcome import Outcome
from tabproof.proof.reports import account
from tabproof.proof.survey import Survey
from tabproof.record import Record
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
        TabproofError: what is asked for cannot be done.
    """
    settled = Settled(root, basis(root))
    made = samples_of(root, known, settled)
    faults = asked.selection.faults(made.faults)
    status = 0
    with tolerating(faults):
        if any(map(asked.selection.holds, made.samples)) or not faults:
            status = _prove(root, asked, known, made.samples, survey)
            kept.save(whole=not settled.current)
    return status


def _prove(root: Path, asked: Asked, known: Catalog, samples: list[Sample], survey: Survey) -> int:
    runner, show = executors.runner_of(asked.executor, asked.jobs), showing(asked.form)
    on_record = record.read(root, record.RECORD)
    cached = record.read(root, record.CACHE)
    past = Record() if asked.fresh else on_record.with_renewed(cached)
    subjects = survey.subjects(samples)
    with progress() as told:
        outcome = proof.prove(subjects, past, told, runner)
    if asked.recording or outcome.new.adds_to(past):
        now = present.sample_digests(root, samples), present.case_digests(known)
        # Each is read again, under a lock: another run may have ended since this one began.
        record.update(
            root,
            record.CACHE,
            lambda disk: disk.with_renewed(outcome.new).present(*now, with_excused=True),
        )
        if asked.recording:
            # A trial of another isolation is no reason to publish its results.
            new = cached.under(survey.isolation).with_renewed(outcome.new)
            record.update(root, record.RECORD, lambda disk: disk.with_renewed(new).present(*now))
    show(account.of_outcome(outcome), known)
    if brought := mending.mendable(outcome.subjects, survey):
        words = ", ".join(brought)
        click.echo(f"`tabproof toolchains` installs what is missing for {words}.", err=True)
    return _status(outcome, asked.require)


def _status(outcome: Outcome, require: str | None) -> int:
    verdicts = {result.verdict for result in outcome.results}
    if outcome.problems or "failed" in verdicts:
        return NOT_RIGHT
    if "passed" not in verdicts or (require == "all" and "skipped" in verdicts):
        return CANNOT
    return 0
