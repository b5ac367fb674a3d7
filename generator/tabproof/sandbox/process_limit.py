"""Limit the processes of a whole sandbox, by the kernel: a fork bomb stays inside."""

from __future__ import annotations

import os
import re
import resource
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

MAX_PROCESSES = 4096
"""Threads count. Each of the runs at the same time may have some dozens."""

PID_MAX = Path("/proc/sys/kernel/pid_max")
LINUX_WITH_PID_MAX_PER_NAMESPACE = (6, 14)
"""The first Linux that keeps `pid_max` for each PID namespace (proc_sys_kernel(5))."""


def limit_processes(maximum: int) -> None:
    """Limit the processes and threads that this sandbox may have at the same time.

    The kernel counts those of ordinary users per user namespace (setrlimit(2), RLIMIT_NPROC). It
    does not count root's: only the number of PIDs in the PID namespace limits these.

    Args:
        maximum: at least 301, the smallest `pid_max` that the kernel accepts.
    """
    _soft, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    limit = maximum if hard == resource.RLIM_INFINITY else min(maximum, hard)
    resource.setrlimit(resource.RLIMIT_NPROC, (limit, limit))
    if limits_root():
        # Without permission to write it, only `ResourceWatch` limits the processes of root.
        with suppress(OSError):
            PID_MAX.write_text(str(maximum))


def limited(maximum: int, command: Iterable[str]) -> list[str]:
    """Return the command that does the same for a command in a sandbox of its own.

    An interpreter would take longer to start than most commands take.

    Args:
        maximum: as above.
        command: what is limited.
    """
    _soft, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    limit = maximum if hard == resource.RLIM_INFINITY else min(maximum, hard)
    prlimit = shutil.which("prlimit")
    limits = [prlimit, f"--nproc={limit}", "--core=0", "--"] if prlimit else []
    if not limits_root():
        return [*limits, *command]
    script = f'(echo {maximum} > {PID_MAX}) 2>/dev/null; exec "$@"'
    return ["/bin/sh", "-c", script, "sh", *limits, *command]


def limits_root() -> bool:
    """Return whether this kernel limits the processes of root too."""
    return _kernel_version() >= LINUX_WITH_PID_MAX_PER_NAMESPACE


def _kernel_version() -> tuple[int, ...]:
    numbers = re.match(r"(\d+)\.(\d+)", os.uname().release)
    return tuple(map(int, numbers.groups())) if numbers else (0, 0)
