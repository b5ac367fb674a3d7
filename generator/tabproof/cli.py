"""The command line. Exit statuses are those of `tabproof.errors`."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec

import click

from tabproof import __version__, catalog, record, tree
from tabproof.cases import cases_of
from tabproof.errors import TabproofError
from tabproof.model.catalog import Catalog
from tabproof.model.language import VARIANTS
from tabproof.render import Renderer

if TYPE_CHECKING:
    from tabproof.model.sample import Sample
    from tabproof.proof.prove import Outcome, Progress

P = ParamSpec("P")
NOT_RIGHT, CANNOT, INTERRUPTED = 1, 3, 130


def reporting(command: Callable[P, None]) -> Callable[P, None]:
    """One line on stderr and an exit status for everything that a user can cause."""

    @functools.wraps(command)
    def wrapped(*arguments: P.args, **options: P.kwargs) -> None:
        try:
            command(*arguments, **options)
        except TabproofError as error:
            click.echo(f"tabproof: {error}", err=True)
            sys.exit(error.exit_status)
        except KeyboardInterrupt:
            click.echo("tabproof: interrupted", err=True)
            sys.exit(INTERRUPTED)

    return wrapped


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tabproof")
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="The project's folder, the one that holds templates/. Default: this one.",
)
@click.pass_context
def main(context: click.Context, root: Path) -> None:
    r"""Render one scenario to code samples in every language, and prove each of them.

    \b
    Exit statuses: 0 done, 1 the samples are not right, 2 the input is not
    right, 3 this machine cannot, 130 interrupted.
    """
    context.obj = root.resolve()


@main.command()
@click.option("--overwrite", is_flag=True, help="Overwrite samples that were edited by hand.")
@click.pass_obj
@reporting
def generate(root: Path, *, overwrite: bool) -> None:
    """Render all samples into samples/; write only what changed, remove what is gone."""
    samples = list(Renderer(catalog.load(root)).all())
    differences = tree.compare(root, samples)
    edited = [d for d in differences if d.edited]
    if edited and not overwrite:
        click.echo("".join(difference.diff() for difference in edited), nl=False)
        names = ", ".join(f"{tree.FOLDER}/{difference.path}" for difference in edited)
        raise TabproofError(
            f"{names}: edited by hand since it was generated; make the change in templates/, or "
            "run `tabproof generate --overwrite` to lose it."
        )
    tree.write(root, differences)
    for difference in differences:
        verb = "removed" if difference.kind == "orphaned" else "wrote"
        click.echo(f"{verb} {tree.FOLDER}/{difference.path}")
    click.echo(f"{len(samples)} samples, {len(differences)} files changed", err=True)


@main.command()
@click.option("--diff", is_flag=True, help="Show how samples/ differs from what it should be.")
@click.pass_obj
@reporting
def check(root: Path, *, diff: bool) -> None:
    """Check that samples/ is current and publishable; write nothing."""
    known = catalog.load(root)
    samples = list(Renderer(known).all())
    differences = tree.compare(root, samples)
    for difference in differences:
        click.echo(f"{tree.FOLDER}/{difference.path}: {difference.kind}")
        if diff:
            click.echo(difference.diff(), nl=False)
    if differences:
        raise TabproofError(
            f"{len(differences)} files of samples/ are not current; run `tabproof generate`"
            f"{'' if diff else ', or see them with `tabproof check --diff`'}."
        )
    proof = record.read(root, record.RECORD)
    wrong = 0
    for sample in samples:
        cases = cases_of(known.scenarios[sample.key.scenario], known.cases)
        standing = record.standing(sample.key, sample.digest, cases, proof)
        if not standing.publishable:
            click.echo(f"{tree.FOLDER}/{sample.path}: {standing.reason}")
            wrong += 1
    if wrong:
        raise TabproofError(f"{wrong} samples are not publishable; run `tabproof prove --record`.")
    click.echo(f"{len(samples)} samples are current and publishable", err=True)


@main.command()
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
    from rich.console import Console  # noqa: PLC0415 - the other commands do not need it

    from tabproof.proof import prove as proof  # noqa: PLC0415 - the same
    from tabproof.proof import report  # noqa: PLC0415 - the same
    from tabproof.proof.plan import Selection  # noqa: PLC0415 - the same

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


@main.command()
@click.pass_obj
@reporting
def doctor(root: Path) -> None:
    """Say what this machine has for each language, what is missing, and how to get it."""
    from tabproof.proof import doctor as doctors  # noqa: PLC0415 - the other commands do not need it

    lines = list(doctors.examine(catalog.load(root).languages.values(), root))
    width = max(len(line.subject) for line in lines)
    for line in lines:
        click.echo(f"{'ok     ' if line.fine else 'missing'}  {line.subject:{width}}  {line.words}")
    if not all(line.fine for line in lines):
        click.echo("`tabproof toolchains` installs what Debian and the locks have.", err=True)


@main.command()
@click.pass_obj
@reporting
def toolchains(root: Path) -> None:
    """Install what is missing for the languages: Debian packages, then the samples' libraries.

    What cannot be installed here is named, and its samples are skipped with that reason.
    """
    from tabproof.proof import doctor as doctors  # noqa: PLC0415 - the other commands do not need it

    languages = catalog.load(root).languages.values()
    packages = doctors.missing_packages(languages, root)
    if packages:
        click.echo(f"Installing Debian packages: {' '.join(packages)}", err=True)
        words = doctors.install_packages(packages)
        if words:
            click.echo(f"Not installed, {words}; samples that need them are skipped.", err=True)
    for language in languages:
        for words in doctors.install_libraries(language, root):
            click.echo(f"Not installed, {words}; samples that need it are skipped.", err=True)


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
def _progress() -> Iterator[Progress]:
    """A progress bar on a terminal; nothing elsewhere."""
    from rich.console import Console  # noqa: PLC0415 - only `prove` needs it
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

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


def _status(outcome: Outcome, require: str | None) -> int:
    verdicts = {result.verdict for result in outcome.results}
    if outcome.problems or "failed" in verdicts:
        return NOT_RIGHT
    if "passed" not in verdicts or (require == "all" and "skipped" in verdicts):
        return CANNOT
    return 0
