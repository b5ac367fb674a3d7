"""What `tabproof prove` can do beside a proof, and which options each of these things takes."""

from __future__ import annotations

from collections.abc import Iterator

import click
from click.core import ParameterSource

from tabproof.cli.executors import DASK
from tabproof.errors import InputError

FILES = "FILES"
"""The arguments: records."""

PROOF = "proving"
MODULES = {"merge": "merging", "lint": "linting", "mutate": "mutating"}
"""The flag that asks for another thing than a proof -> the module of this package that does it."""

WHICH = frozenset({"--scenario", "--language", "--variant"})

TAKES = {
    "--merge": frozenset({FILES}),
    "--lint": WHICH | {"--require", "--jobs"},
    "--mutate": WHICH | {"--case", "--require", "--jobs", "--isolation", "--executor"},
}
"""The option that asks for it -> the others that mean something with it."""


def check(context: click.Context) -> None:
    """Refuse options that would be ignored.

    Raises:
        InputError: with the names of two options that mean nothing together.
    """
    given = list(_given(context))
    if "--jobs" in given and context.params["executor"].startswith(DASK):
        raise InputError(
            "--executor dask and --jobs mean nothing together: each worker makes as many runs at "
            "the same time as it has threads."
        )
    mode = next((option for option in TAKES if option in given), None)
    if mode is None:
        if FILES in given:
            raise InputError(f"{FILES}: records are given with --merge alone.")
        return
    for option in given:
        if option != mode and option not in TAKES[mode]:
            raise InputError(f"{mode} and {option} mean nothing together; leave one of them out.")


def _given(context: click.Context) -> Iterator[str]:
    """The options on the command line, in the order of `--help`."""
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if source is ParameterSource.COMMANDLINE:
            yield parameter.opts[0] if isinstance(parameter, click.Option) else FILES
