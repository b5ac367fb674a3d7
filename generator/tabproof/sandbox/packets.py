"""Record whom a run contacts: every attempt to connect and every datagram in its own network.

A mock API sees only who reaches it. The kernel shows a packet socket the rest: a second attempt
after a refusal, another port, another host, a name that is looked up (packet(7)).
"""

from __future__ import annotations

import ctypes
import ipaddress
import select
import socket
import struct
from collections.abc import Iterator, Mapping
from typing import NamedTuple, Self

from tabproof.sandbox.protocol import Contact

ETH_P_IP, ETH_P_IPV6 = 0x0800, 0x86DD
SO_ATTACH_FILTER, SO_TIMESTAMP = 26, 29
SOL_PACKET, PACKET_STATISTICS = 263, 6
"""Constants of if_ether.h, socket.h and if_packet.h; Python 3.11 has none of them."""

LONGEST_PACKET_BYTES = 1024
IPV6_HEADER_BYTES = 40
UDP_HEADER_BYTES = 8
DNS_HEADER_BYTES = 12
DNS_PORT = 53
LONGEST_LABEL = 63

# Berkeley packet filter: (instruction, steps where true, where false, operand). It lets through
# UDP, and of TCP the first packet of a connection: SYN without ACK (RFC 9293, section 3.1).
LOAD_BYTE, LOAD_BYTE_AFTER_X, LOAD_HEADER_LENGTH, SET_X = 0x30, 0x50, 0xB1, 0x01
IF_EQUAL, AND, RETURN = 0x15, 0x54, 0x06
SYN, SYN_OR_ACK = 0x02, 0x12
FLAGS = 13


class _Version(NamedTuple):
    """Hold what differs between two versions of IP.

    Attributes:
        ethertype: the packets that a socket gets.
        protocol_at: where the header names the protocol above it.
        header_length: the instruction that loads the length of the header into X.
        source_at: where the addresses begin.
        address_bytes: how long an address is.
    """

    ethertype: int
    protocol_at: int
    header_length: tuple[int, int, int, int]
    source_at: int
    address_bytes: int


VERSIONS = (
    _Version(ETH_P_IP, 9, (LOAD_HEADER_LENGTH, 0, 0, 0), 12, 4),
    _Version(ETH_P_IPV6, 6, (SET_X, 0, 0, IPV6_HEADER_BYTES), 8, 16),
)


class PacketLog:
    """Hold the packet sockets of one network namespace: that of the thread that opens it."""

    def __init__(self) -> None:
        """Begin to record.

        Raises:
            OSError: this process may not see packets.
        """
        self._sockets = [(version, _open(version)) for version in VERSIONS]

    def __enter__(self) -> Self:
        """Do nothing more."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop to record."""
        for _version, log in self._sockets:
            log.close()

    def wait(self, seconds: float) -> bool:
        """Wait for the first packet; return whether there is one."""
        ready, _, _ = select.select([log for _version, log in self._sockets], [], [], seconds)
        return bool(ready)

    def contacts(self, names: Mapping[str, str]) -> tuple[Contact, ...]:
        """Return whom the processes of the namespace contacted so far, and forget it.

        A packet that is sent again, as TCP does while nobody answers, counts once. Where packets
        were lost, since there were too many, the last contact is with nobody.

        Args:
            names: address -> the host that has it.
        """
        contacts: dict[tuple[object, ...], Contact] = {}
        lost = 0
        for version, log in self._sockets:
            for at, packet in _packets(log):
                key, contact = _contact(at, packet, version, names)
                contacts.setdefault(key, contact)
            lost += struct.unpack("II", log.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))[1]
        ordered = sorted(contacts.values(), key=lambda contact: contact.at)
        return (*ordered, Contact(ordered[-1].at, "", "", 0)) if lost else tuple(ordered)


def _open(version: _Version) -> socket.socket:
    log = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK, 0)
    program = (
        (LOAD_BYTE, 0, 0, version.protocol_at),
        (IF_EQUAL, 5, 0, socket.IPPROTO_UDP),
        (IF_EQUAL, 0, 5, socket.IPPROTO_TCP),
        version.header_length,
        (LOAD_BYTE_AFTER_X, 0, 0, FLAGS),
        (AND, 0, 0, SYN_OR_ACK),
        (IF_EQUAL, 0, 1, SYN),
        (RETURN, 0, 0, LONGEST_PACKET_BYTES),
        (RETURN, 0, 0, 0),
    )
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in program))
    log.setsockopt(
        socket.SOL_SOCKET,
        SO_ATTACH_FILTER,
        struct.pack("HP", len(program), ctypes.addressof(code)),
    )
    log.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMP, 1)
    log.bind(("lo", version.ethertype))
    return log


def _packets(log: socket.socket) -> Iterator[tuple[float, bytes]]:
    """Yield the packets that wait, each with the time at which it was sent."""
    while True:
        try:
            packet, ancillary, _flags, _address = log.recvmsg(LONGEST_PACKET_BYTES, 64)
        except BlockingIOError:
            return
        at = next(
            (
                s + us / 1e6
                for _level, _type, data in ancillary
                for s, us in [struct.unpack("ll", data[:16])]
            ),
            0.0,
        )
        yield at, packet


def _contact(
    at: float, packet: bytes, version: _Version, names: Mapping[str, str]
) -> tuple[tuple[object, ...], Contact]:
    """Return what identifies a contact, and the contact."""
    start = IPV6_HEADER_BYTES if version.ethertype == ETH_P_IPV6 else (packet[0] & 0xF) * 4
    middle = version.source_at + version.address_bytes
    destination = packet[middle : middle + version.address_bytes]
    address = str(ipaddress.ip_address(destination))
    source_port, port = struct.unpack("!HH", packet[start : start + 4])
    is_udp = packet[version.protocol_at] == socket.IPPROTO_UDP
    payload = packet[start + UDP_HEADER_BYTES :] if is_udp else b""
    lookup = looked_up_name(payload) if is_udp and port == DNS_PORT else ""
    contact = Contact(at, names.get(address, address), address, port, lookup, is_udp)
    return (source_port, address, port, payload), contact


def looked_up_name(query: bytes) -> str:
    """Return the name that a DNS query asks for (RFC 1035, section 4.1.2); "" if it is none."""
    labels, rest = [], query[DNS_HEADER_BYTES:]
    while rest and 0 < rest[0] <= LONGEST_LABEL:
        labels.append(rest[1 : rest[0] + 1].decode("latin-1"))
        rest = rest[rest[0] + 1 :]
    return ".".join(labels)
