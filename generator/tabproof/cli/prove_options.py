"""Hold the options of `tabproof prove`, and refuse combinations of them that have no meaning."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path

import click
import msgspec
from click.core import ParameterSource

from tabproof.errors import InputError, MachineError, choose
from tabproof.proof.prepare.selection import Freshness, Selection
from tabproof.proof.run import local
from tabproof.proof.run.local import Runner

FILES = "FILES"
"""The name of the arguments, which are records."""

ALL = "all"
"""Require every language."""

MODULES = {"merge": "prove_merge", "lint": "prove_lint", "mutate": "prove_mutate"}
"""Flag of another mode than a proof -> the module of this package for it."""

SELECTING = frozenset({"--scenario", "--language", "--variant"})

COMPATIBLE = {
    "--merge": frozenset({FILES}),
    "--lint": SELECTING | {"--require", "--jobs"},
    "--mutate": SELECTING
    | {"--case", "--fresh", "--require", "--jobs", "--isolation", "--executor"},
}
"""Option of a mode -> the other options that it can be combined with."""


class ProveOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Hold the values of the options.

    Attributes:
        fresh: whether everything is run, even if a result is recorded.
        recording: whether the record is written.
        require: languages whose samples must run; `all` stands for each of them.
        jobs: how many runs there may be at the same time; None for the default.
        isolation: one of `isolation_choice.CHOICES`.
        executor: what runs the samples.
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
        """Refuse to require a language that does not exist.

        Raises:
            InputError: its name is unknown.
        """
        for name in self.require:
            if name not in (ALL, *languages):
                raise InputError(f"--require: unknown language '{name}'; {choose(languages)}.")

    def requires(self, language: str) -> bool:
        """Return whether it is an error that a sample of this language cannot run here."""
        return ALL in self.require or language in self.require

    @property
    def freshness(self) -> Freshness:
        """Return which runs are made although their results are on record."""
        if not self.fresh:
            return "no"
        return "selected cases" if self.cases else "all cases"

    @property
    def of_everything(self) -> bool:
        """Return whether every sample is run in every case."""
        return self.freshness == "all cases" and self.selection == Selection()

    @property
    def selection(self) -> Selection:
        """Return which samples are selected, and in which cases."""
        return Selection(self.scenarios, self.languages, self.variants, self.cases)


def check(context: click.Context) -> None:
    """Refuse options that would be ignored.

    Raises:
        InputError: two options cannot be combined, or FILES lacks --merge.
    """
    used = list(_options_on_command_line(context))
    if "--jobs" in used and context.params["executor"].startswith(DASK):
        raise InputError(
            "--executor dask and --jobs cannot be combined: each worker makes as many runs at the "
            "same time as it has threads."
        )
    mode = next((option for option in COMPATIBLE if option in used), None)
    if mode is None:
        if FILES in used:
            raise InputError(f"{FILES}: only --merge takes records; add it, or leave them out.")
        return
    for option in used:
        if option != mode and option not in COMPATIBLE[mode]:
            raise InputError(f"{mode} and {option} cannot be combined; leave one of them out.")


def _options_on_command_line(context: click.Context) -> Iterator[str]:
    """Yield the options on the command line, in the order of `--help`."""
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if source is ParameterSource.COMMANDLINE:
            yield parameter.opts[0] if isinstance(parameter, click.Option) else FILES


LOCAL, DASK = "local", "dask"
ADDRESS = re.compile(
    r"(?:[a-z][a-z+]*://)?[^\s/:@]+:\d{1,5}|(?:[a-z][a-z+]*://)?\[[0-9a-f:]+\]:\d{1,5}"
)
"""The address of a scheduler: `HOST:PORT`, with or without a protocol."""


def runner_of(executor: str, jobs: int | None) -> Runner:
    """Return what runs the samples.

    Args:
        executor: `local`, `dask` or `dask:ADDRESS`.
        jobs: how many runs there may be at the same time on this machine; None for the default.

    Raises:
        InputError: the executor is unknown.
        MachineError: Dask is not installed.
    """
    name, colon, address = executor.partition(":")
    if executor == LOCAL:
        return partial(local.run_locally, processors=jobs)
    if name != DASK or (colon and not ADDRESS.fullmatch(address)):
        raise InputError(
            f"--executor {executor}: choose local, dask or dask:HOST:PORT, such as "
            "dask:tcp://10.0.0.1:8786."
        )
    try:
        from tabproof.proof.run import cluster  # noqa: PLC0415 - Dask is an extra
    except ModuleNotFoundError as error:
        raise MachineError(
            f"--executor dask: {error.name} is not installed; run `pip install 'tabproof[dask]'`."
        ) from error
    return cluster.cluster_runner(address)
