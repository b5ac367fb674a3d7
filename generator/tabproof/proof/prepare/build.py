"""Commands that run outside the sandbox: a language's compiler, and its parser."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeAlias

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


class CommandDidNotRun(Exception):  # noqa: N818 - it is caught here and told as data
    """A command that says nothing about a sample, because it did not run to its end."""


def build_samples(
    subjects: Iterable[RunnableSample],
    folder: str,
    processors: int,
    given_up: IsCancelled = never_cancelled,
) -> dict[str, Built]:
    """Run the `prepare` commands of each subject.

    Args:
        subjects: those without such commands are left out.
        folder: where the builds go.
        processors: how many commands may run at the same time.
        given_up: says whether nobody wants the builds any more; those that remain are left out.

    Returns:
        The identity of each subject -> its build folder, or what went wrong.
    """
    wanted = [
        s for s in subjects if not isinstance(s.toolchain, str) and s.toolchain.toolchain.prepare
    ]
    numbered = list(enumerate(wanted))
    with ThreadPoolExecutor(processors) as pool:
        with interruption.deferred():
            built = pool.map(
                lambda n: LEFT_OUT if given_up() else _build(n[1], Path(folder) / f"build-{n[0]}"),
                numbered,
            )
        # In here: an interruption of the pool's own end would not wait for its threads.
        return {subject.identity: build for subject, build in zip(wanted, built, strict=True)}


def _build(subject: RunnableSample, folder: Path) -> Built:
    if isinstance(subject.toolchain, str):
        raise TypeError(subject.toolchain)
    folder.mkdir()
    places = subject.toolchain.placeholders | {
        "folder": subject.toolchain.folder,
        "sample": subject.file,
        "build": str(folder),
        "stem": Path(subject.file).stem,
    }
    toolchain = subject.toolchain.toolchain
    for command in toolchain.prepare:
        try:
            output = _complaint(fill_command(command, places), PREPARE_SECONDS)
        except CommandDidNotRun as error:
            return Finding("install", (), _to_build(toolchain), str(error))
        if output:
            return _fault(output, toolchain, subject.file)
    return str(folder)


def _to_build(toolchain: Toolchain) -> str:
    return f"{toolchain.runtime} to build it"


def _fault(output: str, toolchain: Toolchain, file: str) -> Finding | Unavailable:
    """What a build that failed says of a sample, with the line that its compiler names."""
    if gone := _search(toolchain.unavailable, output):
        reasons = dict.fromkeys((gone["words"].strip(), failure_cause(output)))
        return Unavailable(f"{toolchain.runtime}: {' '.join(reasons)}")
    if not (found := _search(toolchain.fault, output)):
        return Finding("install", (), _to_build(toolchain), _telling(output))
    # A reader knows neither the copy that was built nor a project that a compiler made for it.
    words = found["words"].strip().replace(file, Path(file).name)
    line = int(found.groupdict().get("line") or 0)
    return Finding("install", (), _to_build(toolchain), words, line)


def _search(pattern: str, output: str) -> re.Match[str] | None:
    return re.search(pattern, output, re.MULTILINE) if pattern else None


def _telling(output: str) -> str:
    """The line that says most of what went wrong."""
    lines = output.splitlines()
    return next((line for line in lines if "rror" in line), lines[0]).strip()


def _complaint(command: list[str], seconds: float) -> str:
    """All that a command prints where it fails; "" where it ends well.

    Raises:
        NotRun: it does not start, or does not end.
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
    subjects: Iterable[RunnableSample], known: Iterable[SyntaxResult], now: str
) -> Iterator[SyntaxResult]:
    """What parsers say of those samples that do not run here; what passed is not asked again."""
    passed = {(s.sample, s.sample_digest, s.parser): s for s in known if s.verdict == "passed"}
    for subject in subjects:
        parser = subject.language.data.syntax
        if isinstance(subject.toolchain, str) and parser:
            past = passed.get((subject.sample.key, subject.digest, parser.name))
            if said := past or parse_sample(subject, now):
                yield said


def parse_sample(subject: RunnableSample, now: str) -> SyntaxResult | None:
    """What the parser of the language says of a sample that does not run here."""
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
            output = _complaint(fill_command(syntax.run, places | paths), SYNTAX_SECONDS)
            verdict, reason = ("failed", _telling(output)) if output else ("passed", "")
        except CommandDidNotRun as error:
            reason = str(error)
    key = subject.sample.key
    return SyntaxResult(key, subject.digest, syntax.name, verdict, reason, now)
