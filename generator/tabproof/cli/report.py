"""`tabproof report`: what the record says, without a run."""

from __future__ import annotations

from pathlib import Path

import click

from tabproof import catalog, record
from tabproof.cli import present
from tabproof.cli.choosing import refuse_no_scenario
from tabproof.cli.epilog import epilog
from tabproof.cli.reporting import reporting, tolerating
from tabproof.cli.showing import showing
from tabproof.proof.reports import account, formats
from tabproof.rendering import rendered


@click.command(
    epilog=epilog(
        "0 done, 2 the input is not right",
        "tabproof report",
        "tabproof report --format html > report.html",
    )
)
@click.option(
    "--format",
    "form",
    type=click.Choice(formats.NAMES),
    default=formats.TABLE,
    show_default=True,
    help="What to write on stdout.",
)
@click.pass_obj
@reporting
def report(root: Path, *, form: str) -> None:
    """Say what samples/proof.json says of the samples as they are now; run nothing."""
    known = catalog.load(root)
    refuse_no_scenario(known)
    made = rendered(root, known)
    samples = made.samples
    on_record = record.read(root, record.RECORD).present(
        present.sample_digests(root, samples), present.case_digests(known)
    )
    with tolerating(made.faults):
        if samples:
            showing(form)(account.of_record(samples, on_record), known)
