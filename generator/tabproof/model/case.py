"""Hold a case: one situation in which the samples of a scenario are run."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from tabproof.model.fields import FileFormat, Positive

MOCK_API_VERSION = 4
"""Part of every case's digest: raise it when the mock API changes a result."""

JUDGE_VERSION = 1
"""Part of every case's digest: raise it when the same observations are judged otherwise."""

BODY = "{body}"
"""The placeholder for a response's body in an expectation."""

Certificate: TypeAlias = Literal[
    "trusted", "unknown", "self-signed", "expired", "not-yet-valid", "wrong-host", "no-authority"
]
Protocol: TypeAlias = Literal["tls", "tls-1.1", "tls-1.2", "tls-1.3", "http"]
Resolution: TypeAlias = Literal["normal", "none", "dual-stack", "ipv6"]
Stage: TypeAlias = Literal["connection", "handshake"]
Framing: TypeAlias = Literal["length", "chunked", "close"]
Ending: TypeAlias = Literal["cut", "goodbye", "reset"]
"""How a connection ends: just so, after TLS's close_notify (RFC 8446, section 6.1), or with RST."""


class Expectation(FileFormat, frozen=True, kw_only=True):
    """Describes what a sample must do in a case.

    In `stdout`, `stderr` and `stderr_has`, `{body}` and `{status}` stand for the response,
    `{environment}` for the variable of the row's credential, and `{key_bytes}` for the length of
    the hash that signs, which some libraries want of a key. Where the runtime's own message
    will do, `stderr_lines` gives the least and the most lines, and `stderr_has` is a pattern
    that they must match.

    Attributes:
        exit_status: the exit status.
        stdout: the exact text on standard output.
        stderr: the exact text on standard error.
        stderr_lines: the least and the most lines on standard error.
        stderr_has: a pattern that must match somewhere in standard error.
        requests: how many requests the mock API must receive.
        connections: how many connections must reach the mock API at least.
    """

    exit_status: int
    stdout: str = ""
    stderr: str | None = None
    stderr_lines: tuple[Positive, Positive] | None = None
    stderr_has: str = ""
    requests: Annotated[int, msgspec.Meta(ge=0)]
    connections: Annotated[int, msgspec.Meta(ge=0)] = 0

    def __post_init__(self) -> None:
        """Refuse an expectation without stderr: anything would pass it."""
        if (self.stderr is None) == (self.stderr_lines is None):
            raise ValueError("give exactly one of `stderr` and `stderr_lines`")


class Delivery(FileFormat, frozen=True, kw_only=True):
    """Describes how a response's body is sent (RFC 9112, sections 6 and 7).

    Attributes:
        framing: how its end is marked: `length` sends a Content-Length, `chunked` sends chunks,
            `close` closes the connection.
        chunk_bytes: the size of a chunk in bytes.
        gzip: whether to compress the body for clients that accept gzip (RFC 9110, section
            8.4.1.3).
        cut_after_bytes: close the connection after this many bytes of the body.
        ending: how it is closed then: just so, after TLS's close_notify (RFC 8446, section 6.1), or
            with a reset.
        header_bytes: how many bytes of further headers are sent, in lines of 1,000.
        has_phrase: whether the status line has a reason phrase, which is optional (RFC 9112,
            section 4).
        stall_after_bytes: send this many bytes of the body and no more; what the server does next
            is the next of its acts.
    """

    framing: Framing = "length"
    chunk_bytes: Positive = 65536
    gzip: bool = False
    cut_after_bytes: Annotated[int, msgspec.Meta(ge=0)] | None = None
    ending: Ending = "cut"
    header_bytes: Annotated[int, msgspec.Meta(ge=0)] = 0
    has_phrase: bool = True
    stall_after_bytes: Annotated[int, msgspec.Meta(ge=0)] | None = None


