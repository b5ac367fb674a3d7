"""What goes into the sandbox and what comes out: JSON, one batch in, one line per run out."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from tabproof.model.case import Answer, Certificate, Wait


class Mount(msgspec.Struct, frozen=True):
    """A file or folder of this machine, read-only, at a path in the sandbox."""

    source: str
    target: str


class AnswerPlan(msgspec.Struct, frozen=True, tag="answer"):
    """Send an answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @classmethod
    def of(cls, answer: Answer) -> AnswerPlan:
        """The plan for a case's answer."""
        return cls(answer.status, answer.headers, answer.body)


class WaitPlan(msgspec.Struct, frozen=True, tag="wait"):
    """Wait for the client to go, at most so long."""

    seconds: float

    @classmethod
    def of(cls, wait: Wait) -> WaitPlan:
        """The plan for a case's wait."""
        return cls(wait.seconds)


ActPlan: TypeAlias = AnswerPlan | WaitPlan


class ServerPlan(msgspec.Struct, frozen=True):
    """How the mock API behaves in one run."""

    hosts: tuple[str, ...]
    port: int
    listens: bool
    certificate: Certificate
    acts: tuple[ActPlan, ...]


class Run(msgspec.Struct, frozen=True):
    """One sample in one case.

    Attributes:
        command: the reader's command; it starts in the folder that holds the sample.
        home: the key of `Batch.homes` whose home folder it gets; "" for an empty one.
        kill_after_seconds: when a run that does not end is ended.
    """

    id: str
    mounts: tuple[Mount, ...]
    command: tuple[str, ...]
    environment: dict[str, str]
    home: str
    server: ServerPlan
    kill_after_seconds: float


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
    broken: str = ""
    killed: str = ""
