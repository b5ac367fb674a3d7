"""`tabproof record forget`: remove results from the record."""

from __future__ import annotations

from pathlib import Path

import click

from tabproof.cli import complete_values
from tabproof.cli.handle_errors import handle_errors
from tabproof.cli.help_text import Argument, epilog
from tabproof.cli.suggestions import Group
from tabproof.errors import ExitStatus, InputError, choose, pluralize
from tabproof.samples import record_files


@click.group(
    cls=Group,
    epilog=epilog(
        {
            ExitStatus.DONE: "",
            ExitStatus.INVALID_INPUT: "",
            ExitStatus.UNABLE: "the record cannot be written",
        },
        "tabproof record forget list-users/stdlib/ruby",
    ),
)
def record() -> None:
    """Remove results from samples/proof.json."""


@record.command(
    epilog=epilog(
        {
            ExitStatus.DONE: "",
            ExitStatus.INVALID_INPUT: "nothing is on record of a sample",
            ExitStatus.UNABLE: "the record cannot be written",
        },
        "tabproof record forget list-users/stdlib/ruby",
        "tabproof record forget list-users/stdlib/ruby list-users/library/ruby",
    )
)
@click.argument(
    "samples",
    cls=Argument,
    nargs=-1,
    required=True,
    shell_complete=complete_values.recorded_samples,
    help="The names of samples, such as list-users/stdlib/ruby.",
)
@click.pass_obj
@handle_errors
def forget(root: Path, /, samples: tuple[str, ...]) -> None:
    """Remove all results of these samples, failures too, with every toolchain.

    A failure stays on record until its sample passes every case in one `tabproof prove --fresh`.
    This is the other way to be rid of it, and everybody sees it: the lines are gone from
    samples/proof.json, and the samples are not publishable until they are proved again.
    """
    on_record = set(record_files.samples_on_record(root))
    for name in samples:
        if name not in on_record:
            raise InputError(f"{name}: nothing is on record of it; {choose(on_record, name)}.")
    record_files.forget(root, samples)
    click.echo(f"removed what was on record of {pluralize(len(set(samples)), 'sample')}", err=True)
