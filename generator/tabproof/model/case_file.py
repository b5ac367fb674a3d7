"""Define the file `cases.yml`: a row for each situation in which samples are run."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from tabproof.model.case import (
    Certificate,
    Clock,
    Delivery,
    Ending,
    Expectation,
    Protocol,
    Proxy,
    Resolution,
    Stage,
)
from tabproof.model.fields import END, FileFormat, HeaderValue, Positive, Status, Token

CLIENT_HEADERS = (
    "User-Agent",
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Connection",
    "Content-Length",
    "Expect",
    "Sec-Fetch-Mode",
)
"""What the HTTP clients of the languages send by themselves."""

CaseName = Annotated[
    str,
    msgspec.Meta(
        pattern=rf"^[a-z0-9{{}}_]+(-[a-z0-9{{}}_]+)*{END}",
        description="lower-case words joined by hyphens",
    ),
]


class Reply(FileFormat, frozen=True, kw_only=True):
    """Describes a response that a case writes out itself.

    Attributes:
        status: the status; `success` is the scenario's success status, `other-success` another
            2xx status.
        headers: the headers.
        body: the text of the body.
        times: how often the text is repeated in the body.
        encoding: how the text is encoded.
    """

    status: Status | Literal["success", "other-success"]
    headers: dict[Token, HeaderValue] = {}
    body: str = ""
    times: Positive = 1
    encoding: Literal["utf-8", "latin-1"] = "utf-8"


class Act(FileFormat, frozen=True, kw_only=True):
    """Describes what the mock API does with a request: exactly one of the first five keys.

    Attributes:
        answer: send the scenario's example response for this status; `success` is its success
            status.
        reply: send the response that is written out here.
        wait: `past-timeout` sends nothing until the client disconnects, or long past its timeout.
        send: send this text, which is not HTTP, and close the connection.
        close: close the connection without sending a byte: just so (`cut`), after TLS's
            close_notify (`goodbye`), or with a `reset`.
        delivery: how the body of `answer` or `reply` is sent.
    """

    answer: Status | Literal["success"] | None = None
    reply: Reply | None = None
    wait: Literal["past-timeout"] | None = None
    send: str | None = None
    close: Ending | None = None
    delivery: Delivery = Delivery()

    def __post_init__(self) -> None:
        """Refuse a row with none or several of the five keys."""
        actions = (self.answer, self.reply, self.wait, self.send, self.close)
        if sum(action is not None for action in actions) != 1:
            raise ValueError("give exactly one of `answer`, `reply`, `wait`, `send` and `close`")


class Server(FileFormat, frozen=True, kw_only=True):
    """Describes how the mock API behaves in a case.

    Attributes:
        listens: whether the server accepts connections.
        resolves: how the name of the host resolves: as usual, not at all, to two addresses, or to
            an IPv6 address alone.
        certificate: the server's certificate: `wrong-host` is for names that look like the host's,
            `no-authority` is issued by the owner of another certificate.
        protocol: what the server speaks; `http` is HTTP without TLS.
        proxy: a proxy that takes clients to the server. Its address is for `environment`.
        stalls: the stage at which the server stops to answer, until past the client's timeout.
        acts: what the server does with each request, in this order.
    """

    listens: bool = True
    resolves: Resolution = "normal"
    certificate: Certificate = "trusted"
    protocol: Protocol = "tls"
    proxy: Proxy | None = None
    stalls: Stage | None = None
    acts: tuple[Act, ...] = (Act(answer="success"),)


class CaseRow(FileFormat, frozen=True, kw_only=True):
    """Describes one case, or several: `for_each` makes a case for each credential.

    In a row with `for_each`, `{credential}` in the name and in the keys of `credentials` stands
    for the credential's name; in every row `{signing_key}` stands for the name of the signing key.

    The text of a credential is its decoded value: of a key that the scenario has in hex, the key
    itself. With `written: true`, the texts are put into the variables as they are.

    Attributes:
        name: the name of the case in results and reports.
        reason: why the case is there; the pages show it.
        for_each: makes a case for each `credential` (one part of a split variable at a time),
            for the `signing_key`, for each `account` (a credential that is not the signing key),
            for each `variable`, for each `split` variable, or for each `encoded` credential.
        languages: the languages whose samples run in it; empty for all.
        server: how the mock API behaves.
        credentials: name -> text; null leaves its variable unset. `{separator}` stands for the
            separator of a split variable.
        written: whether the texts are put into the variables as they are, without encoding them.
        environment: variable -> value; null unsets it.
        files: path -> content; a path that begins with `~/` is in the home folder, another is
            beside the sample. `{environment}` stands for the variable of the row's credential.
        elsewhere: path -> content of files in another folder, which becomes the working
            directory of the run.
        hides: programs that the run does not find.
        breaks: programs that the run finds and that fail, with a line on standard error.
        options: runtime -> options between the interpreter and the sample.
        arguments: what stands behind the sample on the command line.
        clock: the clock that the run sees.
        traced: whether to record the arguments of every process that the sample starts.
        reader_pause_seconds: how long what the sample writes is left unread after the first bytes.
        on_terminal: whether stdin, stdout and stderr are terminals.
        expect: the name of the expected outcome.
        refused: the name of the outcome that is expected in its place where a limit of the
            runtime in `language.yml` has `refuses`.
    """

    name: CaseName
    reason: str
    for_each: (
        Literal["credential", "signing_key", "account", "variable", "split", "encoded"] | None
    ) = None
    languages: tuple[str, ...] = ()
    server: Server = Server()
    credentials: dict[str, str | None] = {}
    written: bool = False
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
    expect: str
    refused: str | None = None


class CasesFile(FileFormat, frozen=True, kw_only=True):
    """Describes the file `templates/cases.yml`.

    Attributes:
        credential: the default text of a credential; `{name}` is the credential's name, and
            `{unique}` 103 letters and digits that depend on it.
        stderr_never: patterns that must never match what a sample writes on standard error.
        client_headers: request headers that HTTP clients send by themselves; with those of the
            scenario, they are all that a sample may send.
        other_hosts: further host names that resolve to a server which no sample may contact.
        outcomes: name -> what a sample must do; rows refer to the name.
        cases: the rows, in the order of the reports.
    """

    credential: str
    stderr_never: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    client_headers: tuple[Token, ...] = CLIENT_HEADERS
    other_hosts: tuple[str, ...] = ()
    outcomes: dict[str, Expectation]
    cases: Annotated[tuple[CaseRow, ...], msgspec.Meta(min_length=1)]
