"""Commands that run outside the sandbox: a language's compiler, and its parser."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tabproof import interruption
from tabproof.model.command import fill
from tabproof.model.result import Finding, SyntaxResult, Verdict
from tabproof.proof import packages, toolchains
from tabproof.proof.subject import Subject
from tabproof.sandbox import processes

PREPARE_SECONDS = 600
SYNTAX_SECONDS = 60


class NotRun(Exception):  # noqa: N818 - it is caught here and told as data
    """A command that says nothing about a sample, because it did not run to its end."""


def prepare(subjects: Iterable[Subject], folder: str, processors: int) -> dict[str, str | Finding]:
    """Run the `prepare` commands of each subject.

    Args:
        subjects: those without such commands are left out.
        folder: where the builds go.
        processors: how many commands may run at the same time.

    Returns:
        The file of each subject -> its build folder, or what went wrong.
    """
    wanted = [s for s in subjects if not isinstance(s.found, str) and s.found.toolchain.prepare]
    numbered = list(enumerate(wanted))
    with ThreadPoolExecutor(processors) as pool:
        with interruption.held():
            built = pool.map(lambda n: _build(n[1], Path(folder) / f"build-{n[0]}"), numbered)
        # In here: an interruption of the pool's own end would not wait for its threads.
        return {subject.file: build for subject, build in zip(wanted, built, strict=True)}


def _build(subject: Subject, folder: Path) -> str | Finding:
    if isinstance(subject.found, str):
        raise TypeError(subject.found)
    folder.mkdir()
    places = subject.found.places | {
        "folder": subject.found.folder,
        "sample": subject.file,
        "build": str(folder),
        "stem": Path(subject.file).stem,
    }
    for command in subject.found.toolchain.prepare:
        try:
            words = _words(fill(command, places), PREPARE_SECONDS)
        except NotRun as error:
            words = str(error)
        if words:
            runtime = subject.found.toolchain.runtime
            return Finding("install", (), f"{runtime} to build it", words)
    return str(folder)


def _words(command: list[str], seconds: float) -> str:
    """What a command complains of in one line; "" where it ends well.

    Raises:
        NotRun: it does not start, or does not end.
    """
    try:
        done = processes.run_tool(command, seconds)
    except OSError as error:
        raise NotRun(f"{command[0]} cannot be started: {error.strerror}") from error
    if done.killed:
        raise NotRun(f"{command[0]} was stopped: {done.killed}")
    if done.exit_status == 0:
        return ""
    lines = (done.stderr + done.stdout).decode(errors="replace").strip().splitlines()
    telling = [line for line in lines if "rror" in line] or lines
    return telling[0].strip() if telling else f"exit status {done.exit_status}"


def parsed(
    subjects: Iterable[Subject], known: Iterable[SyntaxResult], now: str
) -> Iterator[SyntaxResult]:
    """What parsers say of those samples that do not run here; what passed is not asked again."""
    passed = {(s.sample, s.sample_digest, s.parser): s for s in known if s.verdict == "passed"}
    for subject in subjects:
        parser = subject.language.data.syntax
        if isinstance(subject.found, str) and parser:
            past = passed.get((subject.sample.key, subject.digest, parser.name))
            if said := past or parse(subject, now):
                yield said


def parse(subject: Subject, now: str) -> SyntaxResult | None:
    """What the parser of the language says of a sample that does not run here."""
    syntax = subject.language.data.syntax
    if syntax is None:
        return None
    places = {"sample": subject.file, "tabproof_python": sys.executable}
    paths = toolchains.programs(syntax.programs, places, packages.folders(syntax))
    verdict: Verdict = "skipped"
    if isinstance(paths, str):
        reason = paths
    else:
        try:
            reason = _words(fill(syntax.run, places | paths), SYNTAX_SECONDS)
            verdict = "failed" if reason else "passed"
        except NotRun as error:
            reason = str(error)
    key = subject.sample.key
    return SyntaxResult(key, subject.digest, syntax.name, verdict, reason, now)
