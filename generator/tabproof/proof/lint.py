"""Run each language's linters and formatters on the samples as they are on disk.

A linter sees copies in a fresh folder, under the samples' own paths, with a fresh home: no
configuration from elsewhere reaches it, and a formatter may write. It runs in a sandbox without a
network, where this machine has one: some compile, and some execute what a sample says.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from tabproof.errors import MachineError, printable
from tabproof.model.isolation import Isolation
from tabproof.model.language import Language
from tabproof.model.linter import Linter
from tabproof.model.result import Unavailable
from tabproof.proof.prepare.runnable_sample import RunnableSample
from tabproof.proof.prepare.tool_sight import with_sight
from tabproof.samples.tree import FOLDER
from tabproof.sandbox.tools import NOT_STARTED, MachineShortageError, Tool, run_tool
from tabproof.system.temporary_folders import temporary_folder
from tabproof.toolchains.find import LocatedPrograms, locate_programs

LINT_SECONDS = 600
ALL_SAMPLES, ONE_SAMPLE = "{samples}", "{sample}"


class NotThere(Exception):  # noqa: N818 - it is caught here and reported as data
    """Says what a linter lacks, so that its output is not about samples."""


class LintFault(msgspec.Struct, frozen=True, order=True):
    """Hold one complaint of a linter, with the sample's line."""

    line: int
    message: str


class LintResult(msgspec.Struct, frozen=True):
    """Hold the complaints of one linter about one sample, or why it was `skipped`."""

    subject: RunnableSample
    linter: str
    version: str = ""
    faults: tuple[LintFault, ...] = ()
    skipped: str = ""

    def lines(self) -> Iterator[str]:
        """Yield `samples/...:LINE: LINTER: MESSAGE` for each fault."""
        for fault in self.faults:
            place = f"{FOLDER}/{self.subject.sample.path}:{fault.line}"
            yield f"{place}: {self.linter}: {printable(fault.message)}"


class LinterOnMachine(msgspec.Struct, frozen=True):
    """Hold a linter with its programs, and how it is kept apart from this machine."""

    linter: Linter
    located: LocatedPrograms
    language: Language
    isolation: Isolation


def lint(
    subjects: Iterable[RunnableSample], root: Path, jobs: int | None = None
) -> tuple[LintResult, ...]:
    """Run every linter of the subjects' languages.

    Args:
        subjects: the samples; whether they can be run does not matter.
        root: the project's folder.
        jobs: how many linters may run at the same time; all of this machine's CPUs if None.

    Returns:
        The results, by language and linter, then by sample, each in the order it came in.

    Raises:
        MachineError: a linter cannot be started.
    """
    groups: dict[str, list[RunnableSample]] = {}
    # A sample is read once, however many toolchains run it.
    for subject in {subject.sample.key: subject for subject in subjects}.values():
        groups.setdefault(subject.language.name, []).append(subject)
    pairs = [
        (linter, read)
        for own in groups.values()
        for linter in own[0].language.data.linters
        if (read := [s for s in own if s.sample.key.variant in linter.variants])
    ]
    with ThreadPoolExecutor(jobs or os.cpu_count() or 1) as pool:
        results = pool.map(lambda pair: _lint(pair[0], pair[1], root), pairs)
        return tuple(result for group in results for result in group)


def _lint(linter: Linter, subjects: list[RunnableSample], root: Path) -> list[LintResult]:
    language, isolation = subjects[0].language, subjects[0].isolation
    located = locate_programs(linter, linter.name, language, root)
    if isinstance(located, str):
        return [LintResult(subject, linter.name, skipped=located) for subject in subjects]
    usable = LinterOnMachine(linter, located, language, isolation)
    contents = {f"{FOLDER}/{s.sample.path}": Path(s.file).read_bytes() for s in subjects}
    faults: dict[str, list[LintFault]] = {}
    try:
        if any(ONE_SAMPLE in argument for argument in linter.run):
            for path, content in contents.items():
                faults |= _run(usable, {path: content})
        else:
            faults = _run(usable, contents)
    except NotThere as error:
        return [LintResult(subject, linter.name, skipped=str(error)) for subject in subjects]
    return [
        LintResult(subject, linter.name, located.version, tuple(sorted(set(faults[path]))))
        for subject, path in zip(subjects, contents, strict=True)
    ]


