"""Give each run a network of its own, with addresses that clients do not treat as loopback."""

from __future__ import annotations

import ctypes
import fcntl
import ipaddress
import os
import socket
import struct

NETWORK = ipaddress.IPv4Network("198.18.0.0/15")
"""The block for benchmarks of networks (RFC 2544): never routed on the Internet."""

CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS = 0x8914
SIOCSIFADDR = 0x8916
SIOCSIFNETMASK = 0x891C
IFF_UP, IFF_RUNNING = 0x1, 0x40
"""Constants of sched.h, sockios.h and if.h; Python 3.11 has none of them."""


def enter_network() -> None:
    """Move this thread into a new network namespace, in which it has every address of `NETWORK`.

    Sockets and processes that the thread makes from now on are in it, and so are its new threads
    (network_namespaces(7)). A loopback device answers for the whole block of each of its addresses
    (Linux).

    Raises:
        OSError: this process may not make a namespace.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH22x", b"lo", IFF_UP | IFF_RUNNING))
        fcntl.ioctl(control, SIOCSIFADDR, _request(str(NETWORK[1])))
        fcntl.ioctl(control, SIOCSIFNETMASK, _request(str(NETWORK.netmask)))


def address(number: int) -> str:
    """Return the address with this number, counted from 0."""
    return str(NETWORK[2 + number])


def _request(value: str) -> bytes:
    """Return a `struct ifreq` for the alias `lo:1` (netdevice(7))."""
    return struct.pack("16sH2x4s8x", b"lo:1", socket.AF_INET, socket.inet_aton(value))
