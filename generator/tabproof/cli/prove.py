"""`tabproof prove`: run the samples and judge what they do."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from tabproof import catalog, record
from tabproof.cli import (
    completing,
    executors,
    linting,
    merging,
    modes,
    mutating,
    present,
    showing,
)
from tabproof.cli.epilog import epilog
from tabproof.cli.reporting import CANNOT, NOT_RIGHT, reporting
from tabproof.model.language import VARIANTS
from tabproof.proof import isolation, lint
from tabproof.proof import prove as proof
from tabproof.proof.plan import Selection
from tabproof.proof.reports import account, formats
from tabproof.render import Renderer


@click.command(
    epilog=epilog(
        "0 something ran and nothing failed, 1 a sample failed, 2 the input is not right, 3 "
        "nothing could run (with --require all: something could not)",
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
    shell_complete=completing.scenarios,
    help="Only this scenario; repeatable.",
)
@click.option(
    "--language",
    "languages",
    multiple=True,
    shell_complete=completing.language,
    help="Only this language; repeatable.",
)
@click.option(
    "--variant", "variants", multiple=True, type=click.Choice(VARIANTS), help="Only this variant."
)
@click.option(
    "--case",
    "cases",
    multiple=True,
    shell_complete=completing.cases,
    help="Only this case; repeatable.",
)
@click.option("--fresh", is_flag=True, help="Run everything, whatever is on record.")
@click.option("--record", "recording", is_flag=True, help=f"Write {record.RECORD}.")
@click.option(
    "--require", type=click.Choice(["all"]), help="Count a sample that cannot run here as an error."
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    envvar="TABPROOF_JOBS",
    help="Runs at the same time. Default: one more than CPUs.",
)
@click.option(
    "--isolation",
    "wanted",
    type=click.Choice(isolation.CHOICES),
    default=isolation.AUTO,
    show_default=True,
    envvar="TABPROOF_ISOLATION",
    help="`rebased` runs copies that call this machine in the API's place.",
)
@click.option(
    "--executor",
    "place",
    default=executors.LOCAL,
    show_default=True,
    metavar="[local|dask[:ADDRESS]]",
    help="Where the samples run: here, or on the workers of a Dask scheduler.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(formats.NAMES),
    default=formats.TABLE,
    show_default=True,
    help="What to write on stdout.",
)
@click.option(
    "--merge",
    "merges",
    is_flag=True,
    help=f"Unite records FILE... in {record.RECORD}; run nothing.",
)
@click.option("--lint", "linted", is_flag=True, help="Ask linters and formatters; run nothing.")
@click.option(
    "--mutate", "mutated", is_flag=True, help="Run samples that are made wrong; each must fail."
)
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
@reporting
def prove(
    root: Path, /, *, fresh: bool, recording: bool, require: str | None, **chosen: Any
) -> None:
    """Run the samples as they are in samples/, in a sandbox, and judge what they do.

    What passed before with the same bytes, cases and toolchain is left out; --fresh runs all.
    """
    modes.check(click.get_current_context())
    merges, files = chosen.pop("merges"), chosen.pop("files")
    if merges:
        merging.merge(root, files)
        return
    kept = catalog.Keeping(root)
    known = catalog.load(root, kept)
    # Once for the proof, which renders while it looks for toolchains, and once for the record.
    samples, again = itertools.tee(Renderer(known).all())
    form, wanted = chosen.pop("form"), chosen.pop("wanted")
    jobs, linted = chosen.pop("jobs"), chosen.pop("linted")
    mutated, place = chosen.pop("mutated"), chosen.pop("place")
    selection = Selection(**chosen)
    if linted:
        subjects = proof.subjects_of(root, known, samples, selection)
        sys.exit(linting.show(lint.lint(subjects, root, jobs), require))
    runner, apart = executors.runner_of(place, jobs), isolation.choose(wanted)
    if mutated:
        wrong = mutating.chosen(known, selection)
        subjects = proof.subjects_of(root, known, samples, wrong, apart)
        fated = mutating.mutate(root, subjects, selection.cases, runner, _progress)
        sys.exit(mutating.status(fated, require))
    on_record = record.read(root, record.RECORD)
    cached = record.read(root, record.CACHE)
    subjects = proof.subjects_of(root, known, samples, selection, apart)
    past = record.Record() if fresh else on_record.with_renewed(cached)
    with _progress() as progress:
        outcome = proof.prove(subjects, past, progress, runner)
    kept.save()
    if recording or outcome.new.adds_to(past):
        now = (present.sample_digests(root, again), present.case_digests(known))
        # Each is read again, under a lock: another run may have ended since this one began.
        record.update(
            root,
            record.CACHE,
            lambda disk: disk.with_renewed(outcome.new).present(*now, with_excused=True),
        )
    if recording:
        # A trial of another isolation is no reason to publish its results.
        new = cached.under(apart.isolation).with_renewed(outcome.new)
        record.update(root, record.RECORD, lambda disk: disk.with_renewed(new).present(*now))
    showing.show(account.of_outcome(outcome), form, known)
    sys.exit(_status(outcome, require))


@contextmanager
def _progress() -> Iterator[proof.Progress]:
    """A progress bar on a terminal; nothing elsewhere."""
    with Progress(
        TextColumn("running samples"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    ) as bar:
        task = bar.add_task("")
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _status(outcome: proof.Outcome, require: str | None) -> int:
    verdicts = {result.verdict for result in outcome.results}
    if outcome.problems or "failed" in verdicts:
        return NOT_RIGHT
    if "passed" not in verdicts or (require == "all" and "skipped" in verdicts):
        return CANNOT
    return 0
