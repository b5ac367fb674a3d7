"""The edge where programs say their versions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from tabproof.model.command import Probe, fill_command
from tabproof.system import processes

PROBE_SECONDS = 60
NOT_INSTALLED = "not installed"

Ask: TypeAlias = Callable[[tuple[str, ...]], str]
"""A command -> what it says."""


def program_output(command: tuple[str, ...]) -> str:
    """What a program says when it is asked.

    Raises:
        OSError: it cannot be started.
        TimeoutError: it does not say anything for long.
    """
    done = processes.run_tool(command, PROBE_SECONDS)
    if done.killed:
        raise TimeoutError
    return (done.stdout + done.stderr).decode(errors="replace")


def version_of(probe: Probe, places: Mapping[str, str], folder: Path, ask: Ask) -> tuple[str, str]:
    """A version, or "" and why there is none.

    Args:
        probe: how it is found.
        places: placeholder -> its value.
        folder: of the language's libraries; files are named from there.
        ask: has a command said what it says.
    """
    try:
        text = _probe(probe, places, folder, ask)
    except FileNotFoundError:
        return "", NOT_INSTALLED
    except TimeoutError:
        return "", f"did not answer within {PROBE_SECONDS} s"
    except OSError as error:
        return "", f"cannot be started: {error.strerror}"
    found = re.search(probe.pattern, text)
    if not found:
        return "", NOT_INSTALLED if probe.run is None or "rror" in text else "its version is odd"
    return found[1], ""


def _probe(probe: Probe, places: Mapping[str, str], folder: Path, ask: Ask) -> str:
    if probe.file is not None:
        found = list(folder.glob(probe.file))
        # Of two versions nobody knows which one a sample would get.
        return found[0].read_text(errors="replace") if len(found) == 1 else ""
    return ask(tuple(fill_command(probe.run or (), places)))


def numbers(version: str) -> tuple[int, ...]:
    """A version in parts that can be compared."""
    return tuple(int(number) for number in re.findall(r"\d+", version))
