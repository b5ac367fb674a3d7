"""Serve the mock API on loopback for people, with the reason why a token is refused."""

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
    """Hold an answer, and the log line about it."""

    answer: Answer
    line: str


def reply(
    exchange: Exchange, scenario: Scenario, credentials: Mapping[str, str], now: float
) -> Reply:
    """Return the answer to a request, and its log line. Pure.

    Args:
        exchange: the request.
        scenario: describes the API.
        credentials: environment variable -> value.
        now: seconds since the epoch.
    """
    request = scenario.request
    if exchange.fault:
        message = f"this is not an HTTP request: {exchange.fault}"
        return Reply(_refusal(HTTPStatus.BAD_REQUEST, message, exchange), f"400 {message}")
    # The log must not show a secret that is in the wrong place.
    target = redaction_of(scenario, credentials).show(exchange.target).strip("'")
    head = f"{exchange.method} {target}"
    path, _mark, query = request.target.partition("?")
    received_path, _mark, received_query = exchange.target.partition("?")
    if received_path != path:
        message = f"this server has only {request.method} {path}"
        return Reply(_refusal(HTTPStatus.NOT_FOUND, message, exchange), f"{head} 404 {message}")
    if exchange.method != request.method:
        message = f"the method must be {request.method}"
        answer = _refusal(HTTPStatus.METHOD_NOT_ALLOWED, message, exchange, Allow=request.method)
        return Reply(answer, f"{head} 405 {message}")
    if message := _body_fault(exchange, scenario):
        return Reply(_refusal(HTTPStatus.BAD_REQUEST, message, exchange), f"{head} 400 {message}")
    when = AnyMoment(now, scenario.token.skew_seconds)
    judgement = judge_header(exchange.header("Authorization"), scenario, credentials, when)
    if judgement.faults:
        answer = _unauthorized(scenario, judgement)
        return Reply(answer, f"{head} {answer.status} {_fault_messages(judgement)}")
    status = request.success_status
    example = scenario.responses[status]
    remarks = [
        *judgement.remarks,
        *([] if received_query == query else [f"the sample asks ?{query}"]),
    ]
    line = f"{head} {status}" + (f" ({'; '.join(remarks)})" if remarks else "")
    return Reply(Answer(status, dict(example.headers), example.content), line)


def _body_fault(exchange: Exchange, scenario: Scenario) -> str:
    """Return why the API cannot read the body, or ""; it may differ from the sample's."""
    if scenario.request.body is None:
        return ""
    expected = scenario.request.content_type
    media_type = ", ".join(exchange.header("Content-Type")).partition(";")[0].strip().lower()
    if media_type != expected.partition(";")[0].strip().lower():
        return f"the body's Content-Type must be {expected}"
    try:
        msgspec.json.decode(exchange.body)
    except (msgspec.MsgspecError, RecursionError):
        return "the body is not JSON"
    return ""


def _fault_messages(judgement: Judgement) -> str:
    return " | ".join(f"{fault.kind}: {fault.message}" for fault in judgement.faults)


def _unauthorized(scenario: Scenario, judgement: Judgement) -> Answer:
    """Return the scenario's own 401, with the diagnosis in an additional header."""
    status = HTTPStatus.UNAUTHORIZED.value
    example = scenario.responses.get(status)
    headers = dict(example.headers) if example else {}
    headers["WWW-Authenticate"] = scenario.request.authorization
    # A header value is printable ASCII; claims may contain any character.
    headers[DIAGNOSIS] = _fault_messages(judgement).encode("ascii", "backslashreplace").decode()
    return Answer(status, headers, example.content if example else b"")


def _refusal(status: HTTPStatus, message: str, exchange: Exchange, **headers: str) -> Answer:
    body = b"" if exchange.method == "HEAD" else f"{message}\n".encode()
    plain = {"Content-Type": "text/plain; charset=utf-8"}
    return Answer(status.value, {**plain, **headers}, body)


class Server:
    """Listen on loopback until closed; serve every connection in a thread of its own."""

    def __init__(
        self,
        scenario: Scenario,
        credentials: Mapping[str, str],
        port: int,
        context: ssl.SSLContext | None,
        log: Callable[[str], None],
    ) -> None:
        """Bind the port.

        Args:
            scenario: describes the API.
            credentials: environment variable -> value.
            port: the port to listen on; 0 for any free one.
            context: the TLS context, with the certificate; None for plain HTTP.
            log: called with a line for each exchange.

        Raises:
            MachineError: the port cannot be used.
        """
        self._scenario = scenario
        self._credentials = credentials
        self._log = log
        self._closing = False
        self._connections = Connections(context, IDLE_SECONDS)
        try:
            self._listener = socket.create_server((ADDRESS, port))
        except OSError as error:
            reason = os.strerror(error.errno or errno.EINVAL)
            raise MachineError(
                f"cannot listen on port {port} of {ADDRESS}: {reason}; choose another with --port."
            ) from error
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        """Do nothing more: connections wait until they are served."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close everything, and wait for the threads."""
        self.close()
        self._connections.end()

    def close(self) -> None:
        """Accept no further connection, and log nothing more."""
        self._closing = True
        # Only a shutdown wakes a thread that waits in accept.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def serve(self) -> None:
        """Serve until an exception, such as Ctrl-C, or until the server is closed."""
        self._connections.accept(self._listener, self._serve_connection)

    def _serve_connection(self, connection: socket.socket) -> None:
        try:
            start_tls(connection)
            while self._exchange(connection):
                pass
        except ssl.SSLError as error:
            self._log_line(f"no TLS: {error.reason or error}; plain HTTP, or an unknown authority?")
        except OSError:
            pass  # the client closed the connection, as it may

    def _log_line(self, line: str) -> None:
        if not self._closing:
            self._log(line)

    def _exchange(self, connection: socket.socket) -> bool:
        """Answer one request; return whether the connection stays open."""
        exchange = receive(connection, ADDRESS)
        if exchange is None:
            return False
        answered = reply(exchange, self._scenario, self._credentials, time.time())
        self._log_line(answered.line)
        connection.sendall(response(answered.answer))
        options = ", ".join(exchange.header("Connection")).lower()
        return not exchange.fault and "close" not in options
