"""Addresses for the mock API that clients do not take for loopback ones."""

from __future__ import annotations

import fcntl
import ipaddress
import socket
import struct

NETWORK = ipaddress.IPv4Network("198.18.0.0/15")
"""The block for measurements between networks (RFC 2544): never on the Internet."""

SIOCSIFADDR = 0x8916
SIOCSIFNETMASK = 0x891C


def add_addresses() -> None:
    """Make every address of `NETWORK` one of this network namespace's own.

    A loopback device answers for the whole block of each of its addresses (Linux).

    Raises:
        OSError: the namespace is not ours to change.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFADDR, _request(str(NETWORK[1])))
        fcntl.ioctl(control, SIOCSIFNETMASK, _request(str(NETWORK.netmask)))


def address(number: int) -> str:
    """The address with this number, counted from 0."""
    return str(NETWORK[2 + number])


def _request(value: str) -> bytes:
    """A `struct ifreq` for the alias `lo:1` (netdevice(7))."""
    return struct.pack("16sH2x4s8x", b"lo:1", socket.AF_INET, socket.inet_aton(value))
