"""`tabproof report`: what the record says, without a run."""

from __future__ import annotations

from pathlib import Path

import click

from tabproof import catalog, record
from tabproof.cli import present, showing
from tabproof.cli.choosing import refuse_no_scenario
from tabproof.cli.epilog import epilog
from tabproof.cli.reporting import reporting, tolerating
from tabproof.cli.suggestions import Choice
from tabproof.errors import ExitStatus
from tabproof.proof.reports import account, formats
from tabproof.proof.selection import refuse_nothing
from tabproof.rendering import rendered


@click.command(
    epilog=epilog(
        {
            ExitStatus.DONE: "",
            ExitStatus.INVALID_INPUT: "",
        },
        "tabproof report",
        "tabproof report --format html > report.html",
    )
)
@click.option(
    "--format",
    "form",
    type=Choice(formats.OF_THE_RECORD),
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
    with tolerating(made.faults):
        if made.samples or not made.faults:
            refuse_nothing(known, made.samples)
            current = present.current(root, known, made.samples, ())
            on_record = record.read(root, record.RECORD).within(current)
            showing.show(form, account.of_record(made.samples, on_record), known)
