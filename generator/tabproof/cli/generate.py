"""`tabproof generate`: write the samples."""

from __future__ import annotations

from pathlib import Path

import click

from tabproof.cli.foreign_samples import name_foreign_files
from tabproof.cli.handle_errors import faults_raised_last, handle_errors
from tabproof.cli.help_text import epilog
from tabproof.cli.pick_scenario import refuse_no_scenario
from tabproof.errors import ExitStatus, pluralize
from tabproof.project import catalog_reader
from tabproof.samples import tree
from tabproof.samples.current import render_all
from tabproof.samples.settled import Settled
from tabproof.system.files import exclusive


@click.command(
    epilog=epilog(
        {
            ExitStatus.DONE: "",
            ExitStatus.WRONG: "a sample was edited by hand",
            ExitStatus.INVALID_INPUT: "",
        },
        "tabproof generate",
        "tabproof generate --overwrite",
    )
)
@click.option("--overwrite", is_flag=True, help="Overwrite samples that were edited by hand.")
@click.pass_obj
@handle_errors
def generate(root: Path, *, overwrite: bool) -> None:
    """Render all samples into samples/; write only what changed, remove what is gone."""
    # From the reading of the templates on: else the older of two runs may be the last to write.
    with exclusive(root, _waiting) as alone:
        settled = Settled(root, catalog_reader.inputs_digest(root))
        kept = catalog_reader.TemplateCaches(root)
        known = catalog_reader.load(root, kept, settled.current)
        refuse_no_scenario(known, settled.current)
        new = render_all(root, known, settled.current)
        with faults_raised_last(new.faults):
            found = tree.compare(root, new.samples, settled.parts(settled.current), new.faults)
            edited = [d for d in found.differences if d.edited]
            if edited and not overwrite:
                click.echo("".join(difference.diff() for difference in edited), nl=False)
                tree.refuse_hand_edits(edited)
            tree.write(root, found, alone=alone)
            settled.note(new.samples, found, faults=new.faults)
            kept.save(whole=not settled.current)
            _report(found)


def _report(found: tree.Comparison) -> None:
    for difference in found.differences:
        verb = "removed" if difference.kind == "orphaned" else "wrote"
        click.echo(f"{verb} {tree.FOLDER}/{difference.path}")
    name_foreign_files(found)
    click.echo(
        f"{pluralize(found.count, 'sample')}, {pluralize(len(found.differences), 'file')} changed",
        err=True,
    )


def _waiting() -> None:
    click.echo("waiting for another run of tabproof in this project", err=True)
