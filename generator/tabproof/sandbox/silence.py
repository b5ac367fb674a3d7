"""Leave the first packet of a connection unanswered, for a while."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

from tabproof.model.case import Stall
from tabproof.sandbox.packets import PacketLog

LOOK_SECONDS = 0.2
"""How often to look whether the run has ended before it made a connection."""


class Silence:
    """Hold a port that answers nobody, as a host behind a firewall does; in the end it refuses.

    Linux drops the first packet of a connection to a listener that has as many as it may have
    (listen(2)): here one, its own, which it never accepts.
    """

    def __init__(
        self, address: str, port: int, stall: Stall, when_waiting: Callable[[], None]
    ) -> None:
        """Take the port.

        Args:
            address: the address.
            port: the port.
            stall: how long no packet is answered, counted from the first one.
            when_waiting: called when that one arrives.
        """
        self._stall = stall
        self._when_waiting = when_waiting
        self._ended = threading.Event()
        self._listener = socket.create_server((address, port), backlog=0, reuse_port=True)
        self._own = socket.create_connection((address, port))
        # It sees the network of the thread that opens it.
        self._log = PacketLog()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Free the port."""
        self._ended.set()
        self._thread.join()

    def _keep(self) -> None:
        with self._log, self._own, self._listener:
            while not self._log.wait(LOOK_SECONDS):
                if self._ended.is_set():
                    return
            self._when_waiting()
            self._ended.wait(self._stall.seconds)
