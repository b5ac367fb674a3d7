"""Make terminals for a process that is to believe that somebody sits in front of it."""

from __future__ import annotations

import errno
import fcntl
import os
import struct
import termios
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import IO

import msgspec

OFLAG, LFLAG = 1, 3
"""Places in what tcgetattr returns (termios(3))."""

ROWS, COLUMNS = 24, 80
READ_BYTES = 1 << 16


TYPED = b"x\n"
"""What is typed before the process begins: one that reads it would wait for a key."""


class Terminals(msgspec.Struct, frozen=True):
    """Hold the terminals of a process: one for each of its standard streams.

    Attributes:
        stdin: the end of the process.
        stdout: where to read what is written to stdout.
        stderr: the same for stderr.
        outputs: the ends of the process for stdout and stderr; to be closed when it has started.
    """

    stdin: IO[bytes]
    stdout: IO[bytes]
    stderr: IO[bytes]
    outputs: tuple[IO[bytes], IO[bytes]]

    def was_read(self) -> bool:
        """Return whether anything has read what was typed."""
        waiting = fcntl.ioctl(self.stdin, termios.FIONREAD, bytes(4))
        (count,) = struct.unpack("i", waiting)
        return bool(count < len(TYPED))


@contextmanager
def terminals() -> Iterator[Terminals]:
    """Make terminals that pass on each byte as it is.

    Raises:
        OSError: this machine has no terminal left.
    """
    with ExitStack() as stack:
        ends = []
        for _ in range(3):
            master, slave = os.openpty()
            ends.append(stack.enter_context(os.fdopen(master, "r+b", 0)))
            ends.append(stack.enter_context(os.fdopen(slave, "r+b", 0)))
            attributes = termios.tcgetattr(slave)
            attributes[OFLAG] &= ~termios.OPOST  # it makes \r\n of \n
            attributes[LFLAG] &= ~termios.ECHO
            termios.tcsetattr(slave, termios.TCSANOW, attributes)
            fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("4H", ROWS, COLUMNS, 0, 0))
        ends[0].write(TYPED)
        yield Terminals(ends[1], ends[2], ends[4], (ends[3], ends[5]))


def read(output: IO[bytes]) -> bytes:
    """Return what a process has written to a pipe or a terminal; b"" where nothing can follow."""
    try:
        return os.read(output.fileno(), READ_BYTES)
    except OSError as error:
        if error.errno != errno.EIO:  # what Linux says of a terminal that nobody has open
            raise
        return b""
