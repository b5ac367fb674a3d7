"""Serve a server's sockets, each in a thread of its own that also closes it.

No other thread closes a socket: OpenSSL keeps its file descriptor. Woken by such a close, it would
read from whatever has the descriptor by then, and take the first five bytes (the header of a TLS
record: RFC 8446, section 5.1) of another run's output.
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
"""How long it waits for threads to notice that their sockets are shut down."""


class Connections:
    """Hold the open sockets, and the threads that serve them."""

    def __init__(self, context: ssl.SSLContext | None, idle_seconds: float) -> None:
        """Keep the settings of the connections.

        Args:
            context: the TLS context, with the certificate; None for plain HTTP.
            idle_seconds: how long a client may send nothing.
        """
        self._context = context
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._ended = False
        self._listeners: list[socket.socket] = []
        self._open: dict[threading.Thread, socket.socket] = {}

    def listen(self, listener: socket.socket, serve: Callable[[socket.socket], None]) -> None:
        """Accept connections as `accept` does, in a thread of its own."""
        self._listeners.append(listener)
        self._start(listener, functools.partial(self.accept, serve=serve))

    def accept(self, listener: socket.socket, serve: Callable[[socket.socket], None]) -> None:
        """Accept connections until the end; serve each in a thread of its own.

        Args:
            listener: the listening socket.
            serve: serves one connection; it calls `start_tls` first.
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
                self._start(self._with_tls(connection), serve)
            except OSError:
                connection.close()  # the client is gone already

    def end(self) -> None:
        """Accept no further connection, shut down the open ones, and wait for the threads."""
        with self._lock:
            self._ended = True
            open_sockets = dict(self._open)
        for listener in self._listeners:
            _wake(listener)
        for connection in open_sockets.values():
            if connection not in self._listeners:
                _shut_down(connection)
        deadline = time.monotonic() + STOP_SECONDS
        for thread in open_sockets:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _with_tls(self, connection: socket.socket) -> socket.socket:
        if self._context is None:
            return connection
        return self._context.wrap_socket(
            connection, server_side=True, do_handshake_on_connect=False
        )

    def _start(self, connection: socket.socket, serve: Callable[[socket.socket], None]) -> None:
        def run() -> None:
            try:
                with connection:
                    serve(connection)
            finally:
                with self._lock:
                    del self._open[thread]

        thread = threading.Thread(target=run, daemon=True)
        # An interruption in between would register a thread that never starts; `end` would join it.
        with interruption.deferred():
            with self._lock:
                ended = self._ended
                if not ended:
                    self._open[thread] = connection
            if ended:
                connection.close()
            else:
                thread.start()


def start_tls(connection: socket.socket) -> None:
    """Do the TLS handshake, if the connection uses TLS.

    Raises:
        OSError: the client refuses, or is gone.
    """
    if isinstance(connection, ssl.SSLSocket):
        connection.do_handshake()


def _wake(listener: socket.socket) -> None:
    """Let a waiting `accept` return; not every system does so at a shutdown."""
    with contextlib.suppress(OSError):
        socket.create_connection(listener.getsockname()[:2], STOP_SECONDS).close()


def _shut_down(connection: socket.socket) -> None:
    """Let a thread that waits for a connection continue."""
    # SSLSocket's own method would remove TLS while the thread uses it.
    # The client may have closed the connection first.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
