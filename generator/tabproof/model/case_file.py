"""The file `cases.yml`: the situations that every sample is run in, a row each."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from tabproof.model.case import Certificate, Clock, Delivery, Expectation, Resolution
from tabproof.model.fields import END, FileFormat, HeaderValue, Positive, Status, Token

CaseName = Annotated[
    str,
    msgspec.Meta(
        pattern=rf"^[a-z0-9{{}}_]+(-[a-z0-9{{}}_]+)*{END}",
        description="lower-case words joined by hyphens",
    ),
]


class Reply(FileFormat, frozen=True, kw_only=True):
    """An answer that a case writes out by itself; its body is the text so many times.

    Attributes:
        status: its status; `success` is the scenario's success status, `other-success` one that
            is another success.
        headers: its headers.
        body: its text.
        times: how often the text is sent, one after the other.
    """

    status: Status | Literal["success", "other-success"]
    headers: dict[Token, HeaderValue] = {}
    body: str = ""
    times: Positive = 1


class Act(FileFormat, frozen=True, kw_only=True):
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


class Server(FileFormat, frozen=True, kw_only=True):
    """How the mock API behaves in a case.

    Attributes:
        listens: whether anything listens at all.
        resolves: whether the host's name is found: as usual, not at all, or with two addresses.
        certificate: the server's certificate.
        acts: what it does with each request, in this order.
    """

    listens: bool = True
    resolves: Resolution = "normal"
    certificate: Certificate = "trusted"
    acts: tuple[Act, ...] = (Act(answer="success"),)


class CaseRow(FileFormat, frozen=True, kw_only=True):
    """One row. `for_each` makes several cases of it, or none.

    In such a row, `{credential}` in the name and in the keys of `credentials` stands for the
    credential's name; in every row `{signing_key}` stands for that of the signing key. A
    credential that is null is not set at all. The other keys are those of `Situation`.

    A credential's text is what it stands for: of a key that the scenario has in hex, the key
    itself. `written` says that the texts are already what people put in the variables.

    Attributes:
        name: the name that results carry.
        reason: why the case is there; the pages show it.
        for_each: makes a case of the row for each `credential`, one part of a variable at a
            time; for each `variable`; for each `split` variable; or for each `encoded`
            credential.
        languages: the languages that are run in it; all where empty.
        server: how the mock API behaves.
        credentials: name -> text; null for one that is not set. `{separator}` stands for what
            separates the parts of a split one.
        written: whether the texts are written as the scenario's variables are.
        environment: variable -> value; null takes away what a run otherwise finds.
        files: path -> content; `~/` is the home folder, another path is beside the sample.
        elsewhere: path -> content of files in another folder, in which the run then starts.
        hides: programs that are not there.
        options: runtime -> options between the interpreter and the sample.
        clock: the clock that the run sees.
        traced: note the arguments of every process that the sample starts.
        expect: the name of the outcome that must be seen.
    """

    name: CaseName
    reason: str
    for_each: Literal["credential", "variable", "split", "encoded"] | None = None
    languages: tuple[str, ...] = ()
    server: Server = Server()
    credentials: dict[str, str | None] = {}
    written: bool = False
    environment: dict[str, str | None] = {}
    files: dict[str, str] = {}
    elsewhere: dict[str, str] = {}
    hides: tuple[str, ...] = ()
    options: dict[str, tuple[str, ...]] = {}
    clock: Clock | None = None
    traced: bool = False
    expect: str


class CasesFile(FileFormat, frozen=True, kw_only=True):
    """The file `templates/cases.yml`.

    Attributes:
        credential: what a credential holds unless the case says otherwise; `{name}` is its name.
        stderr_never: patterns that no sample may write on standard error.
        other_hosts: names that resolve, beside the API's own, to a server that no sample may talk
            to.
        outcomes: what must be seen, by the name that rows use.
        cases: the rows, in the order of the reports.
    """

    credential: str
    stderr_never: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    other_hosts: tuple[str, ...] = ()
    outcomes: dict[str, Expectation]
    cases: Annotated[tuple[CaseRow, ...], msgspec.Meta(min_length=1)]
