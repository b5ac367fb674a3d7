"""Measure how long a site with fences takes to build, beside the same site written by hand.

    .venv/bin/python -m benchmarks.site --pages 1 --pages 50 --pages 500

Each page has some prose and one fence with the tabs of all languages. It is compared with two
sites that have the same pages without the fence:

- `tabs`: what `tabproof expand` writes, that is the tabs, and the proof of each sample;
- `all`: the same, and by hand too what else a fence gives its readers: a download and a link under
  each sample, and the style sheet and the script of the tabs.

A repetition builds the three one after the other with `mkdocs build`, each time in another order.
A ratio is of two builds of one repetition, which had the same neighbours on the machine; what is
told is the median of these ratios, and their range. With `--instructions`, valgrind counts what
the processor is told to do (its figures are the same each time, whatever else runs, and one
repetition will do; it takes fifty times as long). Before anything is measured, each site is built
once, which leaves bytecode and what is kept in `.tabproof/`, and the tab sets of the built pages
are compared: labels, titles, code and its colours must be the same.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TypeAlias

import click
from rich.console import Console
from rich.table import Table

from benchmarks.measure import ROOT, machine, ratios
from benchmarks.measure import table as markdown
from benchmarks.pages import ALL, FENCE, TABS, write
from tabproof.pages.site import WATCHED

REPEATS = {1: 11, 50: 7}
"""Pages -> repetitions; with any other number, three."""
SEEN = re.compile(
    r'<label[^>]*>(?P<label>.*?)</label>|<span class="filename">(?P<title>.*?)</span>|'
    r"<pre>(?P<code>.*?)</pre>",
    re.DOTALL,
)


COUNTED = re.compile(r"I\s+refs:\s+([0-9,]+)")

Figures: TypeAlias = dict[str, float]
"""Of one build: seconds on processors and on the wall, or instructions, by their names."""


@click.command(help=__doc__.partition("\n")[0])
@click.option("--pages", "counts", multiple=True, type=click.IntRange(min=1), default=(1, 50, 500))
@click.option("--repeats", type=click.IntRange(min=1), help="Default: 3 to 11, by pages.")
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=ROOT,
    help="The project's folder.",
)
@click.option("--instructions", is_flag=True, help="Count instructions instead of seconds.")
def main(root: Path, counts: tuple[int, ...], repeats: int | None, *, instructions: bool) -> None:
    """Measure, and print a table for each number of pages."""
    if instructions and not shutil.which("valgrind"):
        raise click.ClickException("valgrind is not installed (Debian: valgrind)")
    console = Console(soft_wrap=True)
    packages = ("mkdocs", "mkdocs-material", "pymdown-extensions", "markdown", "pygments")
    console.print(machine(*(f"{name} {version(name)}" for name in packages)), highlight=False)
    with tempfile.TemporaryDirectory(prefix="tabproof-benchmark-") as name:
        for folder in WATCHED:
            shutil.copytree(root / folder, Path(name, folder))
        for count in counts:
            sites = write(Path(name), count)
            console.print(same(sites), style="dim")
            number = repeats or (1 if instructions else REPEATS.get(count, 3))
            done = list(repetitions(sites, number, counted if instructions else timed))
            console.print(table(count, done))


def same(sites: dict[str, Path]) -> str:
    """Build the sites, and compare the tab sets of their pages with those of the first one."""
    pages, sizes = {}, {}
    for kind, site in sites.items():
        build(site)
        html = [path.read_text(encoding="utf-8") for path in sorted(site.glob("site/**/*.html"))]
        pages[kind] = [[match.groupdict() for match in SEEN.finditer(page)] for page in html]
        sizes[kind] = sum(map(len, html)) // len(html)
    expected = pages[FENCE]
    tabs = sum(bool(element["code"]) for page in expected for element in page)
    if not tabs or any(other != expected for other in pages.values()):
        raise click.ClickException("the sites do not show the same tabs")
    characters = ", ".join(f"{kind} {size:,}" for kind, size in sizes.items())
    return f"{tabs} tabs are the same in each site; characters of a page: {characters}"


def repetitions(
    sites: dict[str, Path], number: int, measure: Callable[[Path], Figures]
) -> Iterator[dict[str, Figures]]:
    """Build all sites, each time beginning with another one."""
    kinds = list(sites)
    for turn in range(number):
        first = turn % len(kinds)
        yield {kind: measure(sites[kind]) for kind in kinds[first:] + kinds[:first]}


def timed(site: Path) -> Figures:
    """Build a site with a stopwatch."""
    start = time.monotonic()
    cpu_seconds = build(site)
    return {"CPU": cpu_seconds, "wall": time.monotonic() - start}


def counted(site: Path) -> Figures:
    """Build a site, and count the instructions."""
    log = site / "valgrind.log"
    tool = ("valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")
    build(site, *tool, f"--log-file={log}")
    match = COUNTED.search(log.read_text(encoding="utf-8"))
    if match is None:
        raise click.ClickException("valgrind did not say how many instructions there were")
    return {"instructions": float(match[1].replace(",", ""))}


def build(site: Path, *tool: str) -> float:
    """Build a site with nothing left of the build before; the processor time in seconds."""
    shutil.rmtree(site / "site", ignore_errors=True)
    command = [*tool, sys.executable, "-m", "mkdocs", "build", "--strict", "-q"]
    command += ["-f", f"{site}/mkdocs.yml"]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONHASHSEED": "0"}
    # Installed packages have bytecode; a checkout's own must not be compiled for each build.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    _, status, used = os.wait4(os.posix_spawnp(command[0], command, environment), 0)
    if status:
        raise click.ClickException(f"`{' '.join(command)}` did not end well")
    return used.ru_utime + used.ru_stime


def report(counts: Mapping[int, int]) -> str:
    """Return a table of this repository's site.

    Args:
        counts: the number of pages -> the number of repetitions.
    """
    rows = []
    with tempfile.TemporaryDirectory(prefix="tabproof-benchmark-") as name:
        for folder in WATCHED:
            shutil.copytree(ROOT / folder, Path(name, folder))
        for count, number in counts.items():
            sites = write(Path(name), count)
            same(sites)
            done = list(repetitions(sites, number, timed))
            for kind in (TABS, ALL):
                pairs = (
                    ratios(
                        [figures[FENCE][what] for figures in done],
                        [figures[kind][what] for figures in done],
                    )
                    for what in ("CPU", "wall")
                )
                rows.append((f"{count} pages, fence / {kind}", *pairs))
    return markdown(("", "CPU", "wall"), rows)


def table(count: int, done: list[dict[str, Figures]]) -> Table:
    """Return the ratios, each with its range."""
    ratio_table = Table(title=f"{count} pages, {len(done)} repetitions", title_justify="left")
    for head in ("", "median", "least", "most"):
        ratio_table.add_column(head, justify="left" if not head else "right")
    for what in done[0][FENCE]:
        for kind in (TABS, ALL):
            ratios = [run[FENCE][what] / run[kind][what] for run in done]
            values = (statistics.median(ratios), min(ratios), max(ratios))
            ratio_table.add_row(f"fence / {kind}, {what}", *(f"{value:.3f}" for value in values))
    return ratio_table


if __name__ == "__main__":
    main()
