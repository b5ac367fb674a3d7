"""A case: one situation that a sample is run in, and what must be seen. Rows of `cases.yml`."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from tabproof.model.scenario import Positive, Shape, Status, Token

CaseName = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9{}_]+(-[a-z0-9{}_]+)*$")]
Certificate: TypeAlias = Literal["trusted", "unknown"]


class Reply(Shape, kw_only=True):
    """An answer that a case writes out by itself."""

    status: Status
    headers: dict[Token, str] = {}
    body: str = ""


class Act(Shape, kw_only=True):
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


class Server(Shape, kw_only=True):
    """How the mock API behaves in a case."""

    listens: bool = True
    certificate: Certificate = "trusted"
    acts: tuple[Act, ...] = (Act(answer="success"),)


class Expectation(Shape, kw_only=True):
    """What must be seen.

    `stdout` and `stderr` are whole texts in which `{body}` and `{status}` stand for the answer
    and `{environment}` for the variable of the case's credential. Where the tool's own words
    will do, `stderr_lines` gives the least and the most lines, and `stderr_has` what they must
    hold.
    """

    exit_status: int
    stdout: str = ""
    stderr: str | None = None
    stderr_lines: tuple[Positive, Positive] | None = None
    stderr_has: str = ""
    requests: Annotated[int, msgspec.Meta(ge=0)]

    def __post_init__(self) -> None:
        """An expectation about stderr that says nothing would always hold."""
        if (self.stderr is None) == (self.stderr_lines is None):
            raise ValueError("give exactly one of `stderr` and `stderr_lines`")


class CaseShape(Shape, kw_only=True):
    """One row. `for_each: credential` makes a case of it for each credential."""

    name: CaseName
    reason: str
    for_each: Literal["credential"] | None = None
    server: Server = Server()
    credentials: dict[str, str | None] = {}
    environment: dict[str, str] = {}
    expect: str


class CasesShape(Shape, kw_only=True):
    """The file `templates/cases.yml`.

    Attributes:
        stderr_never: patterns that no sample may write to stderr, whatever happens.
        credential: what a credential holds unless the case says otherwise.
    """

    credential: str
    stderr_never: tuple[str, ...]
    hosts: tuple[str, ...] = ()
    outcomes: dict[str, Expectation]
    cases: Annotated[tuple[CaseShape, ...], msgspec.Meta(min_length=1)]
