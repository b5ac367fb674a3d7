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


class Terminals(msgspec.Struct, frozen=True):
    """Hold the two terminals of a process: one for stdin and stdout, one for stderr.

    Attributes:
        stdout: where to read what is written to stdout.
        stderr: the same for stderr.
        slaves: the ends of the process; to be closed when it has started.
    """

    stdout: IO[bytes]
    stderr: IO[bytes]
    slaves: tuple[IO[bytes], IO[bytes]]


@contextmanager
def terminals() -> Iterator[Terminals]:
    """Make terminals that pass on each byte as it is, and at which nobody types.

    Raises:
        OSError: this machine has no terminal left.
    """
    with ExitStack() as stack:
        ends = []
        for _ in range(2):
            master, slave = os.openpty()
            ends.append(stack.enter_context(os.fdopen(master, "rb", 0)))
            ends.append(stack.enter_context(os.fdopen(slave, "wb", 0)))
            attributes = termios.tcgetattr(slave)
            attributes[OFLAG] &= ~termios.OPOST  # it makes \r\n of \n
            attributes[LFLAG] &= ~termios.ECHO
            termios.tcsetattr(slave, termios.TCSANOW, attributes)
            fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("4H", ROWS, COLUMNS, 0, 0))
        yield Terminals(ends[0], ends[2], (ends[1], ends[3]))


def read(output: IO[bytes]) -> bytes:
    """Return what a process has written to a pipe or a terminal; b"" where nothing can follow."""
    try:
        return os.read(output.fileno(), READ_BYTES)
    except OSError as error:
        if error.errno != errno.EIO:  # what Linux says of a terminal that nobody has open
            raise
        return b""
