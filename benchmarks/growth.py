"""Measure what `generate` and `check` cost with 10, 100, 1,000 and 10,000 scenarios.

    .venv/bin/python -m benchmarks.growth --scenarios 10 --scenarios 100

Each scenario has a sample in each language and variant. The record that `check` reads is invented,
with one case for each sample. Each figure is in units of what the same tree costs Python
alone: a stat of each of its files, or a stat, a read and a SHA-256 of each.
"""

from __future__ import annotations

import hashlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import click
import msgspec

from benchmarks.measure import ROOT, Cost, cost, machine, table
from tabproof.model.result import Result, ToolchainVersions
from tabproof.project import catalog_reader
from tabproof.project.cases import case_finder
from tabproof.render.renderer import Renderer
from tabproof.samples import proof_rows, record_files
from tabproof.samples.record import Record

SOURCE = "templates/scenarios/list-users.yml"
URL, TIMEOUT = "https://api.zoom.us/v2/users", "timeout_seconds: 10"
CASES = """\
stderr_never: [Traceback]
credential: "{name}-that-is-long-enough-for-every-library"
outcomes: {answered: {exit_status: 0, stdout: "{body}", stderr: "", requests: 1}}
cases: [{name: success, reason: The one case of this benchmark., expect: answered}]
"""
ONE_SECOND = 1.0


class Size(msgspec.Struct, frozen=True):
    """Hold the costs at one number of scenarios.

    Attributes:
        costs: what was done -> each run's cost.
        stat_seconds: a stat of each file.
        hash_seconds: a stat, a read and a digest of each file.
    """

    scenarios: int
    costs: dict[str, list[Cost]]
    stat_seconds: float
    hash_seconds: float


@click.command(help=__doc__.partition("\n")[0])
@click.option(
    "--scenarios",
    "counts",
    multiple=True,
    type=click.IntRange(min=1),
    default=(10, 100, 1_000, 10_000),
    show_default=True,
)
@click.option("--repeats", type=click.IntRange(min=1), default=5, show_default=True)
def main(counts: tuple[int, ...], repeats: int) -> None:
    """Measure, and print the tables."""
    click.echo(machine() + "\n")
    click.echo(report(counts, repeats))


def report(counts: tuple[int, ...], repeats: int) -> str:
    """Return tables of time and of memory, a row for each number of scenarios."""
    sizes = [measured(count, repeats) for count in counts]
    return f"{times(sizes)}\n{growth(sizes)}\n{memory(sizes)}"


def measured(count: int, repeats: int) -> Size:
    """Make a project, and measure in it."""
    with tempfile.TemporaryDirectory(prefix="tabproof-benchmark-") as name:
        root = Path(name)
        make(root, count)
        costs: dict[str, list[Cost]] = {}

        def run(what: str, command: str, times: int, expected_status: int = 0) -> None:
            arguments = [sys.executable, "-m", "tabproof", "--root", str(root), command]
            costs.setdefault(what, []).extend(
                cost(arguments, expected_status) for _ in range(times)
            )

        run("generate, fresh", "generate", 1)
        run("generate, right after", "generate", 1)
        run("generate, none changed", "generate", repeats)
        invent_record(root)
        run("check, fresh", "check", 1)
        run("check, none changed", "check", repeats)
        for number in range(repeats):
            change(root, number)
            run("check, one changed", "check", 1, expected_status=1)
            run("generate, one changed", "generate", 1)
        tops = (root / "templates", root / "samples")
        files = [path for top in tops for path in top.rglob("*") if path.is_file()]
        return Size(count, costs, least(files, os.stat), least(files, digest))


def make(root: Path, count: int) -> None:
    """Make a project with so many scenarios."""
    text = (ROOT / SOURCE).read_text(encoding="utf-8")
    folder = root / "templates/scenarios"
    folder.mkdir(parents=True)
    (root / "templates/cases.yml").write_text(CASES, encoding="utf-8")
    for number in range(count):
        scenario = text.replace(URL, f"{URL}/{number}")
        (folder / f"list-users-{number}.yml").write_text(scenario, encoding="utf-8")


def change(root: Path, number: int) -> None:
    """Give one scenario another timeout."""
    path = root / f"templates/scenarios/list-users-{number}.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(TIMEOUT, f"timeout_seconds: {20 + number}"), encoding="utf-8")


def invent_record(root: Path) -> None:
    """Write a record in which each sample passed."""
    catalog = catalog_reader.load(root)
    box = ToolchainVersions("runtime", "1.0", {}, "bubblewrap")
    find_cases = case_finder(catalog)
    results = (
        Result(s.key, case.name, "passed", "", s.digest, case.digest, box, "2026-01-01T00:00:00Z")
        for s in Renderer(catalog).all()
        for case in find_cases(s.key)
    )
    content = proof_rows.proof_file_of(Record(tuple(results)), find_cases)
    (root / record_files.RECORD).write_bytes(proof_rows.encode(content))


def least(files: list[Path], work: Callable[[str], object]) -> float:
    """Return the least of three times that it takes to do something with each file, in seconds."""
    names, taken = [str(path) for path in files], []
    for _ in range(3):
        start = time.perf_counter()
        for name in names:
            work(name)
        taken.append(time.perf_counter() - start)
    return min(taken)


def digest(name: str) -> str:
    """Return a file's SHA-256, after a stat and a read."""
    os.stat(name)  # noqa: PTH116 - as cheap as it can be had
    with open(name, "rb") as file:  # noqa: PTH123 - the same
        return hashlib.sha256(file.read()).hexdigest()


def times(sizes: list[Size]) -> str:
    """Return each cost in units of hashing all files, and whether it is under a second."""
    head = ["time / that of hashing each file", *(f"{size.scenarios:,}" for size in sizes)]
    rows = []
    for what in sizes[0].costs:
        seconds = [median(size, what) for size in sizes]
        cells = (
            f"{wall / size.hash_seconds:.2f}{', under 1 s' if wall < ONE_SECOND else ''}"
            for wall, size in zip(seconds, sizes, strict=True)
        )
        rows.append([what, *cells])
    stats = (f"{size.stat_seconds / size.hash_seconds:.2f}" for size in sizes)
    return table(head, [*rows, ["a stat of each file", *stats]])


def growth(sizes: list[Size]) -> str:
    """Return how each cost grows from one number of scenarios to the next, beside that number."""
    pairs = list(pairwise(sizes))
    head = [
        "growth of time / growth of scenarios",
        *(f"{a.scenarios:,} to {b.scenarios:,}" for a, b in pairs),
    ]
    rows = [
        [
            what,
            *(
                f"{median(b, what) / median(a, what) / (b.scenarios / a.scenarios):.2f}"
                for a, b in pairs
            ),
        ]
        for what in sizes[0].costs
    ]
    return table(head, rows)


def memory(sizes: list[Size]) -> str:
    """Return the peak memory, beside that of the smallest number of scenarios."""
    head = ["peak memory / that of the first", *(f"{size.scenarios:,}" for size in sizes)]
    rows = []
    for what in sizes[0].costs:
        peaks = [max(run.peak_mebibytes for run in size.costs[what]) for size in sizes]
        rows.append([what, *(f"{peak / peaks[0]:.2f}" for peak in peaks)])
    return table(head, rows)


def median(size: Size, what: str) -> float:
    """Return the median of the wall times, in seconds."""
    return statistics.median(run.wall_seconds for run in size.costs[what])


if __name__ == "__main__":
    main()
