"""How far it is, while samples run."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import cache

from tabproof.proof.outcome import Progress

BAR_COLUMNS = 10
"""So narrow that the name of a sample stands beside it in 80 columns."""


@contextmanager
def progress() -> Iterator[Progress]:
    """Show a progress bar on a terminal, from the first call on; nothing elsewhere."""
    with ExitStack() as held:
        bar = cache(lambda: _bar(held))
        shown = sys.stderr.isatty()
        yield lambda done, total, sample: bar()(done, total, sample) if shown else None


def expected(elapsed_seconds: float, done: int, total: int) -> str:
    """Return how long all runs will take, by those that are done; "" before the first one is.

    Args:
        elapsed_seconds: since the first of them began.
        done: how many runs are done.
        total: how many there are.
    """
    if not done:
        return ""
    return f"of about {timedelta(seconds=round(elapsed_seconds * total / done))}"


def _bar(held: ExitStack) -> Progress:
    # Together 45 ms where nothing runs.
    from rich.console import Console  # noqa: PLC0415 - see above
    from rich.progress import (  # noqa: PLC0415 - see above
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )
    from rich.table import Column  # noqa: PLC0415

    bar = held.enter_context(
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
    begun = time.monotonic()

    def update(done: int, total: int, sample: str) -> None:
        bar.update(
            task,
            completed=done,
            total=total,
            description=sample or "preparing",
            expected=expected(time.monotonic() - begun, done, total),
        )

    return update
