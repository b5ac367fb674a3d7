"""`tabproof watch`: pages that follow the templates, while people work on them."""

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
"""MkDocs of this program's own environment, whatever lies in the project's folder."""

DEBOUNCE_SECONDS = 0.1
"""How long after a change no other may come for it to be over: editors write in several steps."""

POLL_SECONDS = 0.2
"""How often to look whether the server still runs."""

GRACE_SECONDS = 3
"""How long the server may take to end when it is asked to."""

YIELDING = 10
"""The niceness of proofs: whoever saved a file waits for the page first."""


@click.command(
    epilog=epilog(
        {
            ExitStatus.DONE: "the server ended by itself",
            ExitStatus.INVALID_INPUT: "there is no project here",
            ExitStatus.UNABLE: "the server cannot be started or failed",
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
    """Serve the site while you work: a saved template or scenario is on the page at once.

    Writes samples/ after each change, and proves what the change touched. Until then the page says
    "Not proved yet"; a fault stands on the page and here. The results are this machine's own:
    `tabproof prove --record` records them. Ctrl-C stops it all.
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
    # MkDocs refuses to watch a folder that is not there.
    (root / tree.FOLDER).mkdir(exist_ok=True)
    return (*MKDOCS, "--watch", "templates", "--watch", tree.FOLDER)


@contextmanager
def _running_server(
    command: Sequence[str], root: Path, environment: Mapping[str, str]
) -> Iterator[Process]:
    """Run a server; at the end of this, nothing of it is left.

    Raises:
        MachineError: it cannot be started, or failed.
    """
    setting = ProcessSettings(folder=root, environment=environment, grace_seconds=GRACE_SECONDS)
    with ExitStack() as stack:
        try:
            server = stack.enter_context(running(command, setting, stdout=None, stderr=None))
        except OSError as error:
            words = f"cannot be started: {error.strerror}"
            raise MachineError(f"{command[0]}: {words}.") from error
        yield server
        if server.returncode:
            words = f"ended, exit status {server.returncode}; what it said is above"
            raise MachineError(f"`{' '.join(command)}` {words}.")


class _Session:
    """What happens until Ctrl-C; all in the main thread, but for the calls of `note_change`."""

    def __init__(self, root: Path, options: ProveOptions) -> None:
        self._root = root
        self._options = options
        self._changed = threading.Event()
        self._tasks: list[Task] = []
        self._tried: frozenset[str] = frozenset()

    def note_change(self) -> None:
        """Note that a file of the templates changed: the proof that is under way is of no use."""
        self._changed.set()

    def follow(self, server: Process) -> None:
        """Prove what is not proved, and follow the changes until the server ends."""
        while server.poll() is None:
            if self._changed.is_set():
                self._settle()
                self.regenerate()
            elif self._tasks:
                self._prove(self._tasks[0], server)
            else:
                self._changed.wait(POLL_SECONDS)

    def _settle(self) -> None:
        """Take the changes that come right after the first one as one with it."""
        while self._changed.is_set():
            self._changed.clear()
            self._changed.wait(DEBOUNCE_SECONDS)

    def regenerate(self) -> None:
        """Write the samples, and find out what is to be proved; a fault is told."""
        try:
            done = watch_regenerate.regenerate(self._root)
        except TabproofError as error:
            done = Regenerated()
            print_error(error)
        for line in done.lines:
            click.echo(line)
        if done.faults:
            print_error(ScenarioFaultsError([fault.error for fault in done.faults]))
        self._tasks = [task for task in done.tasks if not task.trials <= self._tried]
        self._rebuild()

    def _prove(self, task: Task, server: Process) -> None:
        click.echo(f"proving {task.language}: {pluralize(len(task.samples), 'sample')}")

        def given_up() -> bool:
            return self._changed.is_set() or server.poll() is not None

        try:
            outcome = watch_regenerate.prove(self._root, task, self._options, given_up)
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
        """Let the server build again, which looks at samples/: pages have something new to say."""
        with suppress(OSError):
            os.utime(self._root / tree.FOLDER / tree.MANIFEST)


def _print_outcome(language: str, outcome: Outcome) -> None:
    for problem in outcome.problems:
        click.echo(problem.line(), err=True)
    verdicts = [result.verdict for result in outcome.results]
    words = ", ".join(f"{verdicts.count(v)} {v}" for v in get_args(Verdict))
    if set(verdicts) <= {"skipped"}:
        reason = next((result.reason for result in outcome.results), "no case is for it")
        words = f"not run, {reason}"
    click.echo(f"{language}: {words}")
