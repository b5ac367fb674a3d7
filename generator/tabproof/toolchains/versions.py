"""Ask programs and libraries for their versions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from tabproof.model.command import Probe, fill_command
from tabproof.system import processes

PROBE_SECONDS = 60
NOT_INSTALLED = "not installed"

ReadOutput: TypeAlias = Callable[[tuple[str, ...]], str]
"""Runs a command and returns its output."""


def program_output(command: tuple[str, ...]) -> str:
    """Run a program and return its output: stdout, then stderr.

    Raises:
        OSError: it cannot be started.
        TimeoutError: it did not end within `PROBE_SECONDS`.
    """
    result = processes.run_tool(command, PROBE_SECONDS)
    if result.killed:
        raise TimeoutError
    return (result.stdout + result.stderr).decode(errors="replace")


def version_of(
    probe: Probe, placeholders: Mapping[str, str], folder: Path, read_output: ReadOutput
) -> tuple[str, str]:
    """Return a version and "", or "" and the reason why there is none.

    Args:
        probe: the command or the file that has the version, and the pattern to find it.
        placeholders: placeholder -> its value.
        folder: the language's libraries; the probe's file is relative to it.
        read_output: runs a command and returns its output.
    """
    try:
        output = _probe_output(probe, placeholders, folder, read_output)
    except FileNotFoundError:
        return "", NOT_INSTALLED
    except TimeoutError:
        return "", f"did not answer within {PROBE_SECONDS} s"
    except OSError as error:
        return "", f"cannot be started: {error.strerror}"
    match = re.search(probe.pattern, output)
    if match:
        return match[1], ""
    is_missing = probe.run is None or "rror" in output
    return "", NOT_INSTALLED if is_missing else "its version is not recognized"


def _probe_output(
    probe: Probe, placeholders: Mapping[str, str], folder: Path, read_output: ReadOutput
) -> str:
    if probe.file is not None:
        files = list(folder.glob(probe.file))
        # With two versions installed, it is unclear which one a sample would get.
        return files[0].read_text(errors="replace") if len(files) == 1 else ""
    return read_output(tuple(fill_command(probe.run or (), placeholders)))


def version_numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, which can be compared."""
    return tuple(int(number) for number in re.findall(r"\d+", version))
