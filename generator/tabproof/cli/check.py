"""`tabproof check`: compare `samples/` with what the templates make, and with the record."""

from __future__ import annotations

from pathlib import Path

import click

from tabproof.cli.generate import name_foreign_files
from tabproof.cli.handle_errors import faults_raised_last, handle_errors
from tabproof.cli.help_text import epilog
from tabproof.cli.pick_scenario import refuse_no_scenario
from tabproof.errors import ExitStatus, TabproofError, is_or_are, pluralize
from tabproof.model.catalog import Catalog
from tabproof.model.sample import Sample
from tabproof.project import catalog_reader
from tabproof.project.cases import case_finder
from tabproof.samples import record, tree
from tabproof.samples.current import render_all
from tabproof.samples.manifest import GIT_PATTERNS
from tabproof.samples.settled import Settled
from tabproof.samples.status import status_of


@click.command(
    epilog=epilog(
        {
            ExitStatus.DONE: "all is current and publishable",
            ExitStatus.WRONG: "it is not",
            ExitStatus.INVALID_INPUT: "",
        },
        "tabproof check",
        "tabproof check --diff",
    )
)
@click.option("--diff", is_flag=True, help="Show how each sample differs from what it should be.")
@click.pass_obj
@handle_errors
def check(root: Path, *, diff: bool) -> None:
    """Check that samples/ is current and publishable; change nothing there."""
    on_record = record.sha256_of_file(root, record.RECORD)
    kept = catalog_reader.TemplateCaches(root)
    settled = Settled(root, catalog_reader.inputs_digest(root))
    publishable = settled.publishable(on_record)
    known = catalog_reader.load(root, kept, publishable)
    refuse_no_scenario(known, publishable)
    new = render_all(root, known, publishable)
    with faults_raised_last(new.faults):
        found = tree.compare(root, new.samples, settled.parts(publishable), new.faults)
        name_foreign_files(found)
        _check_current(found.differences, diff=diff)
        _check_proved(root, known, new.samples)
        settled.note(new.samples, found, on_record, new.faults)
        kept.save(whole=not publishable)
        if not new.faults:
            words = f"{pluralize(found.count, 'sample')} {is_or_are(found.count)}"
            click.echo(f"{words} current and publishable", err=True)


def _check_current(differences: tuple[tree.Difference, ...], *, diff: bool) -> None:
    """Name the files that are not as they should be.

    Raises:
        TabproofError: there is one.
    """
    for difference in differences:
        by_hand = ", edited by hand" if difference.edited else ""
        click.echo(f"{tree.FOLDER}/{difference.path}: {difference.kind}{by_hand}")
        # The manifest's digests tell nobody anything.
        if diff and difference.path != tree.MANIFEST:
            click.echo(difference.diff(), nl=False)
    if differences:
        _explain_line_ends(differences)
        tree.refuse_hand_edits(differences)
        raise TabproofError(
            f"{pluralize(len(differences), 'file')} of samples/ "
            f"{is_or_are(len(differences))} not current; "
            "run `tabproof generate`"
            f"{'' if diff else ', or see them with `tabproof check --diff`'}."
        )


def _check_proved(root: Path, known: Catalog, samples: list[Sample]) -> None:
    """Name the samples that no page may show.

    Raises:
        TabproofError: there is one.
    """
    proof = record.read(root, record.RECORD)
    find, wrong = case_finder(known.scenarios, known.cases), 0
    for sample in samples:
        cases = find(sample.key.scenario, sample.key.language)
        tools = known.languages[sample.key.language].data.toolchains
        standing = status_of(sample.key, sample.digest, cases, proof, tools)
        if not standing.publishable:
            click.echo(f"{tree.FOLDER}/{sample.path}: {standing.reason}")
            wrong += 1
    if wrong:
        raise TabproofError(
            f"{pluralize(wrong, 'sample')} {is_or_are(wrong)} not publishable; "
            "run `tabproof prove --record`."
        )


def _explain_line_ends(differences: tuple[tree.Difference, ...]) -> None:
    count = sum(difference.by_line_ends for difference in differences)
    if count:
        click.echo(
            f"Only the line ends differ in {pluralize(count, 'file')}: Git wrote CRLF; put these "
            f"into .gitattributes, each with `text eol=lf`: {', '.join(GIT_PATTERNS)}.",
            err=True,
        )
