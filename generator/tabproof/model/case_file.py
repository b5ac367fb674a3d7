"""The file `cases.yml`: the situations that every sample is run in, a row each."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from tabproof.model.case import Certificate, Clock, Delivery, Expectation, Resolution
from tabproof.model.fields import END, HeaderValue, Positive, Status, Token
from tabproof.model.scenario import Shape

CaseName = Annotated[
    str,
    msgspec.Meta(
        pattern=rf"^[a-z0-9{{}}_]+(-[a-z0-9{{}}_]+)*{END}",
        description="lower-case words joined by hyphens",
    ),
]


class Reply(Shape, frozen=True, kw_only=True):
    """An answer that a case writes out by itself; its body is the text so many times."""

    status: Status
    headers: dict[Token, HeaderValue] = {}
    body: str = ""
    times: Positive = 1


class Act(Shape, frozen=True, kw_only=True):
    """One thing that the mock API does with a request; exactly one of the first five keys.

    Attributes:
        answer: the scenario's example for this status; `success` is its success status.
        reply: an answer written out here.
        wait: `past-timeout` waits until the client goes, or until long past its timeout.
        send: a text that is no HTTP; the connection is closed after it.
        close: the connection is closed without a byte.
        delivery: how the body of `answer` or `reply` goes over the wire.
    """

    answer: Status | Literal["success"] | None = None
    reply: Reply | None = None
    wait: Literal["past-timeout"] | None = None
    send: str | None = None
    close: Literal[True] | None = None
    delivery: Delivery = Delivery()

    def __post_init__(self) -> None:
        """Refuse none and several."""
        given = (self.answer, self.reply, self.wait, self.send, self.close)
        if sum(each is not None for each in given) != 1:
            raise ValueError("give exactly one of `answer`, `reply`, `wait`, `send` and `close`")


class Server(Shape, frozen=True, kw_only=True):
    """How the mock API behaves in a case."""

    listens: bool = True
    resolves: Resolution = "normal"
    certificate: Certificate = "trusted"
    acts: tuple[Act, ...] = (Act(answer="success"),)


class CaseShape(Shape, frozen=True, kw_only=True):
    """One row. `for_each: credential` makes a case of it for each credential.

    In such a row, `{credential}` in the name and in the keys of `credentials` stands for the
    credential's name; in every row `{signing_key}` stands for that of the signing key. A
    credential that is null is not set at all. The other keys are those of `Situation`.
    """

    name: CaseName
    reason: str
    for_each: Literal["credential"] | None = None
    languages: tuple[str, ...] = ()
    server: Server = Server()
    credentials: dict[str, str | None] = {}
    environment: dict[str, str | None] = {}
    files: dict[str, str] = {}
    elsewhere: dict[str, str] = {}
    hides: tuple[str, ...] = ()
    options: dict[str, tuple[str, ...]] = {}
    clock: Clock | None = None
    traced: bool = False
    expect: str


class CasesShape(Shape, frozen=True, kw_only=True):
    """The file `templates/cases.yml`."""

    credential: str
    stderr_never: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    other_hosts: tuple[str, ...] = ()
    outcomes: dict[str, Expectation]
    cases: Annotated[tuple[CaseShape, ...], msgspec.Meta(min_length=1)]
