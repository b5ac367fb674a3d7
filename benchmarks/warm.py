"""Measure how many samples one process renders, beside the snippets of the npm peers.

    .venv/bin/python -m benchmarks.warm --repeats 5 --seconds 1

All render the same request in the same six languages, one after the other on one processor; what
counts is processor time. Theirs is the request alone, some ten lines; ours is a program that also
makes a token and reads the answer, so that bytes are counted as well.

Each round of ours has new scenarios, which no sample was rendered from before: nothing that was
worked out for one of them is there already.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from benchmarks import peers
from benchmarks.measure import ROOT, machine, output_of, ratios, table
from tabproof.model.language import VARIANTS, Variant
from tabproof.model.scenario import Scenario
from tabproof.project import catalog_reader
from tabproof.render.renderer import Renderer

LANGUAGES = ("node", "curl", "php", "python", "ruby", "csharp")
SCENARIOS_A_ROUND = 50
OURS = "tabproof"


class Rendered(msgspec.Struct, frozen=True):
    """Hold how much was rendered, and what it cost."""

    count: int
    bytes: int
    cpu_seconds: float


@click.command(help=__doc__.partition("\n")[0])
@click.option("--repeats", type=click.IntRange(min=1), default=5, show_default=True)
@click.option("--seconds", type=float, default=1.0, show_default=True, help="A run's length.")
@click.option("--alone", type=click.Choice(VARIANTS), hidden=True, help="Render, and print JSON.")
def main(repeats: int, seconds: float, alone: Variant | None) -> None:
    """Measure, and print the table."""
    if alone:
        click.echo(msgspec.json.encode(ours(ROOT, alone, seconds)))
        return
    peers.install()
    click.echo(machine(peers.versions()) + "\n")
    click.echo(report(repeats, seconds))


def report(repeats: int, seconds: float) -> str:
    """Run each program in turn, again and again; return a table of the medians of ratios."""
    kinds = {f"{OURS}, {variant}": own_command(variant, seconds) for variant in VARIANTS}
    kinds |= {name: peers.command(name, str(seconds)) for name in peers.PEERS}
    runs: dict[str, list[Rendered]] = {kind: [] for kind in kinds}
    for _ in range(repeats):
        for kind, command in kinds.items():
            runs[kind].append(msgspec.convert(json.loads(output_of(command)), Rendered))
    return table(
        ("", "bytes each", f"samples/s, {OURS} / this", f"bytes/s, {OURS} / this"),
        rows(runs),
    )


def rows(runs: dict[str, list[Rendered]]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each program, compared with our variant `library`."""
    own = runs[f"{OURS}, library"]
    for kind, done in runs.items():
        size = statistics.median(run.bytes / run.count for run in done)
        rates = [[run.count / run.cpu_seconds for run in group] for group in (own, done)]
        flows = [[run.bytes / run.cpu_seconds for run in group] for group in (own, done)]
        yield kind, f"{size:.0f}", ratios(*rates), ratios(*flows)


def own_command(variant: Variant, seconds: float) -> list[str]:
    """Return the command that renders our samples in a process of its own."""
    arguments = ["--alone", variant, "--seconds", str(seconds)]
    return [sys.executable, "-m", "benchmarks.warm", *arguments]


def ours(root: Path, variant: Variant, seconds: float) -> Rendered:
    """Render scenarios that were never rendered before, for so long."""
    catalog = catalog_reader.load(root)
    renderer = Renderer(catalog)
    languages = [catalog.languages[name] for name in LANGUAGES]
    count = size = 0
    cpu_seconds = 0.0
    for number in range(1_000_000):
        scenarios = list(renamed(catalog.scenarios["list-users"], number))
        begun = time.process_time()
        for scenario in scenarios:
            for language in languages:
                size += len(renderer.sample(scenario, variant, language).text)
                count += 1
        # The first round compiles the templates.
        if number:
            cpu_seconds += time.process_time() - begun
        else:
            count = size = 0
        if number and cpu_seconds >= seconds:
            break
    return Rendered(count, size, cpu_seconds)


def renamed(scenario: Scenario, number: int) -> Iterator[Scenario]:
    """Scenarios with names and requests of their own."""
    replace = msgspec.structs.replace
    for index in range(SCENARIOS_A_ROUND):
        request = replace(scenario.request, base_url=f"{scenario.request.base_url}/{number}")
        yield replace(scenario, name=f"{scenario.name}-{number}-{index}", request=request)


if __name__ == "__main__":
    main()
