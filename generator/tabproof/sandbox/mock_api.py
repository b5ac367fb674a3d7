"""Play the vendor's API in a run: follow the plan, and record every request."""

from __future__ import annotations

import contextlib
import functools
import gzip
import os
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Self

import h11

from tabproof.model.case import Action, Answer, Close, Ending, Send
from tabproof.sandbox.connections import Connections, start_tls
from tabproof.sandbox.protocol import Exchange, ServerPlan
from tabproof.sandbox.silence import Silence

HANDSHAKE_SECONDS = 60
LARGEST_REQUEST_BYTES = 1 << 20
READ_BYTES = 1 << 16
TLS_HANDSHAKE = b"\x16"
"""The first byte of a TLS handshake (RFC 8446, section 5.1)."""

TUNNEL, NO_TUNNEL = b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 403 Forbidden\r\n\r\n"
NOT_TLS = Answer(400, {"Connection": "close"}, b"Bad Request")
"""What a server without TLS answers to a TLS handshake."""
HEADER_LINE_BYTES = 1000


class MockApi:
    """Serve one run: a listener for each of its hosts, each on an address of its own."""

    def __init__(
        self,
        plan: ServerPlan,
        addresses: dict[str, str],
        context: ssl.SSLContext | None,
        when_waiting: Callable[[], None],
    ) -> None:
        """Keep the plan.

        Args:
            plan: how to behave.
            addresses: host -> address to listen on.
            context: the TLS context, with the certificate; None for plain HTTP.
            when_waiting: called when the client is made to wait.
        """
        self._plan = plan
        self._addresses = addresses
        self._when_waiting = when_waiting
        self._sockets = Connections(context, HANDSHAKE_SECONDS)
        self._lock = threading.Lock()
        self._exchanges: list[Exchange] = []
        self._connections = 0
        self._silence: Silence | None = None

    def __enter__(self) -> Self:
        """Start to listen, unless the plan says that nothing does."""
        stall = self._plan.stall
        if stall and stall.stage == "connection":
            self._silence = Silence(
                next(iter(self._addresses.values())), self._plan.port, stall, self._when_waiting
            )
        elif self._plan.listens:
            for host, address in self._addresses.items():
                # A process that reserves the port for the mock API has bound it too.
                listener = _listener(address, self._plan.port)
                self._sockets.listen(listener, functools.partial(self._serve, host=host))
        if proxy := self._plan.proxy:
            listener = _listener(self._addresses[proxy.host], proxy.port)
            self._sockets.listen(listener, self._serve_by_proxy)
        return self

    def __exit__(self, *_: object) -> None:
        """Close everything that is open."""
        if self._silence:
            self._silence.end()
        self._sockets.end()

    def exchanges(self) -> tuple[tuple[Exchange, ...], int]:
        """Return the exchanges so far, in order, and the number of connections."""
        with self._lock:
            return tuple(self._exchanges), self._connections

    def _serve(self, connection: socket.socket, host: str) -> None:
        with self._lock:
            self._connections += 1
        # The client may refuse the certificate or close the connection.
        with contextlib.suppress(OSError):
            if self._plan.stall:
                self._stall_handshake(connection, self._plan.stall.seconds)
                return
            start_tls(connection)
            while self._exchange(connection, host):
                pass

    def _serve_by_proxy(self, connection: socket.socket) -> None:
        """Serve a client that asks for a tunnel to the API first, which it gets to nothing else."""
        host = self._plan.hosts[0]
        if asks_for_tunnel(connection, f"{host}:{self._plan.port}"):
            self._serve(connection, host)

    def _stall_handshake(self, connection: socket.socket, seconds: float) -> None:
        """Read what the client sends, and answer nothing until it goes or the time is over."""
        self._when_waiting()
        end = time.monotonic() + seconds
        while (rest := end - time.monotonic()) > 0:
            connection.settimeout(rest)
            if not connection.recv(READ_BYTES):
                return

    def _exchange(self, connection: socket.socket, host: str) -> bool:
        if self._plan.protocol == "http" and connection.recv(1, socket.MSG_PEEK) == TLS_HANDSHAKE:
            connection.sendall(response(NOT_TLS))
            return False
        exchange = receive(connection, host)
        if exchange is None:
            return False
        with self._lock:
            self._exchanges.append(exchange)
        if exchange.fault:
            return False
        return all(self._act(action, exchange, connection) for action in self._plan.actions)

    def _act(self, action: Action, exchange: Exchange, connection: socket.socket) -> bool:
        """Do one action; return whether the connection stays open."""
        if isinstance(action, Answer):
            accepts_gzip = "gzip" in ", ".join(exchange.header("Accept-Encoding"))
            connection.sendall(response(action, accepts_gzip=accepts_gzip))
            return _stays_open(action, connection)
        if isinstance(action, Send):
            connection.sendall(action.content)
            return False
        if isinstance(action, Close):
            _end(connection, action.ending)
            return False
        self._when_waiting()
        ready, _, _ = select.select([connection], [], [], action.seconds)
        return not ready


