"""Measure the costs of a command, describe the machine, and write tables of ratios."""

from __future__ import annotations

import os
import platform
import re
import statistics
import subprocess
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
import msgspec

ROOT = Path(__file__).parents[1]


class Cost(msgspec.Struct, frozen=True):
    """Hold what one run of a command cost.

    Attributes:
        wall_seconds: from its start to its exit.
        cpu_seconds: of it and of what it started and waited for.
        peak_mebibytes: the most memory that one process had.
    """

    wall_seconds: float
    cpu_seconds: float
    peak_mebibytes: float


def cost(command: list[str], expected_status: int = 0) -> Cost:
    """Run a command to its end, and discard its output.

    Raises:
        click.ClickException: its exit status is not the expected one.
    """
    nowhere = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)]
    start = time.monotonic()
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=nowhere)
    _, status, used = os.wait4(pid, 0)
    wall_seconds = time.monotonic() - start
    if os.waitstatus_to_exitcode(status) != expected_status:
        raise click.ClickException(f"`{' '.join(command)}` did not end with {expected_status}")
    return Cost(wall_seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def output_of(command: Sequence[str], folder: Path = ROOT) -> str:
    """Return what a command writes to stdout."""
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def machine(*versions: str) -> str:
    """Describe this machine in one line."""
    cpu = Path("/proc/cpuinfo")
    models = re.findall(r"model name\s*: (.+)", cpu.read_text()) if cpu.is_file() else []
    load = os.getloadavg()[0]
    facts = [
        f"{os.cpu_count()} processors ({models[0] if models else platform.machine()})",
        f"{platform.system()} {platform.release().partition('-')[0]}",
        f"Python {platform.python_version()}",
        *versions,
        f"load average before: {load:.1f}",
    ]
    return ", ".join(facts)


def ratios(over: Iterable[float], under: Iterable[float]) -> str:
    """Return the median of the ratios, pair by pair, and their range."""
    values = [a / b for a, b in zip(over, under, strict=True)]
    return f"{statistics.median(values):.3g} ({min(values):.3g} to {max(values):.3g})"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown; its first column is text, the others are numbers."""
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
