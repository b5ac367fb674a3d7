"""Define what goes into the sandbox and comes out: JSON, one batch in, one line per run out."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from tabproof.model.case import Action, Certificate, Protocol, Proxy, Resolution, Stall

HOME = "/home/reader"
"""A run's home folder."""

PROJECT = "/project"
"""The folder that holds the sample."""

ELSEWHERE = "/elsewhere"
"""A folder for runs that start in another one than the sample's."""

TRACE = "/trace"
"""In a tracing command, the file that it writes to."""


class Mount(msgspec.Struct, frozen=True):
    """Describe a file or folder of this machine at a path in the sandbox."""

    source: str
    target: str


class ServerPlan(msgspec.Struct, frozen=True):
    """Describe how the mock API behaves in one run."""

    hosts: tuple[str, ...]
    port: int
    listens: bool
    certificate: Certificate
    actions: tuple[Action, ...]
    resolves: Resolution = "normal"
    protocol: Protocol = "tls"
    stall: Stall | None = None
    proxy: Proxy | None = None


Programs: TypeAlias = tuple[tuple[str, ...], tuple[str, ...]]
"""The programs that a run does not find, and those that fail."""


class Run(msgspec.Struct, frozen=True):
    """Describe one run: one sample in one case.

    Attributes:
        mounts: files and folders that it sees, read-only.
        command: the reader's command.
        environment: variable -> value; None removes a variable that every run has.
        home: the key of `Batch.homes` whose home folder it gets; "" for an empty one.
        kill_after_seconds: when a run that does not end is killed.
        folder: the working directory.
        files: path in the sandbox -> content; those in the home folder can be changed.
        hides: programs of this machine that are not on its PATH.
        breaks: programs of this machine in whose place it finds one that fails.
        hidden: folders of this machine in which it sees only its mounts.
        tracer: a command around the reader's, which writes a trace to `TRACE`; empty for none.
        reader_pause_seconds: how long its output is left unread after the first bytes.
        on_terminal: whether its stdin, stdout and stderr are terminals.
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
    breaks: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    tracer: tuple[str, ...] = ()
    reader_pause_seconds: float = 0
    on_terminal: bool = False

    @property
    def programs(self) -> Programs:
        """Return the programs that are not as they are on this machine."""
        return self.hides, self.breaks


class Home(msgspec.Struct, frozen=True):
    """Describe the commands that make a home folder trust the sandbox's authority."""

    commands: tuple[tuple[str, ...], ...]
    mounts: tuple[Mount, ...]


class Batch(msgspec.Struct, frozen=True):
    """Hold everything that one worker runs.

    Attributes:
        work_folder: the folder for all files of the runs.
        processors: how many runs may compute at the same time.
        homes: key -> how the home folder of runs with that key is made.
    """

    work_folder: str
    processors: int
    homes: dict[str, Home]
    runs: tuple[Run, ...]


class Exchange(msgspec.Struct, frozen=True):
    """Hold one request as the mock API received it.

    Attributes:
        host: the name that the connection was made for, by the address that it reached.
        received_at: seconds since the epoch.
        fault: why the bytes are not an HTTP request; "" where they are one.
    """

    host: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    received_at: float
    fault: str = ""

    def header(self, name: str) -> list[str]:
        """Return all values of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


class Contact(msgspec.Struct, frozen=True):
    """Hold one attempt to connect, or one datagram, of a run.

    Attributes:
        at: seconds since the epoch.
        host: the name that leads to the address; the address itself where none does; "" where
            packets were lost.
        lookup: the name that the datagram asks the DNS for.
        is_datagram: whether it is UDP.
    """

    at: float
    host: str
    address: str
    port: int
    lookup: str = ""
    is_datagram: bool = False


class Observation(msgspec.Struct, frozen=True):
    """Hold what was observed of one run.

    Attributes:
        exit_status: None where the run was killed.
        started_at: seconds since the epoch.
        ended_at: seconds since the epoch; 0 where the run was not made.
        connections: how many connections reached the mock API.
        contacts: whom the run contacted, in its own network; empty without one.
        trace: the contents of `TRACE`.
        broken: why the run says nothing about the sample; "" where it does.
        killed: why the run was killed; "" where it ended by itself.
        left: the files and folders that the run made or changed, and that are there at its end.
        lacking: what this machine had not enough of, although nothing else ran: of a failure it
            is not known whether the sample is to blame.
        read_keys: whether the run read what was typed on its terminal, if it had one.
    """

    id: str
    exit_status: int | None = None
    stdout: bytes = b""
    stderr: bytes = b""
    started_at: float = 0.0
    ended_at: float = 0.0
    exchanges: tuple[Exchange, ...] = ()
    connections: int = 0
    contacts: tuple[Contact, ...] = ()
    trace: str = ""
    broken: str = ""
    killed: str = ""
    left: tuple[str, ...] = ()
    lacking: str = ""
    read_keys: bool = False
