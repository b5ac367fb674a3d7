"""The mock API for people: it answers on loopback, and says why it refuses a token."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Self

import msgspec

from tabproof.diagnosis.fault import Judgement
from tabproof.diagnosis.times import AnyMoment
from tabproof.diagnosis.token import judge_header, redaction_of
from tabproof.errors import MachineError
from tabproof.model.case import Answer
from tabproof.model.scenario import Scenario
from tabproof.sandbox.connections import Connections, start_tls
from tabproof.sandbox.mock_api import receive, response
from tabproof.sandbox.protocol import Exchange

ADDRESS = "127.0.0.1"
DIAGNOSIS = "X-Tabproof-Diagnosis"
IDLE_SECONDS = 60


class Reply(msgspec.Struct, frozen=True):
    """An answer, and the line that tells of it."""

    answer: Answer
    line: str


def reply(
    exchange: Exchange, scenario: Scenario, credentials: Mapping[str, str], now: float
) -> Reply:
    """What a request is answered with. Pure.

    Args:
        exchange: the request.
        scenario: what the API does.
        credentials: environment variable -> value.
        now: seconds since the epoch.
    """
    request = scenario.request
    if exchange.fault:
        words = f"this is no HTTP request: {exchange.fault}"
        return Reply(_refusal(HTTPStatus.BAD_REQUEST, words, exchange), f"400 {words}")
    # The line must not show a secret that stands in the wrong place.
    target = redaction_of(scenario, credentials).show(exchange.target).strip("'")
    head = f"{exchange.method} {target}"
    path, _mark, query = request.target.partition("?")
    seen_path, _mark, seen_query = exchange.target.partition("?")
    if seen_path != path:
        words = f"there is only {request.method} {path} here"
        return Reply(_refusal(HTTPStatus.NOT_FOUND, words, exchange), f"{head} 404 {words}")
    if exchange.method != request.method:
        words = f"the method is {request.method}"
        answer = _refusal(HTTPStatus.METHOD_NOT_ALLOWED, words, exchange, Allow=request.method)
        return Reply(answer, f"{head} 405 {words}")
    if words := _body_fault(exchange, scenario):
        return Reply(_refusal(HTTPStatus.BAD_REQUEST, words, exchange), f"{head} 400 {words}")
    when = AnyMoment(now, scenario.token.skew_seconds)
    judgement = judge_header(exchange.header("Authorization"), scenario, credentials, when)
    if judgement.faults:
        answer = _unauthorized(scenario, judgement)
        return Reply(answer, f"{head} {answer.status} {_fault_list(judgement)}")
    status = request.success_status
    example = scenario.responses[status]
    remarks = [*judgement.remarks, *([] if seen_query == query else [f"the sample asks ?{query}"])]
    line = f"{head} {status}" + (f" ({'; '.join(remarks)})" if remarks else "")
    return Reply(Answer(status, dict(example.headers), example.content), line)


def _body_fault(exchange: Exchange, scenario: Scenario) -> str:
    """Why the API could not read a body; a reader may send another one than the sample."""
    if scenario.request.body is None:
        return ""
    wanted = scenario.request.content_type
    media_type = ", ".join(exchange.header("Content-Type")).partition(";")[0].strip().lower()
    if media_type != wanted.partition(";")[0].strip().lower():
        return f"the body's Content-Type is {wanted}"
    try:
        msgspec.json.decode(exchange.body)
    except (msgspec.MsgspecError, RecursionError):
        return "the body is not JSON"
    return ""


def _fault_list(judgement: Judgement) -> str:
    return " | ".join(f"{fault.kind}: {fault.message}" for fault in judgement.faults)


def _unauthorized(scenario: Scenario, judgement: Judgement) -> Answer:
    """The scenario's own 401, with the diagnosis as one more header."""
    status = HTTPStatus.UNAUTHORIZED.value
    example = scenario.responses.get(status)
    headers = dict(example.headers) if example else {}
    headers["WWW-Authenticate"] = scenario.request.authorization
    # A header holds printable ASCII; claims may hold anything.
    headers[DIAGNOSIS] = _fault_list(judgement).encode("ascii", "backslashreplace").decode()
    return Answer(status, headers, example.content if example else b"")


def _refusal(status: HTTPStatus, words: str, exchange: Exchange, **headers: str) -> Answer:
    body = b"" if exchange.method == "HEAD" else f"{words}\n".encode()
    plain = {"Content-Type": "text/plain; charset=utf-8"}
    return Answer(status.value, {**plain, **headers}, body)


class Server:
    """Listens on loopback until it is closed; every connection has a thread of its own."""

    def __init__(
        self,
        scenario: Scenario,
        credentials: Mapping[str, str],
        port: int,
        context: ssl.SSLContext | None,
        tell: Callable[[str], None],
    ) -> None:
        """Take the port.

        Args:
            scenario: what the API does.
            credentials: environment variable -> value.
            port: where to listen; 0 takes a free one.
            context: the certificate; None for plain HTTP.
            tell: called with a line for each exchange.

        Raises:
            MachineError: the port cannot be had.
        """
        self._scenario = scenario
        self._credentials = credentials
        self._tell = tell
        self._closing = False
        self._connections = Connections(context, IDLE_SECONDS)
        try:
            self._listener = socket.create_server((ADDRESS, port))
        except OSError as error:
            reason = os.strerror(error.errno or errno.EINVAL)
            raise MachineError(
                f"port {port} of {ADDRESS} cannot be had: {reason}; choose another with --port."
            ) from error
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        """Nothing more: connections wait until they are served."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close everything, and wait for the threads."""
        self.close()
        self._connections.end()

    def close(self) -> None:
        """Take no further connection, and tell no more."""
        self._closing = True
        # A thread that waits in accept wakes up only by a shutdown.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def serve(self) -> None:
        """Serve until an exception, such as Ctrl-C, or until the server is closed."""
        self._connections.accept(self._listener, self._converse)

    def _converse(self, connection: socket.socket) -> None:
        try:
            start_tls(connection)
            while self._exchange(connection):
                pass
        except ssl.SSLError as error:
            self._say(f"no TLS: {error.reason or error}; plain HTTP, or an unknown authority?")
        except OSError:
            pass  # the client went away, which is its right

    def _say(self, line: str) -> None:
        if not self._closing:
            self._tell(line)

    def _exchange(self, connection: socket.socket) -> bool:
        """Answer one request; return whether the connection goes on."""
        exchange = receive(connection, ADDRESS)
        if exchange is None:
            return False
        made = reply(exchange, self._scenario, self._credentials, time.time())
        self._say(made.line)
        connection.sendall(response(made.answer))
        asked = ", ".join(exchange.header("Connection")).lower()
        return not exchange.fault and "close" not in asked
