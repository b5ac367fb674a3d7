"""`tabproof report`: show the recorded results."""

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
from tabproof.samples import record_files
from tabproof.samples.current import current_state, render_all


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
    help="The format of the report on stdout.",
)
@click.pass_obj
@handle_errors
def report(root: Path, *, form: str) -> None:
    """Show the results in samples/proof.json for the current samples; run nothing."""
    catalog = catalog_reader.load(root)
    refuse_no_scenario(catalog)
    rendered = render_all(root, catalog)
    with faults_raised_last(rendered.faults):
        if rendered.samples or not rendered.faults:
            refuse_nothing(catalog, rendered.samples)
            current = current_state(root, catalog, rendered.samples, ())
            on_record = record_files.read(root).record(current.find_cases).within(current)
            show_report.write_report(
                form,
                report_data.report_of_record(
                    rendered.samples, on_record, catalog, current.find_cases
                ),
                catalog,
            )
