"""Measure what commands cost where nothing has changed, beside the start of the interpreter.

    .venv/bin/python -m benchmarks.nothing --repeats 11

This repository is copied, with its record and with this machine's results, so that `prove` has
nothing to run. Each command runs there twice before it is measured.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import click

from benchmarks.measure import ROOT, Cost, cost, machine, ratios, table

COMMANDS = ("generate", "check", "prove")
BARE = "bare python"
THIRD = 1 / 3


@click.command(help=__doc__.partition("\n")[0])
@click.option("--repeats", type=click.IntRange(min=1), default=11, show_default=True)
def main(repeats: int) -> None:
    """Measure, and print the table."""
    click.echo(machine() + "\n")
    click.echo(report(repeats))


def report(repeats: int) -> str:
    """Run each command in turn, again and again; return a table of the medians of ratios."""
    with tempfile.TemporaryDirectory(prefix="tabproof-benchmark-") as name:
        copy(Path(name))
        begin = [sys.executable, "-m", "tabproof", "--root", name]
        kinds = {command: [*begin, command] for command in COMMANDS}
        kinds[BARE] = [sys.executable, "-c", "0"]
        runs: dict[str, list[Cost]] = {kind: [] for kind in kinds}
        for number in range(repeats + 2):
            for kind, command in kinds.items():
                taken = cost(command)
                if number > 1:
                    runs[kind].append(taken)
    head = ("", f"wall / {BARE}", f"CPU / {BARE}", "wall under a third of a second")
    return table(head, [row(kind, runs) for kind in COMMANDS])


def copy(root: Path) -> None:
    """Copy what this repository has for the commands."""
    for folder in ("templates", "samples"):
        shutil.copytree(ROOT / folder, root / folder)
    own, there = ROOT / ".tabproof", root / ".tabproof"
    there.mkdir()
    if (own / "toolchains").exists():
        (there / "toolchains").symlink_to((own / "toolchains").resolve())
    if (own / "results.json").exists():
        shutil.copy(own / "results.json", there)


def row(kind: str, runs: dict[str, list[Cost]]) -> tuple[str, ...]:
    """Return a command's row."""
    wall = [[run.wall_seconds for run in runs[name]] for name in (kind, BARE)]
    cpu = [[run.cpu_seconds for run in runs[name]] for name in (kind, BARE)]
    is_quick = statistics.median(wall[0]) < THIRD
    return f"`tabproof {kind}`", ratios(*wall), ratios(*cpu), "yes" if is_quick else "no"


if __name__ == "__main__":
    main()