def asks_for_tunnel(connection: socket.socket, target: str) -> bool:
    """Answer a request for a tunnel (RFC 9110, section 9.3.6); return whether it is granted.

    Args:
        connection: the client's connection, before any TLS: what is read of it is read from its
            descriptor.
        target: the only `HOST:PORT` that it is granted to, without credentials for the proxy.
    """
    head, descriptor = b"", connection.fileno()
    while b"\r\n\r\n" not in head:
        ready, _, _ = select.select([descriptor], [], [], HANDSHAKE_SECONDS)
        chunk = os.read(descriptor, READ_BYTES) if ready else b""
        if not chunk or len(head) > LARGEST_REQUEST_BYTES:
            return False
        head += chunk
    wanted = f"CONNECT {target} HTTP/1.".encode()
    granted = head.startswith(wanted) and b"authorization" not in head.lower()
    os.write(descriptor, TUNNEL if granted else NO_TUNNEL)
    return granted


def _listener(address: str, port: int) -> socket.socket:
    """Return a socket that listens on an address.

    A new IPv6 address can be bound only once the kernel has checked that nobody else has it.
    """
    if ":" in address:
        return socket.create_server(("::", port), family=socket.AF_INET6, reuse_port=True)
    return socket.create_server((address, port), reuse_port=True)


def response(answer: Answer, *, accepts_gzip: bool = False) -> bytes:
    """Return an answer's bytes on the wire (RFC 9112), cut off where its delivery says so.

    Args:
        answer: the answer.
        accepts_gzip: whether the client accepts gzip.
    """
    try:
        phrase = HTTPStatus(answer.status).phrase
    except ValueError:
        phrase = ""
    delivery, body, headers = answer.delivery, answer.content, dict(answer.headers)
    if not delivery.has_phrase:
        phrase = ""
    if delivery.gzip and accepts_gzip:
        body = gzip.compress(body, mtime=0)
        headers["Content-Encoding"] = "gzip"
    if delivery.framing == "chunked":
        headers["Transfer-Encoding"] = "chunked"
    elif delivery.framing == "close":
        headers["Connection"] = "close"
    elif answer.status != HTTPStatus.NO_CONTENT:
        headers["Content-Length"] = str(len(body))
    head = f"HTTP/1.1 {answer.status} {phrase}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head += "".join(_padding(delivery.header_bytes))
    cut = delivery.stall_after_bytes
    if cut is None:
        cut = delivery.cut_after_bytes
    content = body if cut is None else body[:cut]
    if delivery.framing == "chunked":
        content = _chunks(content, delivery.chunk_bytes, ends=cut is None)
    return head.encode() + b"\r\n" + content


def _padding(size: int) -> Iterator[str]:
    """Yield header lines that say nothing, of this size in sum."""
    for number, start in enumerate(range(0, size, HEADER_LINE_BYTES)):
        name = f"X-Padding-{number}: "
        length = min(HEADER_LINE_BYTES, size - start) - len(name) - len("\r\n")
        yield f"{name}{'x' * length}\r\n"


def _chunks(body: bytes, size: int, *, ends: bool) -> bytes:
    """Return a body in chunks (RFC 9112, section 7.1)."""
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    content = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return content + b"0\r\n\r\n" if ends else content


def _stays_open(answer: Answer, connection: socket.socket) -> bool:
    """Return whether a connection can carry another request after this answer."""
    if answer.delivery.cut_after_bytes is not None:
        _end(connection, answer.delivery.ending)
        return False
    if answer.delivery.framing == "close":
        # That distinguishes the end of the body from a cut.
        _end(connection, "goodbye")
        return False
    return True


def _end(connection: socket.socket, ending: Ending) -> None:
    """Prepare a connection for its end, which its closing is."""
    if ending == "goodbye" and isinstance(connection, ssl.SSLSocket):
        with contextlib.suppress(OSError):
            connection.unwrap()
    if ending == "reset":
        # Closed with a linger time of 0, it is reset (socket(7): SO_LINGER).
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def receive(connection: socket.socket, host: str) -> Exchange | None:
    """Read one whole request; return None where the client sends no further one.

    Args:
        connection: the client's connection.
        host: the name that the connection was made for.
    """
    parser = h11.Connection(h11.SERVER, max_incomplete_event_size=LARGEST_REQUEST_BYTES)
    request: h11.Request | None = None
    body = b""
    received_at = 0.0
    while True:
        try:
            event = parser.next_event()
        except h11.RemoteProtocolError as error:
            return Exchange(host, "", "", (), body, time.time(), fault=str(error))
        if event is h11.NEED_DATA:
            parser.receive_data(connection.recv(READ_BYTES))
        elif isinstance(event, h11.Request):
            request, received_at = event, time.time()
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage) and request is not None:
            return _exchange(request, host, body, received_at)
        else:
            return None


def _exchange(request: h11.Request, host: str, body: bytes, received_at: float) -> Exchange:
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in request.headers.raw_items()
    )
    method = request.method.decode("latin-1")
    return Exchange(host, method, request.target.decode("latin-1"), headers, body, received_at)
