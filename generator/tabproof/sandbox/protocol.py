"""What goes into the sandbox and what comes out: JSON, one batch in, one line per run out."""

from __future__ import annotations

import msgspec

from tabproof.model.case import Action, Certificate, Resolution

HOME = "/home/reader"
"""A run's home folder."""

PROJECT = "/project"
"""The folder that holds the sample."""

ELSEWHERE = "/elsewhere"
"""A folder for runs that start in another one than the sample's."""

TRACE = "/trace"
"""The file that a tracing command writes to."""


class Mount(msgspec.Struct, frozen=True):
    """A file or folder of this machine, read-only, at a path in the sandbox."""

    source: str
    target: str


class ServerPlan(msgspec.Struct, frozen=True):
    """How the mock API behaves in one run."""

    hosts: tuple[str, ...]
    port: int
    listens: bool
    certificate: Certificate
    actions: tuple[Action, ...]
    resolves: Resolution = "normal"


class Run(msgspec.Struct, frozen=True):
    """One sample in one case.

    Attributes:
        command: the reader's command.
        environment: variable -> value, None to take away what a run otherwise finds.
        files: path in the sandbox -> content; those in the home folder can be changed.
        hides: programs of this machine that the run does not find.
        hidden: folders of this machine of which it must see its mounts alone.
        folder: where it starts.
        traces: whether the command writes a trace to `TRACE`.
        home: the key of `Batch.homes` whose home folder it gets; "" for an empty one.
        kill_after_seconds: when a run that does not end is ended.
    """

    id: str
    mounts: tuple[Mount, ...]
    command: tuple[str, ...]
    environment: dict[str, str | None]
    home: str
    server: ServerPlan
    kill_after_seconds: float
    folder: str = PROJECT
    files: dict[str, str] = {}
    hides: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    traces: bool = False


class Home(msgspec.Struct, frozen=True):
    """Commands that make a home folder trust the sandbox's authority."""

    commands: tuple[tuple[str, ...], ...]
    mounts: tuple[Mount, ...]


class Batch(msgspec.Struct, frozen=True):
    """Everything that one worker runs."""

    work_folder: str
    processors: int
    homes: dict[str, Home]
    runs: tuple[Run, ...]


class Exchange(msgspec.Struct, frozen=True):
    """One request as the mock API received it.

    Attributes:
        host: the name that the connection was made for, by the address that it reached.
        received_at: seconds since the epoch.
        fault: why these bytes are no HTTP request; "" where they are one.
    """

    host: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    received_at: float
    fault: str = ""

    def header(self, name: str) -> list[str]:
        """All values of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


class Observation(msgspec.Struct, frozen=True):
    """What one run was seen to do.

    Attributes:
        exit_status: None where the run was ended from outside.
        connections: how many connections reached the mock API.
        trace: what the command wrote to `TRACE`.
        broken: why the run says nothing about the sample; "" where it does.
        killed: why the run was ended from outside; "" where it ended by itself.
    """

    id: str
    exit_status: int | None = None
    stdout: bytes = b""
    stderr: bytes = b""
    started_at: float = 0.0
    exchanges: tuple[Exchange, ...] = ()
    connections: int = 0
    trace: str = ""
    broken: str = ""
    killed: str = ""
