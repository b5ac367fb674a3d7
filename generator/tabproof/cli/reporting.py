"""What a user can cause ends in one line on stderr and an exit status, never in a traceback."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import ParamSpec

import click

from tabproof import interruption
from tabproof.errors import ExitStatus, TabproofError

P = ParamSpec("P")


def reporting(command: Callable[P, None]) -> Callable[P, None]:
    """One line on stderr and an exit status for everything that a user can cause."""

    @functools.wraps(command)
    def wrapped(*arguments: P.args, **options: P.kwargs) -> None:
        try:
            with interruption.working():
                command(*arguments, **options)
        except TabproofError as error:
            click.echo(f"tabproof: {error}", err=True)
            sys.exit(error.exit_status)
        except click.Abort:
            # At a question, which stands in an open line.
            click.echo(f"\n{interruption.LINE}", err=True)
            sys.exit(ExitStatus.INTERRUPTED)
        except KeyboardInterrupt:
            click.echo(interruption.LINE, err=True)
            sys.exit(ExitStatus.INTERRUPTED)

    return wrapped
