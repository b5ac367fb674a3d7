"""Measure how long it takes from the command to six current files, beside the npm peers.

    .venv/bin/python -m benchmarks.cold --repeats 11

Ours is `tabproof generate` in a project with one scenario, whose samples were deleted: six files
and a manifest are on the disk when it ends. Theirs is a node process that prints six snippets.
`first` has nothing in `.tabproof`, as in a new clone; `again` has what another run left there.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import click

from benchmarks import peers
from benchmarks.measure import ROOT, cost, machine, ratios, table

SCENARIO = "templates/scenarios/list-users.yml"
LANGUAGES = ("node", "curl", "php", "python", "ruby", "csharp")
SETTINGS = f'languages = {json.dumps(LANGUAGES)}\nvariants = ["library"]\n'
NODE, PYTHON = "bare node", "bare python"


@click.command(help=__doc__.partition("\n")[0])
@click.option("--repeats", type=click.IntRange(min=1), default=11, show_default=True)
def main(repeats: int) -> None:
    """Measure, and print the table."""
    peers.install()
    click.echo(machine(peers.versions()) + "\n")
    click.echo(report(repeats))


def report(repeats: int) -> str:
    """Run each program in turn, again and again; return a table of the medians of ratios."""
    with tempfile.TemporaryDirectory(prefix="tabproof-benchmark-") as name:
        project = Path(name)
        (project / SCENARIO).parent.mkdir(parents=True)
        shutil.copy(ROOT / SCENARIO, project / SCENARIO)
        (project / "tabproof.toml").write_text(SETTINGS, encoding="utf-8")
        runs = measured(project, repeats)
    own = ("tabproof, first", "tabproof, again")
    head = ("", *(f"wall, {name} / this" for name in own), *(f"CPU, {name} / this" for name in own))
    rows = [
        (
            kind,
            *(ratios([wall for wall, _ in runs[name]], [wall for wall, _ in done]) for name in own),
            *(ratios([cpu for _, cpu in runs[name]], [cpu for _, cpu in done]) for name in own),
        )
        for kind, done in runs.items()
    ]
    return table(head, rows)


def measured(project: Path, repeats: int) -> dict[str, list[tuple[float, float]]]:
    """Return the wall and processor seconds of each program in each repetition."""
    generate = [sys.executable, "-m", "tabproof", "--root", str(project), "generate"]
    kinds: dict[str, tuple[list[str], Callable[[], None]]] = {
        "tabproof, first": (generate, lambda: remove(project, "samples", ".tabproof")),
        "tabproof, again": (generate, lambda: remove(project, "samples")),
        **{name: (peers.command(name), lambda: None) for name in peers.PEERS},
        NODE: ([peers.node(), "-e", "0"], lambda: None),
        PYTHON: ([sys.executable, "-c", "0"], lambda: None),
    }
    runs: dict[str, list[tuple[float, float]]] = {kind: [] for kind in kinds}
    for number in range(repeats + 1):
        for kind, (command, prepare) in kinds.items():
            prepare()
            taken = cost(command)
            if number:  # the first time the disk is read
                runs[kind].append((taken.wall_seconds, taken.cpu_seconds))
    written = [path for path in project.glob("samples/list-users/library/*") if path.is_file()]
    if len(written) != len(LANGUAGES):
        raise click.ClickException(f"{len(written)} files were written")
    return runs


def remove(project: Path, *names: str) -> None:
    """Remove folders of the project."""
    for name in names:
        shutil.rmtree(project / name, ignore_errors=True)


if __name__ == "__main__":
    main()
