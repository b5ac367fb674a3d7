"""What all benchmarks share: a command with its costs, the machine, and tables of ratios."""

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
    """What one run of a command took.

    Attributes:
        wall_seconds: from its start to its exit.
        cpu_seconds: of it and of what it started and waited for.
        peak_mebibytes: the most memory that one process had.
    """

    wall_seconds: float
    cpu_seconds: float
    peak_mebibytes: float


def cost(command: list[str], wanted: int = 0) -> Cost:
    """Run a command to its end, and throw away what it says.

    Raises:
        click.ClickException: its exit status is not the wanted one.
    """
    nowhere = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)]
    begun = time.monotonic()
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=nowhere)
    _, status, used = os.wait4(pid, 0)
    wall_seconds = time.monotonic() - begun
    if os.waitstatus_to_exitcode(status) != wanted:
        raise click.ClickException(f"`{' '.join(command)}` did not end with {wanted}")
    return Cost(wall_seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def said(command: Sequence[str], folder: Path = ROOT) -> str:
    """What a command writes on stdout."""
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def machine(*versions: str) -> str:
    """What is measured on, in words."""
    cpu = Path("/proc/cpuinfo")
    models = re.findall(r"model name\s*: (.+)", cpu.read_text()) if cpu.is_file() else []
    load = os.getloadavg()[0]
    words = [
        f"{os.cpu_count()} processors ({models[0] if models else platform.machine()})",
        f"{platform.system()} {platform.release().partition('-')[0]}",
        f"Python {platform.python_version()}",
        *versions,
        f"load average before: {load:.1f}",
    ]
    return ", ".join(words)


def ratios(over: Iterable[float], under: Iterable[float]) -> str:
    """The median of ratios pair by pair, and their range."""
    each = [a / b for a, b in zip(over, under, strict=True)]
    return f"{statistics.median(each):.3g} ({min(each):.3g} to {max(each):.3g})"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown; the first column is words, the others are figures."""
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