class Answer(msgspec.Struct, frozen=True, tag="answer"):
    """Send a response.

    Attributes:
        body: what is sent after the headers.
        times: how often the body is sent; unset for once, so that it is in no digest then.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    delivery: Delivery = Delivery()
    times: int | msgspec.UnsetType = msgspec.UNSET

    @property
    def content(self) -> bytes:
        """Return all that is sent after the headers; it may be megabytes."""
        return self.body if self.times is msgspec.UNSET else self.body * self.times


class Wait(msgspec.Struct, frozen=True, tag="wait"):
    """Wait until the client disconnects, at most this long."""

    seconds: float


class Send(msgspec.Struct, frozen=True, tag="send"):
    """Send bytes that are not HTTP, and close the connection."""

    content: bytes


class Close(msgspec.Struct, frozen=True, tag="close"):
    """Close the connection without sending a byte."""

    ending: Ending = "cut"


Action: TypeAlias = Answer | Wait | Send | Close
"""One thing that the mock API does with a request."""


class Stall(msgspec.Struct, frozen=True):
    """Let a client wait at a stage before its request.

    Attributes:
        stage: with `connection` nothing answers the first packet of a connection, with
            `handshake` nothing answers the client's part of TLS.
        seconds: for how long.
    """

    stage: Stage
    seconds: float


class Proxy(FileFormat, frozen=True, kw_only=True):
    """Describes a proxy that takes a client to the API (RFC 9110, section 9.3.6: CONNECT).

    Attributes:
        host: its host name.
        port: its port.
    """

    host: str
    port: Positive


class Clock(FileFormat, frozen=True, kw_only=True):
    """Sets the clock that a run sees, by libfaketime.

    Attributes:
        at_seconds: the time at the start of each process, in seconds since the epoch.
        step_seconds: how far the clock moves at each reading; 0 lets it run as usual.
        stands: whether the clock stands still.
    """

    at_seconds: int | float
    step_seconds: Annotated[int, msgspec.Meta(ge=0)] = 0
    stands: bool = False


class Situation(FileFormat, frozen=True, kw_only=True):
    """Describes the environment of a run, beside the credentials and the mock API.

    Attributes:
        environment: variable -> value; null unsets it.
        files: path -> content; a path that begins with `~/` is in the home folder, another is
            beside the sample.
        elsewhere: path -> content of files in another folder, which becomes the working
            directory of the run.
        hides: programs that the run does not find.
        breaks: programs that the run finds and that fail, with a line on standard error.
        arguments: what stands behind the sample on the command line.
        options: runtime -> options between the interpreter and the sample.
        clock: the clock that the run sees.
        traced: whether to record the arguments of every process that the sample starts.
        reader_pause_seconds: how long what the sample writes is left unread after the first bytes.
        on_terminal: whether stdin, stdout and stderr are terminals.
    """

    environment: dict[str, str | None] = {}
    files: dict[str, str] = {}
    elsewhere: dict[str, str] = {}
    hides: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()
    options: dict[str, tuple[str, ...]] = {}
    arguments: tuple[str, ...] = ()
    clock: Clock | None = None
    traced: bool = False
    reader_pause_seconds: Annotated[float, msgspec.Meta(ge=0)] = 0
    on_terminal: bool = False


class Case(msgspec.Struct, frozen=True):
    """Hold a row of `cases.yml`, filled in for one scenario.

    Attributes:
        languages: the languages whose samples run in it; empty for all.
        credentials: environment variable -> value, None where it is not set.
        actions: what the mock API does with each request.
        expect: what a sample must do. A body that is sent many times is still `{body}`: a digest
            of its megabytes, for each scenario, would take longer than all others.
        digest: SHA-256 of all that the case does and expects, the mock API's version included.
        refused: what a sample must do in place of `expect` if a limit of its runtime makes it
            refuse; unset where no limit can.
        outcome: the name of `expect` in `cases.yml`; languages give their wording of it by that
            name. It is not in the digest, as `expect` is.
    """

    name: str
    reason: str
    languages: tuple[str, ...]
    listens: bool
    resolves: Resolution
    certificate: Certificate
    protocol: Protocol
    other_hosts: tuple[str, ...]
    actions: tuple[Action, ...]
    stall: Stall | None
    credentials: dict[str, str | None]
    situation: Situation
    expect: Expectation
    stderr_never: tuple[str, ...]
    client_headers: tuple[str, ...]
    digest: str
    refused: Expectation | msgspec.UnsetType = msgspec.UNSET
    outcome: str | msgspec.UnsetType = msgspec.UNSET
    proxy: Proxy | None = None

    @property
    def waits(self) -> bool:
        """Return whether the mock API keeps the sample waiting."""
        return bool(self.stall) or any(isinstance(action, Wait) for action in self.actions)

    @property
    def full_expectation(self) -> Expectation:
        """Return the expectation with a repeated body filled in."""
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
        """Return the last response that is sent."""
        return next((a for a in reversed(self.actions) if isinstance(a, Answer)), None)
