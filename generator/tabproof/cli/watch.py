"""`tabproof watch`: serve the site, and update it when a template or a scenario changes."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import get_args

import click

from tabproof.cli import option_defaults, watch_regenerate
from tabproof.cli.file_changes import watch_folder
from tabproof.cli.handle_errors import handle_errors, print_error
from tabproof.cli.help_text import Argument, epilog
from tabproof.cli.prove import options_of
from tabproof.cli.prove_options import ProveOptions
from tabproof.cli.watch_regenerate import Regenerated, Task
from tabproof.errors import ExitStatus, MachineError, ScenarioFaultsError, TabproofError, pluralize
from tabproof.model.result import Verdict
from tabproof.pages.site import LIVE_VARIABLE
from tabproof.project import catalog_reader
from tabproof.proof.outcome import Outcome
from tabproof.samples import tree
from tabproof.system.processes import Process, ProcessSettings, running

MKDOCS = (sys.executable, "-P", "-m", "mkdocs", "serve")
"""MkDocs of this program's own environment; `-P`: modules in the project's folder are ignored."""

DEBOUNCE_SECONDS = 0.1
"""How long to wait for further changes after one: editors save in several steps."""

POLL_SECONDS = 0.2
"""How often to check that the server still runs."""

GRACE_SECONDS = 3
"""How long the server may take to end after SIGINT."""

YIELDING = 10
"""The niceness of proofs: the page comes first."""


@click.command(
    epilog=epilog(
        {
            ExitStatus.DONE: "the server ended by itself",
            ExitStatus.INVALID_INPUT: "no project",
            ExitStatus.UNABLE: "the server cannot be started, or failed",
            ExitStatus.INTERRUPTED: "after Ctrl-C",
        },
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
@handle_errors
def watch(root: Path, /, *, command: tuple[str, ...]) -> None:
    """Serve the site and update it while you work on templates and scenarios.

    Writes samples/ after each change, and proves the changed samples. Until then the page shows
    "Not proved yet". A fault is shown on the page and in the terminal. Results are stored on this
    machine; `tabproof prove --record` records them. Ctrl-C stops the server.
    """
    templates = root / "templates"
    if not templates.is_dir():
        catalog_reader.load(root)
    context = click.get_current_context()
    session = _Session(root, options_of(context.find_root()))
    environment = os.environ | option_defaults.inherited_environment(context) | {LIVE_VARIABLE: "1"}
    with watch_folder(templates, session.note_change):
        session.regenerate()
        with _running_server(command or _mkdocs(root), root, environment) as server:
            os.nice(YIELDING)
            session.follow(server)


def _mkdocs(root: Path) -> tuple[str, ...]:
    # MkDocs refuses to watch a folder that does not exist.
    (root / tree.FOLDER).mkdir(exist_ok=True)
    return (*MKDOCS, "--watch", "templates", "--watch", tree.FOLDER)


@contextmanager
def _running_server(
    command: Sequence[str], root: Path, environment: Mapping[str, str]
) -> Iterator[Process]:
    """Run a server, and end all its processes afterwards.

    Raises:
        MachineError: it cannot be started, or failed.
    """
    setting = ProcessSettings(folder=root, environment=environment, grace_seconds=GRACE_SECONDS)
    with ExitStack() as stack:
        try:
            server = stack.enter_context(running(command, setting, stdout=None, stderr=None))
        except OSError as error:
            raise MachineError(f"{command[0]}: cannot be started: {error.strerror}.") from error
        yield server
        if server.returncode:
            status = f"exit status {server.returncode}"
            raise MachineError(f"`{' '.join(command)}` ended with {status}; its output is above.")


class _Session:
    """Follow the changes until Ctrl-C, in the main thread but for the calls of `note_change`."""

    def __init__(self, root: Path, options: ProveOptions) -> None:
        self._root = root
        self._options = options
        self._changed = threading.Event()
        self._tasks: list[Task] = []
        self._tried: frozenset[str] = frozenset()

    def note_change(self) -> None:
        """Note that a file of the templates changed, which makes the running proof obsolete."""
        self._changed.set()

    def follow(self, server: Process) -> None:
        """Prove what is not proved, and follow the changes until the server ends."""
        while server.poll() is None:
            if self._changed.is_set():
                self._debounce()
                self.regenerate()
            elif self._tasks:
                self._prove(self._tasks[0], server)
            else:
                self._changed.wait(POLL_SECONDS)

    def _debounce(self) -> None:
        """Wait until no further change follows: editors save in several steps."""
        while self._changed.is_set():
            self._changed.clear()
            self._changed.wait(DEBOUNCE_SECONDS)

    def regenerate(self) -> None:
        """Write the samples and list what is to be proved; print faults."""
        try:
            regenerated = watch_regenerate.regenerate(self._root)
        except TabproofError as error:
            regenerated = Regenerated()
            print_error(error)
        for line in regenerated.lines:
            click.echo(line)
        if regenerated.faults:
            print_error(ScenarioFaultsError([fault.error for fault in regenerated.faults]))
        self._tasks = [task for task in regenerated.tasks if not task.trials <= self._tried]
        self._rebuild()

    def _prove(self, task: Task, server: Process) -> None:
        click.echo(f"proving {task.language}: {pluralize(len(task.samples), 'sample')}")

        def is_cancelled() -> bool:
            return self._changed.is_set() or server.poll() is not None

        try:
            outcome = watch_regenerate.prove(self._root, task, self._options, is_cancelled)
        except TabproofError as error:
            print_error(error)
        else:
            if outcome is None:
                return
            _print_outcome(task.language, outcome)
        self._tasks.pop(0)
        self._tried |= task.trials
        self._rebuild()

    def _rebuild(self) -> None:
        """Make the server, which watches samples/, build the pages again."""
        with suppress(OSError):
            os.utime(self._root / tree.FOLDER / tree.MANIFEST)


def _print_outcome(language: str, outcome: Outcome) -> None:
    for problem in outcome.problems:
        click.echo(problem.line(), err=True)
    verdicts = [result.verdict for result in outcome.results]
    summary = ", ".join(f"{verdicts.count(v)} {v}" for v in get_args(Verdict))
    if set(verdicts) <= {"skipped"}:
        reason = next((result.reason for result in outcome.results), "no case applies")
        summary = f"not run, {reason}"
    click.echo(f"{language}: {summary}")
