"""Show the progress of a proof on a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import cache

from tabproof.proof.outcome import Progress

BAR_COLUMNS = 10
"""Narrow enough for the name of a sample beside it in 80 columns."""


@contextmanager
def progress() -> Iterator[Progress]:
    """Yield a function that shows a progress bar on a terminal, and does nothing elsewhere."""
    with ExitStack() as stack:
        bar = cache(lambda: _bar(stack))
        is_terminal = sys.stderr.isatty()
        yield lambda done, total, sample: bar()(done, total, sample) if is_terminal else None


def expected(elapsed_seconds: float, done: int, total: int) -> str:
    """Return how long all runs will take, estimated from those done; "" before the first is.

    Args:
        elapsed_seconds: since the first of them began.
        done: how many runs are done.
        total: how many there are.
    """
    if not done:
        return ""
    return f"of about {timedelta(seconds=round(elapsed_seconds * total / done))}"


def _bar(stack: ExitStack) -> Progress:
    # 45 ms, which a command that runs nothing does not need.
    from rich.console import Console  # noqa: PLC0415 - see above
    from rich.progress import (  # noqa: PLC0415 - see above
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )
    from rich.table import Column  # noqa: PLC0415

    bar = stack.enter_context(
        Progress(
            BarColumn(BAR_COLUMNS),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[expected]}"),
            TextColumn(
                "{task.description}",
                markup=False,
                table_column=Column(no_wrap=True, overflow="ellipsis"),
            ),
            console=Console(stderr=True),
            transient=True,
        )
    )
    task = bar.add_task("preparing", expected="")
    started = time.monotonic()

    def update(done: int, total: int, sample: str) -> None:
        bar.update(
            task,
            completed=done,
            total=total,
            description=sample or "preparing",
            expected=expected(time.monotonic() - started, done, total),
        )

    return update
