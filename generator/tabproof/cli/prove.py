"""`tabproof prove`: run the samples and judge what they do."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from tabproof import manifest
from tabproof.cli import completing, executors, modes
from tabproof.cli.argument import Argument
from tabproof.cli.asked import Asked
from tabproof.cli.epilog import epilog
from tabproof.cli.reporting import reporting
from tabproof.cli.suggestions import Choice
from tabproof.model.language import VARIANTS
from tabproof.proof import isolation
from tabproof.proof.reports import formats


@click.command(
    epilog=epilog(
        "0 something ran and nothing failed, 1 a sample failed, 2 the input is not right, 3 "
        "nothing could run (with --require all: something could not), or the record cannot be "
        "written",
        "tabproof prove --language ruby",
        "tabproof prove --scenario list-users --case success --case status-401",
        "tabproof prove --record",
        "tabproof prove --executor dask:10.0.0.1:8786",
    )
)
@click.option(
    "--scenario",
    "scenarios",
    multiple=True,
    shell_complete=completing.scenarios,
    help="Only this scenario; repeatable.",
)
@click.option(
    "--language",
    "languages",
    multiple=True,
    shell_complete=completing.language,
    help="Only this language; repeatable.",
)
@click.option(
    "--variant", "variants", multiple=True, type=Choice(VARIANTS), help="Only this variant."
)
@click.option(
    "--case",
    "cases",
    multiple=True,
    shell_complete=completing.cases,
    help="Only this case; repeatable.",
)
@click.option("--fresh", is_flag=True, help="Run everything, whatever is on record.")
@click.option("--record", "recording", is_flag=True, help=f"Write {manifest.RECORD}.")
@click.option(
    "--require", type=Choice(["all"]), help="Count a sample that cannot run here as an error."
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    envvar="TABPROOF_JOBS",
    help="Runs at the same time. Default: one more than CPUs.",
)
@click.option(
    "--isolation",
    type=Choice(isolation.CHOICES),
    default=isolation.AUTO,
    show_default=True,
    envvar="TABPROOF_ISOLATION",
    help="`rebased` runs copies that call this machine in the API's place.",
)
@click.option(
    "--executor",
    default=executors.LOCAL,
    show_default=True,
    metavar="[local|dask[:ADDRESS]]",
    help="Where the samples run: here, or on the workers of a Dask scheduler.",
)
@click.option(
    "--format",
    "form",
    type=Choice(formats.OF_A_RUN),
    default=formats.TABLE,
    show_default=True,
    help="What to write on stdout.",
)
@click.option(
    "--merge",
    is_flag=True,
    help=f"Unite records FILE... in {manifest.RECORD}; run nothing.",
)
@click.option("--lint", is_flag=True, help="Ask linters and formatters; run nothing.")
@click.option("--mutate", is_flag=True, help="Run samples that are made wrong; each must fail.")
@click.argument(
    "files",
    cls=Argument,
    nargs=-1,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --merge alone: the records to unite.",
)
@click.pass_obj
@reporting
def prove(root: Path, /, **chosen: Any) -> None:
    """Run the samples as they are in samples/, in a sandbox, and judge what they do.

    What passed before with the same bytes, cases and toolchain is left out; --fresh runs all.
    """
    modes.check(click.get_current_context())
    wanted = [module for flag, module in modes.MODULES.items() if chosen.pop(flag)]
    # What the others need takes its time to be imported.
    mode = import_module(f"{__package__}.{wanted[0] if wanted else modes.PROOF}")
    sys.exit(mode.run(root, Asked(**chosen)))
