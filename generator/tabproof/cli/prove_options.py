"""The options of `tabproof prove`, and which of them mean something together."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path

import click
import msgspec
from click.core import ParameterSource

from tabproof.errors import InputError, MachineError, choose
from tabproof.proof.prepare.selection import Selection
from tabproof.proof.run import local
from tabproof.proof.run.local import Runner

FILES = "FILES"
"""The arguments: records."""

ALL = "all"
"""Require every language."""

MODULES = {"merge": "prove_merge", "lint": "prove_lint", "mutate": "prove_mutate"}
"""The flag that asks for another thing than a proof -> the module of this package that does it."""

SELECTING = frozenset({"--scenario", "--language", "--variant"})

COMPATIBLE = {
    "--merge": frozenset({FILES}),
    "--lint": SELECTING | {"--require", "--jobs"},
    "--mutate": SELECTING | {"--case", "--require", "--jobs", "--isolation", "--executor"},
}
"""The option that asks for it -> the others that mean something with it."""


class ProveOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Hold the values of the options.

    Attributes:
        fresh: whether all is run, whatever is on record.
        recording: whether the record is written.
        require: languages whose samples must run; `all` stands for each of them.
        jobs: how many runs there may be at the same time; None where nobody says.
        isolation: one of `isolation.CHOICES`.
        executor: which machines make the runs.
        form: the format of the report.
        files: records.
    """

    scenarios: tuple[str, ...]
    languages: tuple[str, ...]
    variants: tuple[str, ...]
    cases: tuple[str, ...]
    fresh: bool
    recording: bool
    require: tuple[str, ...]
    jobs: int | None
    isolation: str
    executor: str
    form: str
    files: tuple[Path, ...]

    def check(self, languages: Collection[str]) -> None:
        """Refuse to require a language that there is not.

        Raises:
            InputError: its name is unknown.
        """
        for name in self.require:
            if name not in (ALL, *languages):
                raise InputError(f"--require: unknown language '{name}'; {choose(languages)}.")

    def requires(self, language: str) -> bool:
        """Whether it is an error that a sample of this language cannot run here."""
        return ALL in self.require or language in self.require

    @property
    def selection(self) -> Selection:
        """Which samples, in which cases."""
        return Selection(self.scenarios, self.languages, self.variants, self.cases)


def check(context: click.Context) -> None:
    """Refuse options that would be ignored.

    Raises:
        InputError: with the names of two options that mean nothing together.
    """
    given = list(_options_on_command_line(context))
    if "--jobs" in given and context.params["executor"].startswith(DASK):
        raise InputError(
            "--executor dask and --jobs mean nothing together: each worker makes as many runs at "
            "the same time as it has threads."
        )
    mode = next((option for option in COMPATIBLE if option in given), None)
    if mode is None:
        if FILES in given:
            raise InputError(f"{FILES}: records are given with --merge alone.")
        return
    for option in given:
        if option != mode and option not in COMPATIBLE[mode]:
            raise InputError(f"{mode} and {option} mean nothing together; leave one of them out.")


def _options_on_command_line(context: click.Context) -> Iterator[str]:
    """The options on the command line, in the order of `--help`."""
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if source is ParameterSource.COMMANDLINE:
            yield parameter.opts[0] if isinstance(parameter, click.Option) else FILES


LOCAL, DASK = "local", "dask"
ADDRESS = re.compile(
    r"(?:[a-z][a-z+]*://)?[^\s/:@]+:\d{1,5}|(?:[a-z][a-z+]*://)?\[[0-9a-f:]+\]:\d{1,5}"
)
"""Where a scheduler listens: `HOST:PORT`, with or without its protocol."""


def runner_of(wanted: str, jobs: int | None) -> Runner:
    """What makes the runs.

    Args:
        wanted: `local`, `dask` or `dask:ADDRESS`.
        jobs: how many runs may compute at the same time on this machine; `runs.at_once` if None.

    Raises:
        InputError: there is no such executor.
        MachineError: Dask is not installed.
    """
    name, colon, address = wanted.partition(":")
    if wanted == LOCAL:
        return partial(local.run_locally, processors=jobs)
    if name != DASK or (colon and not ADDRESS.fullmatch(address)):
        raise InputError(
            f"--executor {wanted}: choose local, dask or dask:HOST:PORT, such as "
            "dask:tcp://10.0.0.1:8786."
        )
    try:
        from tabproof.proof.run import cluster  # noqa: PLC0415 - Dask is an extra
    except ModuleNotFoundError as error:
        raise MachineError(
            f"--executor dask: {error.name} is not installed; run `pip install 'tabproof[dask]'`."
        ) from error
    return cluster.cluster_runner(address)
