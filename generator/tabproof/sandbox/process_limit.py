"""The kernel's own bound on the processes of a whole sandbox: no fork bomb takes the machine."""

from __future__ import annotations

import os
import re
import resource
from contextlib import suppress
from pathlib import Path

MOST_PROCESSES = 4096
"""Threads count. Each of the runs that are under way at the same time may have some dozens."""

PID_MAX = Path("/proc/sys/kernel/pid_max")
PID_MAX_IS_A_SANDBOXS_OWN = (6, 14)
"""The first Linux that keeps `pid_max` for each PID namespace (proc_sys_kernel(5))."""


def bound_processes(most: int) -> None:
    """Let this sandbox have no more processes and threads than this at the same time.

    An ordinary user's are counted by user namespace (setrlimit(2), RLIMIT_NPROC). The kernel does
    not count root's; what bounds these is how many PIDs the PID namespace has.

    Args:
        most: at least 301: the kernel takes no smaller `pid_max`.
    """
    _soft, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_NPROC, (bound, bound))
    if bounds_root():
        # Where that is refused, the watch is all that there is.
        with suppress(OSError):
            PID_MAX.write_text(str(most))


def bounds_root() -> bool:
    """Whether this kernel bounds the processes of root too."""
    return _kernel() >= PID_MAX_IS_A_SANDBOXS_OWN


def _kernel() -> tuple[int, ...]:
    numbers = re.match(r"(\d+)\.(\d+)", os.uname().release)
    return tuple(map(int, numbers.groups())) if numbers else (0, 0)
