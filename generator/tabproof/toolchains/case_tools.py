"""Find and call the tools that some cases need: libfaketime (clock), strace (arguments)."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from functools import cache
from pathlib import Path

from tabproof.model.case import Clock, Situation
from tabproof.sandbox.protocol import TRACE

PACKAGES = {"libfaketime": "libfaketime", "strace": "strace"}
"""Tool -> the Debian package that has it."""

LONGEST_ARGUMENT_BYTES = 65536
MOST_TRACE_BYTES = 16 << 20
"""Also the size of the largest file that a traced run can write."""


def missing_tools() -> list[str]:
    """Return the names of the tools that are not installed."""
    paths = {"libfaketime": _libfaketime(), "strace": shutil.which("strace")}
    return [name for name, path in paths.items() if not path]


def missing_tool_reason(situation: Situation, missing: Collection[str]) -> str:
    """Return why this machine cannot make a situation; "" where it can.

    Args:
        situation: the environment of a run.
        missing: the tools that are not installed.
    """
    needed = {"libfaketime": situation.clock is not None, "strace": situation.traced}
    names = [name for name in missing if needed[name]]
    return "; ".join(f"{name} is not installed (Debian: {PACKAGES[name]})" for name in names)


def clock_environment(clock: Clock | None) -> dict[str, str]:
    """Return the variables that give a process the clock (libfaketime's manual page)."""
    library = _libfaketime()
    if clock is None or library is None:
        return {}
    step = f" i{clock.step_seconds}.0" if clock.step_seconds else ""
    return {
        "LD_PRELOAD": library,
        "FAKETIME": f"@{clock.at_seconds}{step}",
        "FAKETIME_FMT": "%s",
        # Timeouts stay in real time.
        "DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }


def tracer() -> tuple[str, ...]:
    """Return the command around another that writes its processes' arguments to `TRACE`."""
    strace, prlimit = (shutil.which(name) or name for name in ("strace", "prlimit"))
    limit = str(LONGEST_ARGUMENT_BYTES)
    return (
        *(prlimit, f"--fsize={MOST_TRACE_BYTES}", "--"),
        *(strace, "-f", "-qq", "-e", "trace=execve", "-s", limit, "-o", TRACE, "--"),
    )


@cache
def _libfaketime() -> str | None:
    patterns = ("faketime/libfaketime.so.1", "*/faketime/libfaketime.so.1")
    paths = sorted(path for pattern in patterns for path in Path("/usr/lib").glob(pattern))
    return str(paths[0]) if paths else None
