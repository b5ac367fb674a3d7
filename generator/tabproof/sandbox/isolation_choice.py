"""Choose how runs are isolated on this machine."""

from __future__ import annotations

import shutil
import sys
from typing import Literal

import msgspec

from tabproof.model.isolation import BUBBLEWRAP, REBASED, Isolation
from tabproof.sandbox import bubblewrap
from tabproof.system import processes
from tabproof.system.temporary_folders import temporary_folder

TRIAL_SECONDS = 30
AUTO: Literal["auto"] = "auto"
CHOICES = (AUTO, BUBBLEWRAP, REBASED)


class IsolationChoice(msgspec.Struct, frozen=True):
    """Hold how runs are isolated from this machine.

    Attributes:
        missing_reason: why this isolation is not available; "" where it is.
    """

    isolation: Isolation = BUBBLEWRAP
    missing_reason: str = ""


IN_SANDBOX = IsolationChoice()


def choose_isolation(name: str) -> IsolationChoice:
    """Return the isolation of that name.

    Args:
        name: one of `CHOICES`; `auto` means the sandbox, or `rebased` where there is none.
    """
    if name == REBASED:
        return IsolationChoice(REBASED)
    missing_reason = missing_sandbox()
    if missing_reason and name == AUTO:
        return IsolationChoice(REBASED)
    return IsolationChoice(missing_reason=missing_reason)


def missing_sandbox() -> str:
    """Return why this machine has no sandbox; "" where it has one."""
    program = shutil.which("bwrap")
    if program is None and not sys.platform.startswith("linux"):
        return "bubblewrap runs on Linux only"
    if program is None:
        return f"bwrap is not installed (Debian: {bubblewrap.PACKAGE})"
    # The namespaces that each run needs in addition to the worker's.
    inner = [program, "--unshare-pid", "--unshare-net", "--ro-bind", "/", "/", "--proc", "/proc"]
    with temporary_folder("tabproof-") as folder:
        trial = bubblewrap.around_worker(program, [folder], [*inner, "true"])
        try:
            result = processes.run(trial, TRIAL_SECONDS)
        except OSError as error:
            return f"bwrap cannot be started: {error.strerror}"
    if result.killed:
        return f"bwrap does not work here: {result.killed}"
    if result.exit_status == 0:
        return ""
    first_line = result.stderr.decode(errors="replace").strip().partition("\n")[0]
    return f"bwrap does not work here: {first_line}"
