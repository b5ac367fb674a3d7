"""`tabproof watch`: pages that follow the templates, while people work on them."""

from __future__ import annotations

import os
import queue
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

import click
import msgspec

from tabproof import catalog, interruption, tree
from tabproof.cli.argument import Argument
from tabproof.cli.changes import watched
from tabproof.cli.child import GRACE_SECONDS, Child
from tabproof.cli.epilog import epilog
from tabproof.cli.renewal import Task, renew
from tabproof.cli.reporting import reporting, tell
from tabproof.cli.settings import environment
from tabproof.counting import counted
from tabproof.errors import MachineError, ScenarioFaultsError, TabproofError
from tabproof.tabs.live import VARIABLE

PYTHON = (sys.executable, "-P", "-m")
"""Runs a module of this program's own environment, whatever lies in the project's folder."""

SETTLED_SECONDS = 0.1
"""How long after a change no other may come for it to be over: editors write in several steps."""


@click.command(
    epilog=epilog(
        "130 after Ctrl-C, 0 when the server ended by itself, 2 there is no project here, 3 the "
        "server cannot be started or failed",
        "tabproof watch",
        "tabproof watch -- mkdocs serve --dev-addr localhost:9000",
    )
)
@click.argument(
    "command",
    cls=Argument,
    nargs=-1,
    metavar="[-- COMMAND...]",
    type=click.UNPROCESSED,
    help="The server. Default: mkdocs serve.",
)
@click.pass_obj
@reporting
def watch(root: Path, /, *, command: tuple[str, ...]) -> None:
    """Serve the site while you work: a saved template or scenario is on the page at once.

    Writes samples/ after each change, and proves what the change touched. Until then the page says
    "Not proved yet"; a fault stands on the page and here. The results are this machine's own:
    `tabproof prove --record` records them. Ctrl-C stops it all.
    """
    folder = root / "templates"
    if not folder.is_dir():
        catalog.load(root)
    server = command or _mkdocs(root)
    with _Session(root) as session, watched(folder, session.changed):
        session.work(server)


def _mkdocs(root: Path) -> tuple[str, ...]:
    # MkDocs refuses to watch a folder that is not there.
    (root / tree.FOLDER).mkdir(exist_ok=True)
    folders = (word for name in ("templates", tree.FOLDER) for word in ("--watch", name))
    return (*PYTHON, "mkdocs", "serve", *folders)


class _Session:
    """What goes on until Ctrl-C; all in the main thread, but for the calls of `changed`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._environment = environment(click.get_current_context())
        self._events: queue.SimpleQueue[Child | None] = queue.SimpleQueue()
        self._server: Child | None = None
        self._proof: tuple[Child, Task] | None = None
        self._tasks: list[Task] = []
        self._tried: frozenset[str] = frozenset()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        children = [self._server, self._proof[0] if self._proof else None]
        deadline = time.monotonic() + GRACE_SECONDS
        for child in filter(None, children):
            child.interrupt()
        for child in filter(None, children):
            child.end(deadline)

    def changed(self) -> None:
        """Say that a file of the templates changed; called in any thread."""
        self._events.put(None)

    def work(self, server: tuple[str, ...]) -> None:
        """Start the server and follow the changes until it ends.

        Raises:
            MachineError: the server cannot be started, or failed.
            KeyboardInterrupt: Ctrl-C.
        """
        self._renew()
        live = self._environment | {VARIABLE: "1"}
        with interruption.held():
            self._server = Child(server, self._root, self._events.put, environment=live)
        while True:
            event = self._events.get()
            if event is None:
                self._settle()
                self._renew()
            elif event is self._server:
                if event.exit_status:
                    words = f"`{' '.join(server)}` ended, exit status {event.exit_status}"
                    raise MachineError(f"{words}; what it said is above.")
                return
            elif self._proof and event is self._proof[0]:
                self._proved(*self._proof)

    def _settle(self) -> None:
        """Take the changes that come right after the first one as one with it."""
        others = []
        with suppress(queue.Empty):
            while True:
                event = self._events.get(timeout=SETTLED_SECONDS)
                if event is not None:
                    others.append(event)
        for event in others:
            self._events.put(event)

    def _renew(self) -> None:
        try:
            renewal = renew(self._root)
        except TabproofError as error:
            tell(error)
            self._rebuild()
            return
        for path in renewal.changed:
            click.echo(f"wrote {path}")
        if renewal.faults:
            tell(ScenarioFaultsError([fault.error for fault in renewal.faults]))
        self._rebuild()
        self._tasks = [task for task in renewal.tasks if not task.digests <= self._tried]
        if self._proof and self._proof[1] in self._tasks:
            self._tasks.remove(self._proof[1])
        elif self._proof:
            child, self._proof = self._proof[0], None
            child.interrupt()
            child.end()
        self._prove_next()

    def _prove_next(self) -> None:
        if self._proof or not self._tasks:
            return
        task = self._tasks.pop(0)
        click.echo(f"proving {task.language}: {counted(task.count, 'sample')}")
        command = (*PYTHON, "tabproof", "--root", str(self._root), *task.arguments)
        with interruption.held():
            own, put = self._environment, self._events.put
            child = Child(command, self._root, put, aside=True, environment=own)
            self._proof = child, task

    def _proved(self, child: Child, task: Task) -> None:
        self._proof = None
        self._tried |= task.digests
        self._tell(child, task)
        self._rebuild()
        self._prove_next()

    def _rebuild(self) -> None:
        """Let the server build again, which looks at samples/: pages have something new to say."""
        with suppress(OSError):
            os.utime(self._root / tree.FOLDER / tree.MANIFEST)

    def _tell(self, child: Child, task: Task) -> None:
        try:
            report = msgspec.json.decode(child.stdout, type=_Report)
        except msgspec.MsgspecError:
            click.echo(child.stderr.decode(errors="replace"), err=True, nl=False)
            return
        for problem in report.problems:
            place = f"{problem.file}:{problem.line}" if problem.line else problem.file
            click.echo(f"{place}: {problem.cases[0]}: {problem.message}", err=True)
        counts = report.summary
        words = f"{counts.passed} passed, {counts.failed} failed, {counts.skipped} skipped"
        if not counts.passed and not counts.failed:
            results = (result for sample in report.samples for result in sample.results)
            words = f"not run, {next((result.reason for result in results), 'no case is for it')}"
        click.echo(f"{task.language}: {words}")


class _Problem(msgspec.Struct, frozen=True):
    file: str
    line: int | None
    cases: tuple[str, ...]
    message: str


class _Summary(msgspec.Struct, frozen=True):
    passed: int
    failed: int
    skipped: int


class _Result(msgspec.Struct, frozen=True):
    reason: str


class _Sample(msgspec.Struct, frozen=True):
    results: tuple[_Result, ...]


class _Report(msgspec.Struct, frozen=True):
    """What `tabproof prove --format json` writes, as far as it is told here."""

    summary: _Summary
    samples: tuple[_Sample, ...]
    problems: tuple[_Problem, ...]
