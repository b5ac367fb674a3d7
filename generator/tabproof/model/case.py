"""A case: one situation that one scenario's samples are run in, with nothing left to look up."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from tabproof.model.fields import FileFormat, Positive

MOCK_API_VERSION = 2
"""Raised when the mock API or the checks change what a result means; part of a result's key."""

BODY = "{body}"
"""Stands for an answer's body in an expectation."""

Certificate: TypeAlias = Literal["trusted", "unknown", "expired", "wrong-host"]
Resolution: TypeAlias = Literal["normal", "none", "dual-stack"]
Framing: TypeAlias = Literal["length", "chunked", "close"]


class Expectation(FileFormat, frozen=True, kw_only=True):
    """What must be seen.

    In `stdout`, `stderr` and `stderr_has`, `{body}` and `{status}` stand for the answer and
    `{environment}` for the variable of the row's credential. Where the tool's own words will
    do, `stderr_lines` gives the least and the most lines, and `stderr_has` is a pattern that
    they must hold.

    Attributes:
        exit_status: the exit status.
        stdout: standard output, exactly.
        stderr: standard error, exactly.
        stderr_lines: the least and the most lines on standard error.
        stderr_has: a pattern that standard error holds.
        requests: how many requests the mock API sees.
    """

    exit_status: int
    stdout: str = ""
    stderr: str | None = None
    stderr_lines: tuple[Positive, Positive] | None = None
    stderr_has: str = ""
    requests: Annotated[int, msgspec.Meta(ge=0)]

    def __post_init__(self) -> None:
        """An expectation that says nothing about stderr would always hold."""
        if (self.stderr is None) == (self.stderr_lines is None):
            raise ValueError("give exactly one of `stderr` and `stderr_lines`")


class Delivery(FileFormat, frozen=True, kw_only=True):
    """How an answer's body goes over the wire (RFC 9112, sections 6 and 7).

    Attributes:
        framing: `length` names it in a header, `chunked` cuts it in chunks, `close` ends it by
            closing the connection.
        chunk_bytes: the size of a chunk.
        gzip: compress the body where the client asked for that (RFC 9110, section 8.4.1.3).
        cut_after_bytes: close the connection after so many bytes of the body.
    """

    framing: Framing = "length"
    chunk_bytes: Positive = 65536
    gzip: bool = False
    cut_after_bytes: Annotated[int, msgspec.Meta(ge=0)] | None = None


class Answer(msgspec.Struct, frozen=True, tag="answer"):
    """Send an answer.

    Attributes:
        body: what is sent after the head, once or so many times.
        times: how often, where that is more than once; else it is in no case's digest.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    delivery: Delivery = Delivery()
    times: int | msgspec.UnsetType = msgspec.UNSET

    @property
    def content(self) -> bytes:
        """All that is sent after the head; it may be megabytes."""
        return self.body if self.times is msgspec.UNSET else self.body * self.times


class Wait(msgspec.Struct, frozen=True, tag="wait"):
    """Wait for the client to go, at most so long."""

    seconds: float


class Send(msgspec.Struct, frozen=True, tag="send"):
    """Send bytes that are no answer, and close the connection."""

    content: bytes


class Close(msgspec.Struct, frozen=True, tag="close"):
    """Close the connection without a byte."""


Action: TypeAlias = Answer | Wait | Send | Close
"""One thing that the mock API does with a request."""


class Clock(FileFormat, frozen=True, kw_only=True):
    """The clock that a run sees, by libfaketime.

    Attributes:
        at_seconds: seconds since the epoch when a process starts.
        step_seconds: how far the clock moves at each reading; it runs by itself where this is 0.
    """

    at_seconds: int
    step_seconds: Annotated[int, msgspec.Meta(ge=0)] = 0


class Situation(FileFormat, frozen=True, kw_only=True):
    """What a run finds around it, beside the credentials and the mock API.

    Attributes:
        environment: variable -> value; null takes away what a run otherwise finds.
        files: path -> content; a path that begins with `~/` is in the home folder, another is
            beside the sample.
        elsewhere: path -> content of files in another folder, in which the run then starts.
        hides: programs that are not there.
        options: runtime -> options between the interpreter and the sample.
        clock: the clock that the run sees.
        traced: note the arguments of every process that the sample starts.
    """

    environment: dict[str, str | None] = {}
    files: dict[str, str] = {}
    elsewhere: dict[str, str] = {}
    hides: tuple[str, ...] = ()
    options: dict[str, tuple[str, ...]] = {}
    clock: Clock | None = None
    traced: bool = False


class Case(msgspec.Struct, frozen=True):
    """A row of `cases.yml` for one scenario.

    Attributes:
        languages: the languages that are run in it; all where empty.
        credentials: environment variable -> value, None where it is not set.
        actions: what the mock API does with each request.
        expect: what must be seen. A body that is sent many times is still `{body}` in it: a digest
            of its megabytes, for each scenario, would take longer than all others.
        digest: SHA-256 of all that the case asks and expects, the mock API's version included.
        outcome: the name of what must be seen; languages word it by that name. It is in no case's
            digest: what it stands for is.
    """

    name: str
    reason: str
    languages: tuple[str, ...]
    listens: bool
    resolves: Resolution
    certificate: Certificate
    other_hosts: tuple[str, ...]
    actions: tuple[Action, ...]
    credentials: dict[str, str | None]
    situation: Situation
    expect: Expectation
    stderr_never: tuple[str, ...]
    digest: str
    outcome: str | msgspec.UnsetType = msgspec.UNSET

    @property
    def waits(self) -> bool:
        """Whether the mock API keeps the sample waiting."""
        return any(isinstance(action, Wait) for action in self.actions)

    @property
    def full_expectation(self) -> Expectation:
        """What must be seen, whole."""
        answer = self.answer
        if answer is None or answer.times is msgspec.UNSET:
            return self.expect
        text = answer.content.decode()
        expect = self.expect
        return msgspec.structs.replace(
            expect,
            stdout=expect.stdout.replace(BODY, text),
            stderr=None if expect.stderr is None else expect.stderr.replace(BODY, text),
            stderr_has=expect.stderr_has.replace(BODY, text),
        )

    @property
    def answer(self) -> Answer | None:
        """The last answer that is sent."""
        return next((a for a in reversed(self.actions) if isinstance(a, Answer)), None)
