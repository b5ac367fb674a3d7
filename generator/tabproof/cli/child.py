"""A program that runs beside this one, and ends with it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tabproof.errors import MachineError
from tabproof.sandbox import processes

YIELDING = 10
"""The niceness of what others need not wait for; the system's own `nice` adds as much."""
GRACE_SECONDS = 3.0
"""How long a program may take to end that was asked to."""


class Child:
    """A program in a session of its own, so that Ctrl-C reaches this one alone."""

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        ended: Callable[[Child], None],
        *,
        aside: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start it.

        Args:
            command: the program and its arguments.
            folder: where it starts.
            ended: called in another thread when it is over.
            aside: keep what it writes, in place of showing it, and let other programs have the
                processors first.
            environment: variables beside this program's own.

        Raises:
            MachineError: it cannot be started.
        """
        pipe = processes.PIPE if aside else None
        setting = processes.Setting(
            folder=folder,
            environment={**os.environ, **(environment or {})},
            grace_seconds=GRACE_SECONDS,
        )
        try:
            self._process = processes.start(command, setting, stdout=pipe, stderr=pipe)
        except OSError as error:
            raise MachineError(f"{command[0]}: cannot be started: {error.strerror}.") from error
        if aside:
            with suppress(AttributeError, OSError):  # Windows; or it is over
                os.setpriority(os.PRIO_PROCESS, self._process.pid, YIELDING)
        self.stdout = self.stderr = b""
        self._ended = ended
        self._thread = threading.Thread(target=self._wait, daemon=True)
        self._thread.start()

    @property
    def exit_status(self) -> int:
        """How it ended."""
        return self._process.returncode

    def _wait(self) -> None:
        stdout, stderr = self._process.communicate()
        self.stdout, self.stderr = stdout or b"", stderr or b""
        processes.end(self._process)
        self._ended(self)

    def interrupt(self) -> None:
        """Ask it to end, as Ctrl-C would."""
        processes.interrupt(self._process)

    def end(self, deadline: float | None = None) -> None:
        """Wait until it is over, then end it and all that it started by force.

        Args:
            deadline: by `time.monotonic`; a while from now if None.
        """
        left = GRACE_SECONDS if deadline is None else deadline - time.monotonic()
        self._thread.join(max(0, left))
        processes.kill(self._process)
        self._thread.join()
