"""Assign addresses to the mock API that clients do not treat as loopback."""

from __future__ import annotations

import fcntl
import ipaddress
import socket
import struct

NETWORK = ipaddress.IPv4Network("198.18.0.0/15")
"""The block for benchmarks of networks (RFC 2544): never routed on the Internet."""

SIOCSIFADDR = 0x8916
SIOCSIFNETMASK = 0x891C


def add_addresses() -> None:
    """Assign every address of `NETWORK` to this network namespace.

    A loopback device answers for the whole block of each of its addresses (Linux).

    Raises:
        OSError: this process may not change the namespace.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFADDR, _request(str(NETWORK[1])))
        fcntl.ioctl(control, SIOCSIFNETMASK, _request(str(NETWORK.netmask)))


def address(number: int) -> str:
    """Return the address with this number, counted from 0."""
    return str(NETWORK[2 + number])


def _request(value: str) -> bytes:
    """Return a `struct ifreq` for the alias `lo:1` (netdevice(7))."""
    return struct.pack("16sH2x4s8x", b"lo:1", socket.AF_INET, socket.inet_aton(value))
