"""A case: one situation that a sample is run in, and what must be seen. Rows of `cases.yml`."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from tabproof.model.fields import END, HeaderValue, Positive, Status, Token
from tabproof.model.scenario import Shape

MOCK_API_VERSION = 1
"""Raised when the mock API or the checks change what a result means; part of a result's key."""

CaseName = Annotated[
    str,
    msgspec.Meta(
        pattern=rf"^[a-z0-9{{}}_]+(-[a-z0-9{{}}_]+)*{END}",
        description="lower-case words joined by hyphens",
    ),
]
Certificate: TypeAlias = Literal["trusted", "unknown"]


class Reply(Shape, frozen=True, kw_only=True):
    """An answer that a case writes out by itself."""

    status: Status
    headers: dict[Token, HeaderValue] = {}
    body: str = ""


class Act(Shape, frozen=True, kw_only=True):
    """One thing that the mock API does with a request; exactly one key is given.

    Attributes:
        answer: the scenario's example for this status; `success` is its success status.
        reply: an answer written out here.
        wait: `past-timeout` waits until the client goes, or until long past its timeout.
    """

    answer: Status | Literal["success"] | None = None
    reply: Reply | None = None
    wait: Literal["past-timeout"] | None = None

    def __post_init__(self) -> None:
        """Refuse none and several."""
        if sum(given is not None for given in (self.answer, self.reply, self.wait)) != 1:
            raise ValueError("give exactly one of `answer`, `reply` and `wait`")


class Server(Shape, frozen=True, kw_only=True):
    """How the mock API behaves in a case."""

    listens: bool = True
    certificate: Certificate = "trusted"
    acts: tuple[Act, ...] = (Act(answer="success"),)


class Expectation(Shape, frozen=True, kw_only=True):
    """What must be seen.

    In `stdout`, `stderr` and `stderr_has`, `{body}` and `{status}` stand for the answer and
    `{environment}` for the variable of the row's credential. Where the tool's own words will
    do, `stderr_lines` gives the least and the most lines, and `stderr_has`
    is a pattern that they must hold.
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


class CaseShape(Shape, frozen=True, kw_only=True):
    """One row. `for_each: credential` makes a case of it for each credential.

    In such a row, `{credential}` in the name and in the keys of `credentials` stands for the
    credential's name. A credential that is null is not set at all.
    """

    name: CaseName
    reason: str
    for_each: Literal["credential"] | None = None
    server: Server = Server()
    credentials: dict[str, str | None] = {}
    environment: dict[str, str] = {}
    expect: str


class CasesShape(Shape, frozen=True, kw_only=True):
    """The file `templates/cases.yml`."""

    credential: str
    stderr_never: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    other_hosts: tuple[str, ...] = ()
    outcomes: dict[str, Expectation]
    cases: Annotated[tuple[CaseShape, ...], msgspec.Meta(min_length=1)]


class Answer(msgspec.Struct, frozen=True):
    """What the mock API answers, ready to be sent."""

    status: int
    headers: dict[str, str]
    body: bytes


class Wait(msgspec.Struct, frozen=True):
    """How long the mock API waits for the client to go."""

    seconds: float


class Case(msgspec.Struct, frozen=True):
    """A row for one scenario, with nothing left to look up.

    Attributes:
        credentials: environment variable -> value, None where it is not set.
        acts: what the mock API does with each request.
        digest: SHA-256 of all that the case asks and expects, the mock API's version included.
    """

    name: str
    reason: str
    listens: bool
    certificate: Certificate
    other_hosts: tuple[str, ...]
    acts: tuple[Answer | Wait, ...]
    credentials: dict[str, str | None]
    environment: dict[str, str]
    expect: Expectation
    stderr_never: tuple[str, ...]
    digest: str

    @property
    def waits(self) -> bool:
        """Whether the mock API keeps the sample waiting."""
        return any(isinstance(act, Wait) for act in self.acts)

    @property
    def answer(self) -> Answer | None:
        """The last answer that is sent."""
        return next((act for act in reversed(self.acts) if isinstance(act, Answer)), None)
