"""How long a site with fences takes to build, beside the same site written out by hand.

    .venv/bin/python benchmarks/site.py --pages 1 --pages 50 --pages 500

Each page has some prose and one fence with the tabs of all languages. It is compared with two
sites that have the same pages without the fence:

- `tabs`: what `tabproof expand` writes, that is the tabs, and what was proved of each sample;
- `all`: the same, and by hand too what else a fence gives its readers: a download and a link under
  each sample, and the style sheet and the script of the tabs.

A repetition builds the three one after the other with `mkdocs build`, each time in another order.
A ratio is of two builds of one repetition, which had the same neighbours on the machine; what is
told is the median of these ratios, and their range. Before anything is measured, the tab sets of
the built pages are compared: labels, titles, code and its colours must be the same.
"""

# ruff: noqa: INP001 - a script is no package

from __future__ import annotations

import base64
import os
import platform
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from tabproof.tabs import assets, material
from tabproof.tabs.project import WATCHED, open_project
from tabproof.tabs.request import read
from tabproof.tabs.shown import tab_sets
from tabproof.tabs.tab_set import Tab, TabSet

FENCE, TABS, ALL = "fence", "tabs", "all"
KEYS = ("scenario: list-users", "variant: library")
PAGE = """\
# Page {number}

{prose}

## The sample

{tabs}

That is all of page {number}.
"""
PROSE = "\n\n".join(
    f"{cause}, *most* of the time: the answer says so in its field `message`. [The sample]"
    "(#the-sample) shows what a program can do about it; it makes a token of its own, sends one "
    "request, and tells what has become of it. Nothing else is needed to try it."
    for cause in (
        "A call is refused for its token",
        "A call comes too late",
        "A call lacks a header",
        "A call asks for what is not there",
        "A call is one too many",
    )
)
CONFIG = """\
site_name: Benchmark
theme: {name: material, font: false, features: [content.code.copy, content.tabs.link]}
plugins: [search]
markdown_extensions:
  - admonition
  - attr_list
  - tables
  - toc: {permalink: true}
  - pymdownx.details
  - pymdownx.highlight
  - pymdownx.superfences
  - pymdownx.tabbed: {alternate_style: true}
"""
REPEATS = {1: 11, 50: 7}
"""Pages -> repetitions; with any other number, three."""
SEEN = re.compile(
    r'<label[^>]*>(?P<label>.*?)</label>|<span class="filename">(?P<title>.*?)</span>|'
    r"<pre>(?P<code>.*?)</pre>",
    re.DOTALL,
)


class Build(msgspec.Struct, frozen=True):
    """One build: seconds on the wall and on processors."""

    wall_seconds: float
    cpu_seconds: float


@click.command(help=__doc__.partition("\n")[0])
@click.option("--pages", "counts", multiple=True, type=click.IntRange(min=1), default=(1, 50, 500))
@click.option("--repeats", type=click.IntRange(min=1), help="Default: 3 to 11, by pages.")
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(__file__).parents[1],
    help="The project's folder.",
)
def main(root: Path, counts: tuple[int, ...], repeats: int | None) -> None:
    """Measure, and print a table for each number of pages."""
    console = Console(soft_wrap=True)
    console.print(*machine(), sep="\n", highlight=False)
    with tempfile.TemporaryDirectory(prefix="tabproof-benchmark-") as name:
        for folder in WATCHED:
            shutil.copytree(root / folder, Path(name, folder))
        for count in counts:
            sites = write(Path(name), count)
            console.print(same(sites), style="dim")
            number = repeats or REPEATS.get(count, 3)
            console.print(table(count, list(repetitions(sites, number))))


def write(root: Path, count: int) -> dict[str, Path]:
    """The sources of the sites, each in a folder of its own below the project's."""
    sets = tab_sets(read(KEYS, "page", 1), open_project(root.resolve()))
    written = {
        FENCE: "\n".join(["```tabproof", *KEYS, "```"]),
        TABS: "\n".join(material.lines(sets)),
        ALL: "\n".join(by_hand(sets[0])),
    }
    sites = {}
    for kind, tabs in written.items():
        sites[kind] = root / f"{count}-{kind}"
        (sites[kind] / "docs").mkdir(parents=True)
        extension = "  - tabproof: {root: ..}\n" if kind == FENCE else ""
        (sites[kind] / "mkdocs.yml").write_text(CONFIG + extension, encoding="utf-8")
        for number in range(count):
            text = PAGE.format(number=number, prose=PROSE, tabs=tabs)
            name = f"page-{number}.md" if number else "index.md"
            (sites[kind] / "docs" / name).write_text(text, encoding="utf-8")
    return sites


