"""`tabproof generate` and `tabproof check`: the tree of samples."""

from __future__ import annotations

from pathlib import Path

import click

from tabproof import catalog, record, tree
from tabproof.cases import cases_of
from tabproof.cli.reporting import reporting
from tabproof.errors import TabproofError
from tabproof.render import Renderer


@click.command()
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


@click.command()
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
        scenario = known.scenarios[sample.key.scenario]
        cases = cases_of(scenario, known.cases, sample.key.language)
        standing = record.standing(sample.key, sample.digest, cases, proof)
        if not standing.publishable:
            click.echo(f"{tree.FOLDER}/{sample.path}: {standing.reason}")
            wrong += 1
    if wrong:
        raise TabproofError(f"{wrong} samples are not publishable; run `tabproof prove --record`.")
    click.echo(f"{len(samples)} samples are current and publishable", err=True)
