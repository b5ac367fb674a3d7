"""`tabproof report`: what the record says, without a run."""

from __future__ import annotations

from pathlib import Path

import click

from tabproof.cli import show_report
from tabproof.cli.handle_errors import faults_raised_last, handle_errors
from tabproof.cli.help_text import epilog
from tabproof.cli.pick_scenario import refuse_no_scenario
from tabproof.cli.suggestions import Choice
from tabproof.errors import ExitStatus
from tabproof.project import catalog_reader
from tabproof.proof.prepare.selection import refuse_nothing
from tabproof.proof.reports import formats, report_data
from tabproof.samples import record
from tabproof.samples.current import current_digests, render_all


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
@handle_errors
def report(root: Path, *, form: str) -> None:
    """Say what samples/proof.json says of the samples as they are now; run nothing."""
    known = catalog_reader.load(root)
    refuse_no_scenario(known)
    made = render_all(root, known)
    with faults_raised_last(made.faults):
        if made.samples or not made.faults:
            refuse_nothing(known, made.samples)
            current = current_digests(root, known, made.samples, ())
            on_record = record.read(root, record.RECORD).within(current)
            show_report.write_report(
                form, report_data.report_of_record(made.samples, on_record), known
            )