def by_hand(tab_set: TabSet) -> Iterator[str]:
    """The tabs with all that a fence gives."""
    yield f"<style>{assets.style().text}</style>\n\n<script>{assets.script().text}</script>\n"
    waiting = list(tab_set.tabs)
    for line in material.lines((tab_set,)):
        if waiting and line.strip() == f"*{waiting[0].status}*":
            yield line.replace(line.strip(), under(waiting.pop(0)))
        else:
            yield line


def under(tab: Tab) -> str:
    """The line under a sample."""
    data = base64.b64encode(tab.sample.text.encode()).decode()
    name = tab.file_name
    return (
        f'{tab.status} <a download="{name}" href="data:text/plain;charset=utf-8;base64,{data}">'
        f'Download {name}</a> <a href="#{tab.language}">Link to this sample</a>'
    )


def same(sites: dict[str, Path]) -> str:
    """Build the sites, and compare the tab sets of their pages with those of the first one."""
    pages, sizes = {}, {}
    for kind, site in sites.items():
        build(site)
        html = [path.read_text(encoding="utf-8") for path in sorted(site.glob("site/**/*.html"))]
        pages[kind] = [[match.groupdict() for match in SEEN.finditer(page)] for page in html]
        sizes[kind] = sum(map(len, html)) // len(html)
    wanted = pages[FENCE]
    tabs = sum(bool(found["code"]) for page in wanted for found in page)
    if not tabs or any(found != wanted for found in pages.values()):
        raise click.ClickException("the sites do not show the same tabs")
    shown = ", ".join(f"{kind} {size:,}" for kind, size in sizes.items())
    return f"{tabs} tabs are the same in each site; characters of a page: {shown}"


def repetitions(sites: dict[str, Path], number: int) -> Iterator[dict[str, Build]]:
    """Build all sites, each time beginning with another one."""
    kinds = list(sites)
    for turn in range(number):
        first = turn % len(kinds)
        yield {kind: build(sites[kind]) for kind in kinds[first:] + kinds[:first]}


def build(site: Path) -> Build:
    """Build a site with nothing left of the build before."""
    shutil.rmtree(site / "site", ignore_errors=True)
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--strict",
        "-q",
        "-f",
        f"{site}/mkdocs.yml",
    ]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    begun = time.monotonic()
    process = os.posix_spawn(command[0], command, environment)
    _, status, used = os.wait4(process, 0)
    wall_seconds = time.monotonic() - begun
    if status:
        raise click.ClickException(f"`{' '.join(command[1:])}` did not end well")
    return Build(wall_seconds, used.ru_utime + used.ru_stime)


def machine() -> Iterator[str]:
    """What is measured on."""
    models = re.findall(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    packages = ("mkdocs", "mkdocs-material", "pymdown-extensions", "markdown", "pygments")
    yield f"{os.cpu_count()} processors ({models[0] if models else 'unknown'})"
    yield f"Linux {platform.release()}, Python {platform.python_version()}"
    yield ", ".join(f"{name} {version(name)}" for name in packages)
    yield f"load average before: {os.getloadavg()[0]:.1f}"


def table(count: int, done: list[dict[str, Build]]) -> Table:
    """The ratios, each with its range."""
    shown = Table(title=f"{count} pages, {len(done)} repetitions", title_justify="left")
    for head in ("", "median", "least", "most"):
        shown.add_column(head, justify="left" if not head else "right")
    for what in ("cpu_seconds", "wall_seconds"):
        for kind in (TABS, ALL):
            ratios = [getattr(each[FENCE], what) / getattr(each[kind], what) for each in done]
            values = (statistics.median(ratios), min(ratios), max(ratios))
            name = f"fence / {kind}, {what.partition('_')[0]}"
            shown.add_row(name, *(f"{value:.3f}" for value in values))
    return shown


if __name__ == "__main__":
    main()
