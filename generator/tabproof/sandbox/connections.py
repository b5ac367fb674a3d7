"""A server's sockets: each is served, and closed, by a thread of its own.

No other thread closes one. OpenSSL keeps a socket's number; woken by such a close, it would read
from whatever has the number by then, and take the first five bytes (the header of a TLS record:
RFC 8446, section 5.1) of another run's output.
"""

from __future__ import annotations

import contextlib
import functools
import socket
import ssl
import threading
import time
from collections.abc import Callable

from tabproof.system import interruption

STOP_SECONDS = 5
"""How long threads have to notice that their sockets are shut down."""


class Connections:
    """Sockets that are open, and the threads that serve them."""

    def __init__(self, context: ssl.SSLContext | None, idle_seconds: float) -> None:
        """Keep what the connections have in common.

        Args:
            context: the certificate; None for plain text.
            idle_seconds: how long a client may say nothing.
        """
        self._context = context
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._ended = False
        self._listeners: list[socket.socket] = []
        self._open: dict[threading.Thread, socket.socket] = {}

    def listen(self, listener: socket.socket, serve: Callable[[socket.socket], None]) -> None:
        """Take connections in a thread of their own, as `accept` does."""
        self._listeners.append(listener)
        self._start(listener, functools.partial(self.accept, serve=serve))

    def accept(self, listener: socket.socket, serve: Callable[[socket.socket], None]) -> None:
        """Take connections until the end; each is served by a thread of its own.

        Args:
            listener: where they come from.
            serve: what is done with one. TLS is not begun yet: `greet` does that.
        """
        while True:
            try:
                connection, _peer = listener.accept()
            except OSError:
                return
            if self._ended:
                connection.close()
                return
            connection.settimeout(self._idle_seconds)
            try:
                self._start(self._secured(connection), serve)
            except OSError:
                connection.close()  # the client has gone already

    def end(self) -> None:
        """Take no further connection, shut down those that are open, wait for the threads."""
        with self._lock:
            self._ended = True
            open_now = dict(self._open)
        for listener in self._listeners:
            _wake(listener)
        for served in open_now.values():
            if served not in self._listeners:
                _shut_down(served)
        deadline = time.monotonic() + STOP_SECONDS
        for thread in open_now:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _secured(self, connection: socket.socket) -> socket.socket:
        if self._context is None:
            return connection
        return self._context.wrap_socket(
            connection, server_side=True, do_handshake_on_connect=False
        )

    def _start(self, served: socket.socket, serve: Callable[[socket.socket], None]) -> None:
        def run() -> None:
            try:
                with served:
                    serve(served)
            finally:
                with self._lock:
                    del self._open[thread]

        thread = threading.Thread(target=run, daemon=True)
        # Only a thread that has started can be waited for.
        with interruption.deferred():
            with self._lock:
                ended = self._ended
                if not ended:
                    self._open[thread] = served
            if ended:
                served.close()
            else:
                thread.start()


def start_tls(connection: socket.socket) -> None:
    """Begin TLS, where the connection has it.

    Raises:
        OSError: the client does not take it, or has gone.
    """
    if isinstance(connection, ssl.SSLSocket):
        connection.do_handshake()


def _wake(listener: socket.socket) -> None:
    """Let an `accept` that waits return; not every system does so at a shutdown."""
    with contextlib.suppress(OSError):
        socket.create_connection(listener.getsockname()[:2], STOP_SECONDS).close()


def _shut_down(connection: socket.socket) -> None:
    """Let a thread that waits for a connection go on."""
    # SSLSocket's own method takes TLS away from under the thread that uses it.
    # The peer may have been faster.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