def _run(usable: LinterOnMachine, contents: Mapping[str, bytes]) -> dict[str, list[LintFault]]:
    """Return the faults of each file; files that a linter fails on together are tried one by one.

    Raises:
        NotThere: the linter lacks a library, or this machine was short of something.
    """
    linter = usable.linter
    with temporary_folder("tabproof-lint-") as name:
        work = Path(name).resolve()
        folder = work / "project"
        for path, content in contents.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        status, output = _process(usable, work, list(contents))
        if linter.unavailable and (gone := re.search(linter.unavailable, output, re.MULTILINE)):
            raise NotThere(gone["words"].strip())
        faults = _parse_output(linter.fault, output, folder, contents)
        if linter.writes:
            for path, content in contents.items():
                faults[path] += _format_faults(content, _written(folder, path))
    if status == 0 or (any(faults.values()) and not linter.writes):
        return faults
    if len(contents) == 1:
        (path,) = contents
        return {path: faults[path] or [LintFault(1, _error_line(output, status))]}
    alone = {path: _run(usable, {path: content}) for path, content in contents.items()}
    return {path: own[path] for path, own in alone.items()}


def _written(folder: Path, path: str) -> bytes:
    """Return what a formatter wrote; "" where it left no file, or a link that leads elsewhere."""
    file = (folder / path).resolve()
    return file.read_bytes() if file.is_relative_to(folder) and file.is_file() else b""


def _process(usable: LinterOnMachine, work: Path, paths: list[str]) -> tuple[int | str, str]:
    """Return the exit status, or why there is none, and all output.

    Raises:
        MachineError: it cannot be started; that is no fault of a sample.
        NotThere: this machine was short of something.
    """
    linter, located = usable.linter, usable.located
    places = located.placeholders | {"work": str(work)}
    places["off"] = ",".join(linter.off_form.format(rule=off.rule) for off in linter.off)
    command = list(_command(linter, places, paths))
    libraries = Path(places["folder"])
    caches = [libraries / name for name in linter.caches]
    try:
        for cache in caches:
            cache.mkdir(parents=True, exist_ok=True)
        tool = Tool(
            command=command,
            folder=str(work / "project"),
            writable=(str(work), *map(str, caches)),
            programs=tuple(located.paths.values()),
            environment={k: value.format_map(places) for k, value in linter.environment.items()},
            merges_stderr=True,
        )
        seeing = with_sight(tool, usable.language, libraries)
        done = run_tool(seeing, usable.isolation, LINT_SECONDS)
    except OSError as error:
        raise MachineError(f"{linter.name}: cannot be started: {error.strerror}.") from error
    except MachineShortageError as error:
        raise NotThere(Unavailable.for_want_of(str(error)).reason) from error
    if done.exit_status is None:
        return f"was stopped: {done.killed}", ""
    output = done.stdout.decode(errors="replace")
    if done.exit_status in NOT_STARTED:
        reason = printable(_error_line(output, done.exit_status))
        raise MachineError(f"{linter.name}: cannot be started: {reason}.")
    return done.exit_status, output


def _command(linter: Linter, places: Mapping[str, str], paths: list[str]) -> Iterator[str]:
    for argument in linter.run:
        if argument == ALL_SAMPLES:
            yield from paths
        elif "{off}" not in argument or linter.off:
            yield argument.format_map({**places, "sample": paths[0]})


def _parse_output(
    pattern: str, output: str, folder: Path, paths: Iterable[str]
) -> dict[str, list[LintFault]]:
    """Return the faults that a pattern matches in a linter's output, by file."""
    faults: dict[str, list[LintFault]] = {path: [] for path in paths}
    current = next(iter(faults))
    for match in re.finditer(pattern, output, re.MULTILINE) if pattern else ():
        groups = match.groupdict()
        if groups.get("file"):
            file = (folder / groups["file"].strip()).resolve()
            current = file.relative_to(folder).as_posix() if file.is_relative_to(folder) else ""
        if groups["words"] and current in faults:
            fault = LintFault(int(groups.get("line") or 1), groups["words"].strip())
            faults[current].append(fault)
    return faults


def _format_faults(content: bytes, written: bytes) -> list[LintFault]:
    """Return the places that a formatter changed."""
    old, new = (text.decode(errors="replace").splitlines() for text in (content, written))
    if old == new and content != written:
        return [LintFault(len(old), "would change the end of a line or of the file")]
    faults = []
    for tag, first, _last, start, end in difflib.SequenceMatcher(None, old, new).get_opcodes():
        if tag != "equal":
            lines = [line.strip() for line in new[start:end]]
            if any(lines):
                message = f"would write `{' / '.join(lines)}`"
            else:
                message = "would change blank lines or spaces"
            faults.append(LintFault(min(first + 1, max(len(old), 1)), message))
    return faults


def _error_line(output: str, status: int | str) -> str:
    """Return the line of a failed linter's output that says most."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if "rror" in line] or lines[-1:]
    if errors:
        return errors[0]
    return status if isinstance(status, str) else f"ended with status {status}"
