"""The tools that some cases need: libfaketime for their clock, strace for their arguments."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from functools import cache
from pathlib import Path

from tabproof.model.case import Clock, Situation
from tabproof.sandbox.protocol import TRACE

PACKAGES = {"libfaketime": "libfaketime", "strace": "strace"}
"""Tool -> the Debian package that brings it."""

LONGEST_ARGUMENT_BYTES = 65536


def missing_tools() -> list[str]:
    """The tools that this machine does not have."""
    have = {"libfaketime": _libfaketime(), "strace": shutil.which("strace")}
    return [name for name, path in have.items() if not path]


def missing_tool_reason(situation: Situation, absent: Collection[str]) -> str:
    """Why this machine cannot make a situation; "" where it can.

    Args:
        situation: what a run finds around it.
        absent: those of the tools that this machine does not have.
    """
    wanted = {"libfaketime": situation.clock is not None, "strace": situation.traced}
    names = [name for name in absent if wanted[name]]
    return "; ".join(f"{name} is not installed (Debian: {PACKAGES[name]})" for name in names)


def clock_environment(clock: Clock | None) -> dict[str, str]:
    """Variables that give a process the clock (libfaketime's manual page)."""
    library = _libfaketime()
    if clock is None or library is None:
        return {}
    step = f" i{clock.step_seconds}.0" if clock.step_seconds else ""
    return {
        "LD_PRELOAD": library,
        "FAKETIME": f"@{clock.at_seconds}{step}",
        "FAKETIME_FMT": "%s",
        # Timeouts go on in real time.
        "DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }


def trace_command(command: list[str]) -> list[str]:
    """A command whose processes' arguments are written to `TRACE`."""
    program = shutil.which("strace") or "strace"
    bound = str(LONGEST_ARGUMENT_BYTES)
    return [program, "-f", "-qq", "-e", "trace=execve", "-s", bound, "-o", TRACE, "--", *command]


@cache
def _libfaketime() -> str | None:
    patterns = ("faketime/libfaketime.so.1", "*/faketime/libfaketime.so.1")
    found = sorted(path for pattern in patterns for path in Path("/usr/lib").glob(pattern))
    return str(found[0]) if found else None
