"""Measure how long a proof takes, beside what its interpreters need on this machine's processors.

    .venv/bin/python -m benchmarks.prove --language python --language ruby --repeats 5

Each repetition runs, one after the other, the command `tabproof prove --fresh` and the same runs
with a stopwatch around each interpreter inside its sandbox. It prints medians, and ratios
of figures of the same machine at the same time: neither says anything of another machine.

The bound is what no scheduler can beat: the processor time that the interpreters need, shared by
all processors, or the slowest single run, whichever is longer.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.measure import ROOT, machine, output_of
from tabproof.model.language import VARIANTS
from tabproof.project import catalog_reader
from tabproof.proof.prepare import stage
from tabproof.proof.prepare.runnable_sample import RunnableSample
from tabproof.proof.prepare.selection import Selection
from tabproof.proof.prepare.toolchain_survey import runnable_samples
from tabproof.proof.run import local
from tabproof.render.renderer import Renderer
from tabproof.sandbox import batch_runner, isolation_choice
from tabproof.sandbox.protocol import Batch, Run
from tabproof.toolchains import case_tools

STOPWATCH = """TIMEFORMAT='stopwatch %R %U %S'; time "$@" """
LAP = re.compile(rb"^stopwatch ([0-9.]+) ([0-9.]+) ([0-9.]+)\n", re.MULTILINE)


class Lap(msgspec.Struct, frozen=True):
    """Hold one run: seconds on the wall and on processors."""

    identity: str
    wall_seconds: float
    cpu_seconds: float


class Repetition(msgspec.Struct, frozen=True):
    """Hold one proof and the same runs with a stopwatch.

    Attributes:
        command_seconds: the whole command, from its start to its exit.
        batch_seconds: the worker with all its runs, without builds.
        staging_seconds: builds and copies.
    """

    command_seconds: float
    staging_seconds: float
    batch_seconds: float
    laps: tuple[Lap, ...]

    @property
    def cpu_seconds(self) -> float:
        """Return the processor time of all interpreters."""
        return sum(lap.cpu_seconds for lap in self.laps)

    @property
    def slowest(self) -> Lap:
        """Return the run that takes longest."""
        return max(self.laps, key=lambda lap: lap.wall_seconds)

    def bound_seconds(self, processors: int) -> float:
        """Return the least time that these runs can take."""
        return max(self.slowest.wall_seconds, self.cpu_seconds / processors)


@click.command(help=__doc__.partition("\n")[0])
@click.option("--scenario", "scenarios", multiple=True, help="Only this scenario; repeatable.")
@click.option("--language", "languages", multiple=True, help="Only this language; repeatable.")
@click.option("--variant", "variants", multiple=True, type=click.Choice(VARIANTS))
@click.option("--case", "cases", multiple=True, help="Only this case; repeatable.")
@click.option("--repeats", type=click.IntRange(min=1), default=3, show_default=True)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    help="Runs at the same time. Default: that of `tabproof prove`.",
)
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=ROOT,
    help="The project's folder.",
)
def main(root: Path, repeats: int, jobs: int | None, **chosen: tuple[str, ...]) -> None:
    """Measure, and print the table."""
    reason = isolation_choice.missing_sandbox()
    if reason:
        raise click.ClickException(reason)
    processors, at_once = os.cpu_count() or 1, jobs or local.default_parallelism()
    selection = Selection(**chosen)
    catalog = catalog_reader.load(root)
    subjects = runnable_samples(root, catalog, list(Renderer(catalog).all()), selection)
    console = Console(soft_wrap=True)
    bubblewrap = output_of([shutil.which("bwrap") or "", "--version"]).strip()
    console.print(machine(bubblewrap, f"{at_once} runs at the same time"), highlight=False)
    console.print(*dict.fromkeys(toolchains(subjects)), sep=", ", highlight=False)
    options = [option for name, values in chosen.items() for option in _options(name, values)]
    command = [sys.executable, "-m", "tabproof", "--root", str(root), "prove", "--fresh"]
    command += [*options, "--jobs", str(at_once)]
    done = []
    for number in range(repeats):
        done.append(repetition(command, subjects, at_once))
        load = os.getloadavg()[0]
        console.print(f"{number + 1} of {repeats} done, load average {load:.1f}", style="dim")
    console.print(table(done, processors))


def _options(name: str, values: tuple[str, ...]) -> Iterator[str]:
    for value in values:
        yield from (f"--{name.removesuffix('s')}", value)


def repetition(
    command: list[str], subjects: tuple[RunnableSample, ...], at_once: int
) -> Repetition:
    """Run the proof, then its runs with a stopwatch around each."""
    start = time.monotonic()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    command_seconds = time.monotonic() - start
    requested = {
        f"{subject.sample.path}#{case.name}": (subject, case)
        for subject in subjects
        if not isinstance(subject.toolchain, str)
        for case in subject.cases
        if not case_tools.missing_tool_reason(case, case_tools.missing_tools())
    }
    start = time.monotonic()
    with (
        batch_runner.work_folder() as folder,
        stage.stage_runs(requested, folder, at_once) as staged,
    ):
        staging_seconds = time.monotonic() - start
        stopped = tuple(timed(run) for run in staged.runs)
        start = time.monotonic()
        with closing(
            batch_runner.run_batch(Batch(folder, at_once, staged.homes, stopped))
        ) as observations:
            laps = [
                lap_of(run.id, match, has_clock=requested[run.id][1].situation.clock is None)
                for run in observations
                for match in LAP.finditer(run.stderr)
            ]
    if not laps:
        raise click.ClickException("nothing was measured: no run of the selection can be made here")
    return Repetition(command_seconds, staging_seconds, time.monotonic() - start, tuple(laps))


def lap_of(identity: str, match: re.Match[bytes], *, has_clock: bool) -> Lap:
    """Return what a stopwatch measured; without the wall time where a case sets the clock."""
    wall_seconds, user_seconds, system_seconds = map(float, match.groups())
    return Lap(identity, wall_seconds if has_clock else 0.0, user_seconds + system_seconds)


def timed(run: Run) -> Run:
    """Return a run that writes its times to stderr."""
    command = ("/bin/bash", "-c", STOPWATCH, "stopwatch", *run.command)
    return msgspec.structs.replace(run, command=command)


def toolchains(subjects: tuple[RunnableSample, ...]) -> Iterator[str]:
    """Yield the runtimes with their versions."""
    for subject in subjects:
        if not isinstance(subject.toolchain, str):
            yield f"{subject.toolchain.toolchain.runtime} {subject.toolchain.version}"


def table(done: list[Repetition], processors: int) -> Table:
    """Return the medians over the repetitions, each with its range."""
    medians = Table(
        title=f"{len(done[0].laps)} runs, {len(done)} repetitions", title_justify="left"
    )
    for head in ("", "median", "least", "most"):
        medians.add_column(head, justify="left" if not head else "right")

    def row(name: str, figures: list[float], form: str) -> None:
        values = (statistics.median(figures), min(figures), max(figures))
        medians.add_row(name, *(form.format(value) for value in values))

    row("the proof, wall", [trial.command_seconds for trial in done], "{:.1f} s")
    row("its runs alone, wall", [trial.batch_seconds for trial in done], "{:.1f} s")
    row("its builds, wall", [trial.staging_seconds for trial in done], "{:.1f} s")
    row("its interpreters, CPU", [trial.cpu_seconds for trial in done], "{:.1f} s")
    slowest = done[0].slowest
    row("its slowest run, wall", [trial.slowest.wall_seconds for trial in done], "{:.1f} s")
    row("bound", [trial.bound_seconds(processors) for trial in done], "{:.1f} s")
    medians.add_section()
    proofs = [(trial.command_seconds, trial) for trial in done]
    row(
        "proof / bound",
        [wall / trial.bound_seconds(processors) for wall, trial in proofs],
        "{:.2f}",
    )
    row("proof / CPU", [wall / trial.cpu_seconds for wall, trial in proofs], "{:.2f}")
    row("proof / slowest", [wall / trial.slowest.wall_seconds for wall, trial in proofs], "{:.2f}")
    alone = [trial.batch_seconds / trial.bound_seconds(processors) for trial in done]
    row("runs alone / bound", alone, "{:.2f}")
    medians.caption = f"slowest run: {slowest.identity}"
    return medians


if __name__ == "__main__":
    main()
