"""What a user can cause ends in one line on stderr and an exit status, never in a traceback."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, ParamSpec

import click

from tabproof.errors import ExitStatus, ScenarioFaultsError, TabproofError
from tabproof.system import interruption

if TYPE_CHECKING:  # the catalog would be imported by commands that read none
    from tabproof.model.catalog import Fault

P = ParamSpec("P")


def handle_errors(command: Callable[P, None]) -> Callable[P, None]:
    """One line on stderr and an exit status for everything that a user can cause."""

    @functools.wraps(command)
    def wrapped(*arguments: P.args, **options: P.kwargs) -> None:
        try:
            with interruption.interruptible():
                command(*arguments, **options)
        except TabproofError as error:
            print_error(error)
            sys.exit(error.exit_status)
        except click.Abort:
            # At a question, which stands in an open line.
            click.echo(f"\n{interruption.LINE}", err=True)
            sys.exit(ExitStatus.INTERRUPTED)
        except KeyboardInterrupt:
            click.echo(interruption.LINE, err=True)
            sys.exit(ExitStatus.INTERRUPTED)

    return wrapped


def print_error(error: TabproofError) -> None:
    """Print what is wrong on stderr, a line for each fault."""
    for line in error.lines:
        click.echo(f"tabproof: {line}", err=True)


@contextmanager
def faults_raised_last(faults: Iterable[Fault]) -> Iterator[None]:
    """Let a command do its work for all that is not at fault.

    Raises:
        ScenarioFaultsError: there is a fault; what else was wrong stands before it.
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
