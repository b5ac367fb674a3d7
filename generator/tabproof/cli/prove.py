"""`tabproof prove`: run the samples and judge what they do."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from tabproof import catalog, record, tree
from tabproof.cases import cases_of
from tabproof.cli.reporting import CANNOT, NOT_RIGHT, reporting
from tabproof.model.catalog import Catalog
from tabproof.model.language import VARIANTS
from tabproof.model.sample import Sample
from tabproof.proof import prove as proof
from tabproof.proof import report
from tabproof.proof.plan import Selection
from tabproof.render import Renderer


@click.command()
@click.option("--scenario", "scenarios", multiple=True, help="Only this scenario; repeatable.")
@click.option("--language", "languages", multiple=True, help="Only this language; repeatable.")
@click.option(
    "--variant", "variants", multiple=True, type=click.Choice(VARIANTS), help="Only this variant."
)
@click.option("--case", "cases", multiple=True, help="Only this case; repeatable.")
@click.option("--fresh", is_flag=True, help="Run everything, whatever is on record.")
@click.option("--record", "recording", is_flag=True, help=f"Write {record.RECORD}.")
@click.option(
    "--require", type=click.Choice(["all"]), help="Count a sample that cannot run here as an error."
)
@click.option(
    "--jobs", type=click.IntRange(min=1), help="Runs at the same time. Default: all CPUs."
)
@click.pass_obj
@reporting
def prove(
    root: Path, /, *, fresh: bool, recording: bool, require: str | None, **chosen: Any
) -> None:
    """Run the samples as they are in samples/, in a sandbox, and judge what they do.

    What passed before with the same bytes, cases and toolchain is left out; --fresh runs all.
    """
    known = catalog.load(root)
    samples = list(Renderer(known).all())
    jobs = chosen.pop("jobs")
    selection = Selection(**chosen)
    on_record = record.read(root, record.RECORD)
    cached = record.read(root, record.CACHE)
    subjects = proof.subjects_of(root, known, samples, selection)
    past = record.Record() if fresh else on_record.with_renewed(cached)
    with _progress() as progress:
        outcome = proof.prove(subjects, past, progress, jobs)
    digests = {subject.sample.key: subject.digest for subject in subjects}
    present = (digests | _digests(root, samples, digests), _case_digests(known))
    record.write(root, record.CACHE, cached.with_renewed(outcome.new).present(*present))
    if recording:
        kept = on_record.with_renewed(cached).with_renewed(outcome.new)
        record.write(root, record.RECORD, kept.present(*present))
    report.show(outcome, Console(width=None if sys.stdout.isatty() else 160))
    sys.exit(_status(outcome, require))


def _digests(root: Path, samples: list[Sample], known: dict[Any, str]) -> dict[Any, str]:
    """The digests of the samples on disk that were not selected."""
    found = {}
    for sample in samples:
        if sample.key not in known and (content := tree.read_sample(root, sample.path)):
            found[sample.key] = tree.digest(content)
    return found


def _case_digests(known: Catalog) -> dict[tuple[str, str], str]:
    return {
        (name, case.name): case.digest
        for name, scenario in known.scenarios.items()
        for case in cases_of(scenario, known.cases)
    }


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
