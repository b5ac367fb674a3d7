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

IPV6_ADDRESS = "2001:2::2"
"""One of the block for benchmarks of IPv6 networks (RFC 5180)."""

CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS = 0x8914
SIOCSIFADDR = 0x8916
SIOCSIFNETMASK = 0x891C
IFF_UP, IFF_RUNNING = 0x1, 0x40
NETLINK_ROUTE, RTM_NEWROUTE, RTA_OIF = 0, 24, 4
NLM_F_REQUEST, NLM_F_ACK, NLM_F_CREATE = 0x1, 0x4, 0x400
LOCAL_TABLE, RTPROT_BOOT, SCOPE_HOST, LOCAL = 255, 3, 254, 2
"""Constants of sched.h, sockios.h, if.h and rtnetlink.h; Python 3.11 has none of them."""


def enter_network() -> None:
    """Move this thread into a new network namespace, in which every address is this machine's.

    Sockets and processes that the thread makes from now on are in it, and so are its new threads
    (network_namespaces(7)). The loopback device has an address of `NETWORK`: clients treat a
    machine without one as being offline.

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
    for family in (socket.AF_INET, socket.AF_INET6):
        _make_all_local(family)


def add_ipv6_address() -> None:
    """Give the loopback device `IPV6_ADDRESS`: clients look up no IPv6 address without one.

    Raises:
        OSError: the kernel has no IPv6.
    """
    request = struct.pack(
        "16sIi", socket.inet_pton(socket.AF_INET6, IPV6_ADDRESS), 128, socket.if_nametoindex("lo")
    )
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFADDR, request)  # struct in6_ifreq (ipv6(7))


def _make_all_local(family: socket.AddressFamily) -> None:
    """Let the loopback device answer for every address: refuse there what nobody listens for.

    A run that contacts another host is then seen to do so, and does not wait for an answer
    (rtnetlink(7)).
    """
    route = struct.pack(
        "BBBBBBBBI", family, 0, 0, 0, LOCAL_TABLE, RTPROT_BOOT, SCOPE_HOST, LOCAL, 0
    )
    body = route + struct.pack("HHi", 8, RTA_OIF, socket.if_nametoindex("lo"))
    flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_ROUTE) as control:
        control.send(struct.pack("IHHII", 16 + len(body), RTM_NEWROUTE, flags, 1, 0) + body)
        (number,) = struct.unpack("i", control.recv(1024)[16:20])
    if number and family == socket.AF_INET:  # a kernel without IPv6 needs no route for it
        raise OSError(-number, os.strerror(-number))


def address(number: int) -> str:
    """Return the address with this number, counted from 0."""
    return str(NETWORK[2 + number])


def _request(value: str) -> bytes:
    """Return a `struct ifreq` for the alias `lo:1` (netdevice(7))."""
    return struct.pack("16sH2x4s8x", b"lo:1", socket.AF_INET, socket.inet_aton(value))
