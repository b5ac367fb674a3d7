"""Build samples with their language's compiler, and parse them with its parser.

Each command has a sandbox of its own, without a network, where this machine has one.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import TypeAlias

from tabproof.errors import printable
from tabproof.model.command import Command, fill_command
from tabproof.model.isolation import Isolation
from tabproof.model.language import Toolchain
from tabproof.model.result import Finding, SyntaxResult, Unavailable, Verdict
from tabproof.proof.prepare.runnable_sample import RunnableSample
from tabproof.proof.prepare.tool_sight import with_sight
from tabproof.sandbox.batch_runner import IsCancelled, never_cancelled
from tabproof.sandbox.tools import NOT_STARTED, MachineShortageError, Tool, run_tool
from tabproof.system import interruption
from tabproof.system.temporary_folders import temporary_folder
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
    try:
        if isinstance(original, str):
            # Links that a build leaves are copied as links: they may lead anywhere.
            shutil.copytree(original, folder, symlinks=True)
            places["original"] = original
            commands = toolchain.rebuild
        else:
            folder.mkdir()
            commands = toolchain.prepare
        caches = [places["folder"] + f"/{name}" for name in toolchain.caches]
        for cache in caches:
            Path(cache).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return Unavailable(f"no folder for its build: {error.strerror}")
    for filled in (fill_command(command, places) for command in commands):
        tool = Tool(
            command=filled,
            folder=str(folder),
            writable=(str(folder), *caches),
            readable=(
                subject.file,
                *([original] if isinstance(original, str) else []),
                *(mount.source for mount in subject.toolchain.mounts()),
                *subject.language.files_in(filled),
            ),
            hidden=subject.toolchain.hidden_folders(),
            programs=tuple(subject.toolchain.placeholders.values()),
        )
        try:
            output = _failure_output(tool, subject.isolation, PREPARE_SECONDS)
        except CommandDidNotRun as error:
            return Finding("install", (), _to_build(toolchain), str(error))
        except MachineShortageError as error:
            return Unavailable.for_want_of(str(error))
        if output:
            # A reader knows neither the copy that was built nor the folder that it was built in.
            output = output.replace(subject.file, Path(subject.file).name)
            return _fault(output.replace(f"{folder}/", ""), toolchain)
    return str(folder)


def _to_build(toolchain: Toolchain) -> str:
    return f"{toolchain.runtime} to build it"


def _fault(output: str, toolchain: Toolchain) -> Finding | Unavailable:
    """Return the fault of a sample from a failed build's output, with the compiler's line."""
    if gone := _search(toolchain.unavailable, output):
        reasons = dict.fromkeys((gone["words"].strip(), failure_cause(output)))
        return Unavailable(printable(f"{toolchain.runtime}: {' '.join(reasons)}"))
    if not (match := _search(toolchain.fault, output)):
        return Finding("install", (), _to_build(toolchain), _error_line(output))
    line = int(match.groupdict().get("line") or 0)
    return Finding("install", (), _to_build(toolchain), match["words"].strip(), line)


def _search(pattern: str, output: str) -> re.Match[str] | None:
    return re.search(pattern, output, re.MULTILINE) if pattern else None


def _error_line(output: str) -> str:
    """Return the line that says most about what went wrong."""
    lines = output.splitlines()
    return next((line for line in lines if "rror" in line), lines[0]).strip()


def _failure_output(tool: Tool, isolation: Isolation, seconds: float) -> str:
    """Run a tool; return all that it prints where it fails, and "" where it succeeds.

    Raises:
        CommandDidNotRun: it does not start, or does not end in time.
        MachineShortageError: this machine was short of something.
    """
    name = Path(tool.command[0]).name
    try:
        done = run_tool(tool, isolation, seconds)
    except OSError as error:
        raise CommandDidNotRun(f"{name} cannot be started: {error.strerror}") from error
    if done.killed:
        raise CommandDidNotRun(f"{name} was stopped: {done.killed}")
    if done.exit_status == 0:
        return ""
    output = (done.stderr + done.stdout).decode(errors="replace").strip()
    if done.exit_status in NOT_STARTED:
        reason = _error_line(output) if output else f"exit status {done.exit_status}"
        raise CommandDidNotRun(f"{name} cannot be started: {reason}")
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
    # What a sandbox that does not work prints is not about the sample.
    paths = subject.missing_sandbox or find.find_programs(syntax, subject.places)
    verdict: Verdict = "skipped"
    if isinstance(paths, str):
        reason = paths
    else:
        try:
            output = _parse(subject, syntax.run, paths)
            verdict, reason = ("failed", _error_line(output)) if output else ("passed", "")
        except (CommandDidNotRun, OSError) as error:
            reason = str(error)
        except MachineShortageError as error:
            reason = Unavailable.for_want_of(str(error)).reason
    key = subject.sample.key
    return SyntaxResult(key, subject.digest, syntax.name, verdict, printable(reason), now)


def _parse(subject: RunnableSample, command: Command, paths: dict[str, str]) -> str:
    """Run a parser on a copy of a sample; return what it prints of a fault, "" without one.

    Raises:
        CommandDidNotRun: it does not start, or does not end in time.
        MachineShortageError: this machine was short of something.
        OSError: the sample cannot be copied.
    """
    with temporary_folder("tabproof-parse-") as folder:
        file = shutil.copy(subject.file, folder)
        filled = fill_command(command, subject.places | paths | {"sample": file})
        tool = Tool(filled, folder, writable=(folder,), programs=tuple(paths.values()))
        seeing = with_sight(tool, subject.language, Path(subject.places["folder"]))
        return _failure_output(seeing, subject.isolation, SYNTAX_SECONDS).replace(f"{folder}/", "")
