"""`tabproof check`: compare `samples/` with what the templates make, and with the record."""

from __future__ import annotations

from pathlib import Path

import click

from tabproof.cli.generate import name_foreign_files
from tabproof.cli.handle_errors import faults_raised_last, handle_errors
from tabproof.cli.help_text import epilog
from tabproof.cli.pick_scenario import refuse_no_scenario
from tabproof.errors import ExitStatus, TabproofError, is_or_are, listed, pluralize
from tabproof.model.catalog import Catalog
from tabproof.model.sample import Sample
from tabproof.project import catalog_reader
from tabproof.project.cases import case_finder
from tabproof.samples import record_files, tree
from tabproof.samples.coverage import coverage_notes
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
    """Check that samples/ is current and publishable; write nothing."""
    on_record = record_files.sha256_of_file(root, record_files.RECORD)
    caches = catalog_reader.TemplateCaches(root)
    settled = Settled(root, catalog_reader.inputs_digest(root))
    publishable = settled.publishable(on_record)
    catalog = catalog_reader.load(root, caches, publishable)
    refuse_no_scenario(catalog, publishable)
    rendered = render_all(root, catalog, publishable)
    with faults_raised_last(rendered.faults):
        comparison = tree.compare(
            root, rendered.samples, settled.parts(publishable), rendered.faults
        )
        name_foreign_files(comparison)
        _check_current(comparison.differences, diff=diff)
        partly = settled.partly(publishable) | _check_proved(root, catalog, rendered.samples)
        settled.note(rendered.samples, comparison, on_record, rendered.faults, partly)
        caches.save(whole=not publishable)
        if not rendered.faults:
            subject = f"{pluralize(comparison.count, 'sample')} {is_or_are(comparison.count)}"
            click.echo(f"{subject} current and publishable", err=True)
            in_some_cases = [line for lines in partly.values() for line in lines]
            if in_some_cases:
                click.echo(f"not in all of their cases: {listed(in_some_cases)}", err=True)
            for note in coverage_notes(catalog):
                click.echo(note, err=True)


def _check_current(differences: tuple[tree.Difference, ...], *, diff: bool) -> None:
    """Print the files that differ from what the templates make.

    Raises:
        TabproofError: a file differs.
    """
    for difference in differences:
        note = ", edited by hand" if difference.edited else ""
        click.echo(f"{tree.FOLDER}/{difference.path}: {difference.kind}{note}")
        # A diff of the manifest's digests helps nobody.
        if diff and difference.path != tree.MANIFEST:
            click.echo(difference.diff(), nl=False)
    if differences:
        _explain_line_endings(differences)
        tree.refuse_hand_edits(differences)
        raise TabproofError(
            f"{pluralize(len(differences), 'file')} of samples/ "
            f"{is_or_are(len(differences))} not current; "
            "run `tabproof generate`"
            f"{'' if diff else ', or see them with `tabproof check --diff`'}."
        )


def _check_proved(root: Path, catalog: Catalog, samples: list[Sample]) -> dict[str, list[str]]:
    """Print the samples that no page may show.

    Returns:
        Scenario -> a line for each of its samples that passed less than all of its cases.

    Raises:
        TabproofError: there is such a sample.
    """
    proof = record_files.read(root)
    find_cases, unpublishable = case_finder(catalog), 0
    partly: dict[str, list[str]] = {}
    for sample in samples:
        cases = find_cases(sample.key)
        tools = catalog.languages[sample.key.language].data.toolchains
        status = status_of(sample.key, sample.digest, cases, proof, tools)
        if not status.publishable:
            click.echo(f"{tree.FOLDER}/{sample.path}: {status.reason}")
            unpublishable += 1
        elif status.case_count < len(cases):
            line = f"{sample.key.name} ({status.case_count} of {len(cases)})"
            partly.setdefault(sample.key.scenario, []).append(line)
    if unpublishable:
        raise TabproofError(
            f"{pluralize(unpublishable, 'sample')} {is_or_are(unpublishable)} not publishable; "
            "run `tabproof prove --record`."
        )
    return partly


def _explain_line_endings(differences: tuple[tree.Difference, ...]) -> None:
    count = sum(difference.by_line_ends for difference in differences)
    if count:
        click.echo(
            f"Only the line endings differ in {pluralize(count, 'file')}: Git wrote CRLF; add "
            f"these to .gitattributes, each with `text eol=lf`: {', '.join(GIT_PATTERNS)}.",
            err=True,
        )
