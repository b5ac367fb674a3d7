"""Run the commands that run outside the sandbox: a language's compiler and its parser."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import TypeAlias

from tabproof.errors import printable
from tabproof.model.command import fill_command
from tabproof.model.language import Toolchain
from tabproof.model.result import Finding, SyntaxResult, Unavailable, Verdict
from tabproof.proof.prepare.runnable_sample import RunnableSample
from tabproof.sandbox.batch_runner import IsCancelled, never_cancelled
from tabproof.system import interruption, processes
from tabproof.toolchains import find
from tabproof.toolchains.failure_cause import failure_cause

PREPARE_SECONDS = 600
SYNTAX_SECONDS = 60
LEFT_OUT = Finding("install", (), "a build", "none: it was given up")


Built: TypeAlias = str | Finding | Unavailable
"""A build's folder, or what went wrong."""


class CommandDidNotRun(Exception):  # noqa: N818 - it is caught here and reported as data
    """Says that a command did not run to its end, so that it says nothing about a sample."""


def build_samples(
    subjects: Iterable[RunnableSample],
    folder: str,
    processors: int,
    given_up: IsCancelled = never_cancelled,
) -> dict[str, Built]:
    """Build each subject: a sample with `prepare`, and a mutant with `rebuild` where it can.

    Args:
        subjects: those without such commands are left out.
        folder: where the builds go.
        processors: how many commands may run at the same time.
        given_up: returns whether the builds are cancelled; those that remain are left out.

    Returns:
        The identity of each subject -> its build folder, or what went wrong.
    """
    samples: dict[str, RunnableSample] = {}
    mutants: dict[str, RunnableSample] = {}
    for subject in subjects:
        if isinstance(subject.toolchain, str) or not subject.toolchain.toolchain.prepare:
            continue
        if subject.original and subject.toolchain.toolchain.rebuild:
            samples[subject.original.identity] = subject.original
            mutants[subject.identity] = subject
        else:
            samples[subject.identity] = subject
    numbers = count()
    builds: dict[str, Built] = {}

    def build(subject: RunnableSample) -> Built:
        if given_up():
            return LEFT_OUT
        # The first group is under way while its builds come in: it begins with none of them.
        is_mutant = subject.identity in mutants
        original = builds[subject.original.identity] if subject.original and is_mutant else None
        return _build(subject, Path(folder, f"build-{next(numbers)}"), original)

    with ThreadPoolExecutor(processors) as pool:
        for group in (samples, mutants):
            with interruption.deferred():
                built = pool.map(build, group.values())
            # In here: an interruption of the pool's own end would not wait for its threads.
            builds |= zip(group, built, strict=True)
    return builds


def _build(subject: RunnableSample, folder: Path, original: Built | None) -> Built:
    if isinstance(subject.toolchain, str):
        raise TypeError(subject.toolchain)
    places = subject.toolchain.placeholders | {
        "folder": subject.toolchain.folder,
        "sample": subject.file,
        "build": str(folder),
        "stem": Path(subject.file).stem,
    }
    toolchain = subject.toolchain.toolchain
    if isinstance(original, str):
        shutil.copytree(original, folder)
        places["original"] = original
        commands = toolchain.rebuild
    else:
        folder.mkdir()
        commands = toolchain.prepare
    for command in commands:
        try:
            output = _failure_output(fill_command(command, places), PREPARE_SECONDS)
        except CommandDidNotRun as error:
            return Finding("install", (), _to_build(toolchain), str(error))
        if output:
            return _fault(output, toolchain, subject.file)
    return str(folder)


def _to_build(toolchain: Toolchain) -> str:
    return f"{toolchain.runtime} to build it"


def _fault(output: str, toolchain: Toolchain, file: str) -> Finding | Unavailable:
    """Return the fault of a sample from a failed build's output, with the compiler's line."""
    if gone := _search(toolchain.unavailable, output):
        reasons = dict.fromkeys((gone["words"].strip(), failure_cause(output)))
        return Unavailable(printable(f"{toolchain.runtime}: {' '.join(reasons)}"))
    if not (match := _search(toolchain.fault, output)):
        return Finding("install", (), _to_build(toolchain), _error_line(output))
    # A reader knows neither the copy that was built nor the project that the compiler made for it.
    message = match["words"].strip().replace(file, Path(file).name)
    line = int(match.groupdict().get("line") or 0)
    return Finding("install", (), _to_build(toolchain), message, line)


def _search(pattern: str, output: str) -> re.Match[str] | None:
    return re.search(pattern, output, re.MULTILINE) if pattern else None


def _error_line(output: str) -> str:
    """Return the line that says most about what went wrong."""
    lines = output.splitlines()
    return next((line for line in lines if "rror" in line), lines[0]).strip()


def _failure_output(command: list[str], seconds: float) -> str:
    """Run a command; return all that it prints where it fails, and "" where it succeeds.

    Raises:
        CommandDidNotRun: it does not start, or does not end in time.
    """
    try:
        done = processes.run_tool(command, seconds)
    except OSError as error:
        raise CommandDidNotRun(f"{command[0]} cannot be started: {error.strerror}") from error
    if done.killed:
        raise CommandDidNotRun(f"{command[0]} was stopped: {done.killed}")
    if done.exit_status == 0:
        return ""
    output = (done.stderr + done.stdout).decode(errors="replace").strip()
    return output or f"exit status {done.exit_status}"


def parse_samples(
    subjects: Iterable[RunnableSample], recorded: Iterable[SyntaxResult], now: str
) -> Iterator[SyntaxResult]:
    """Parse the samples that do not run on this machine, but for those that passed before."""
    passed = {(s.sample, s.sample_digest, s.parser): s for s in recorded if s.verdict == "passed"}
    for subject in subjects:
        parser = subject.language.data.syntax
        if isinstance(subject.toolchain, str) and parser:
            past = passed.get((subject.sample.key, subject.digest, parser.name))
            if parsed := past or parse_sample(subject, now):
                yield parsed


def parse_sample(subject: RunnableSample, now: str) -> SyntaxResult | None:
    """Run the parser of the language on a sample; None where it has none."""
    syntax = subject.language.data.syntax
    if syntax is None:
        return None
    places = subject.places | {"sample": subject.file}
    paths = find.find_programs(syntax, places)
    verdict: Verdict = "skipped"
    if isinstance(paths, str):
        reason = paths
    else:
        try:
            output = _failure_output(fill_command(syntax.run, places | paths), SYNTAX_SECONDS)
            verdict, reason = ("failed", _error_line(output)) if output else ("passed", "")
        except CommandDidNotRun as error:
            reason = str(error)
    key = subject.sample.key
    return SyntaxResult(key, subject.digest, syntax.name, verdict, printable(reason), now)
