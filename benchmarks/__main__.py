"""Run all benchmarks, and write `benchmarks/results.md`.

    .venv/bin/python -m benchmarks

It takes some ten minutes; nothing else should run on the machine.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from benchmarks import cold, growth, nothing, peers, site, warm
from benchmarks.measure import machine

RESULTS = Path(__file__).parent / "results.md"
INTRODUCTION = """\
# How fast it is

`make bench` wrote this. It has ratios alone: seconds say nothing about another machine. Each is the
median of ratios of runs one after the other, with the least and the most in brackets.

Measured on {machine}.
"""
PARTS: dict[str, tuple[str | None, Callable[[], str]]] = {
    "Warm: samples of one process": (warm.__doc__, lambda: warm.report(5, 1.0)),
    "Cold: from the command to six files": (cold.__doc__, lambda: cold.report(11)),
    "Nothing changed": (nothing.__doc__, lambda: nothing.report(11)),
    "Growth": (growth.__doc__, lambda: growth.report((10, 100, 1_000, 10_000), 5)),
    "Site": (site.__doc__, lambda: site.report({1: 11, 50: 5})),
}


@click.command(help=__doc__.partition("\n")[0])
@click.option("--output", type=click.Path(path_type=Path), default=RESULTS)
def main(output: Path) -> None:
    """Measure everything, print it and write it."""
    peers.install()
    texts = [INTRODUCTION.format(machine=machine(peers.versions()))]
    click.echo(texts[0])
    for title, (docstring, report) in PARTS.items():
        texts.append(f"## {title}\n\n{introduction(docstring or '')}\n{report()}")
        click.echo(texts[-1])
    output.write_text("\n".join(texts), encoding="utf-8")


def introduction(docstring: str) -> str:
    """Return a module's docstring without the command that starts it."""
    paragraphs = docstring.strip().split("\n\n")
    return "\n\n".join(p for p in paragraphs if not p.startswith("    ")) + "\n"


if __name__ == "__main__":
    main()
