"""Turn errors that a user can cause into one line on stderr and an exit status."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, ParamSpec

import click

from tabproof.errors import ExitStatus, ScenarioFaultsError, TabproofError
from tabproof.system import interruption

if TYPE_CHECKING:  # commands that read no catalog do not import it
    from tabproof.model.catalog import Fault

P = ParamSpec("P")


def handle_errors(command: Callable[P, None]) -> Callable[P, None]:
    """Make a command end with one line on stderr and an exit status, without a traceback."""

    @functools.wraps(command)
    def wrapped(*arguments: P.args, **options: P.kwargs) -> None:
        try:
            with interruption.interruptible():
                command(*arguments, **options)
        except TabproofError as error:
            print_error(error)
            sys.exit(error.exit_status)
        except click.Abort:
            # At a question, whose line is still open.
            click.echo(f"\n{interruption.LINE}", err=True)
            sys.exit(ExitStatus.INTERRUPTED)
        except KeyboardInterrupt:
            click.echo(interruption.LINE, err=True)
            sys.exit(ExitStatus.INTERRUPTED)

    return wrapped


def print_error(error: TabproofError) -> None:
    """Print an error on stderr, with a line for each fault."""
    for line in error.lines:
        click.echo(f"tabproof: {line}", err=True)


@contextmanager
def faults_raised_last(faults: Iterable[Fault]) -> Iterator[None]:
    """Let a command process everything without a fault, then raise the faults.

    Args:
        faults: those of scenarios that are left out.

    Raises:
        ScenarioFaultsError: there are faults; an error of the command itself comes first.
    """
    errors: list[TabproofError] = [fault.error for fault in faults]
    try:
        yield
    except TabproofError as error:
        if not errors:
            raise
        raise ScenarioFaultsError([error, *errors]) from error
    if errors:
        raise ScenarioFaultsError(errors)
