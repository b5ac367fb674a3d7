"""How far it is, while samples run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache

from tabproof.proof.outcome import Progress


@contextmanager
def progress() -> Iterator[Progress]:
    """A progress bar on a terminal, from the first call on; nothing elsewhere."""
    with ExitStack() as held:
        bar = cache(lambda: _bar(held))
        shown = sys.stderr.isatty()
        yield lambda done, total: bar()(done, total) if shown else None


def _bar(held: ExitStack) -> Progress:
    # Together 45 ms where nothing runs.
    from rich.console import Console  # noqa: PLC0415 - see above
    from rich.progress import (  # noqa: PLC0415 - see above
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
    )

    columns = TextColumn("running samples"), BarColumn(), MofNCompleteColumn()
    bar = held.enter_context(Progress(*columns, console=Console(stderr=True), transient=True))
    task = bar.add_task("")
    return lambda done, total: bar.update(task, completed=done, total=total)
