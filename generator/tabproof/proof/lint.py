"""What each language's linters and formatters say of the samples as they are on disk.

A linter sees copies in a fresh folder, under the samples' own paths, with a fresh home: no
configuration from elsewhere reaches it, and a formatter may write.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from tabproof.errors import MachineError
from tabproof.model.language import Language
from tabproof.model.linter import Linter
from tabproof.proof.prepare.runnable_sample import RunnableSample
from tabproof.samples.tree import FOLDER
from tabproof.system import processes
from tabproof.system.temporary_folders import temporary_folder
from tabproof.toolchains.find import LocatedPrograms, locate_programs

LINT_SECONDS = 600
ALL_SAMPLES, ONE_SAMPLE = "{samples}", "{sample}"


class NotThere(Exception):  # noqa: N818 - it is caught here and told as data
    """A linter lacks a library, so that it says nothing about samples."""


class LintFault(msgspec.Struct, frozen=True, order=True):
    """One thing that a linter would have otherwise, with the sample's line."""

    line: int
    message: str


class LintResult(msgspec.Struct, frozen=True):
    """What one linter said of one sample; `skipped` says why it said nothing."""

    subject: RunnableSample
    linter: str
    version: str = ""
    faults: tuple[LintFault, ...] = ()
    skipped: str = ""

    def lines(self) -> Iterator[str]:
        """`samples/...:LINE: LINTER: words`, one for each fault."""
        for fault in self.faults:
            place = f"{FOLDER}/{self.subject.sample.path}:{fault.line}"
            yield f"{place}: {self.linter}: {fault.message}"


def lint(
    subjects: Iterable[RunnableSample], root: Path, jobs: int | None = None
) -> tuple[LintResult, ...]:
    """Run every linter of the subjects' languages.

    Args:
        subjects: the samples; whether they can be run does not matter.
        root: the project's folder.
        jobs: how many linters may run at the same time; all of this machine's CPUs if None.

    Returns:
        What was said, by language and linter, then by sample, each in the order it came in.

    Raises:
        MachineError: a linter cannot be started.
    """
    groups: dict[str, list[RunnableSample]] = {}
    # A sample is read once, however many toolchains run it.
    for subject in {each.sample.key: each for each in subjects}.values():
        groups.setdefault(subject.language.name, []).append(subject)
    pairs = [
        (linter, read)
        for own in groups.values()
        for linter in own[0].language.data.linters
        if (read := [s for s in own if s.sample.key.variant in linter.variants])
    ]
    with ThreadPoolExecutor(jobs or os.cpu_count() or 1) as pool:
        said = pool.map(lambda pair: _lint(pair[0], pair[1], root), pairs)
        return tuple(each for group in said for each in group)


def _lint(linter: Linter, subjects: list[RunnableSample], root: Path) -> list[LintResult]:
    language: Language = subjects[0].language
    located = locate_programs(linter, linter.name, language, root)
    if isinstance(located, str):
        return [LintResult(subject, linter.name, skipped=located) for subject in subjects]
    contents = {f"{FOLDER}/{s.sample.path}": Path(s.file).read_bytes() for s in subjects}
    found: dict[str, list[LintFault]] = {}
    try:
        if any(ONE_SAMPLE in word for word in linter.run):
            for path, content in contents.items():
                found |= _run(linter, located, {path: content})
        else:
            found = _run(linter, located, contents)
    except NotThere as error:
        return [LintResult(subject, linter.name, skipped=str(error)) for subject in subjects]
    return [
        LintResult(subject, linter.name, located.version, tuple(sorted(set(found[path]))))
        for subject, path in zip(subjects, contents, strict=True)
    ]


def _run(
    linter: Linter, located: LocatedPrograms, contents: Mapping[str, bytes]
) -> dict[str, list[LintFault]]:
    """The faults of each file. What a linter could not read, it is shown again, alone.

    Raises:
        NotThere: the linter lacks a library.
    """
    with temporary_folder("tabproof-lint-") as name:
        work = Path(name).resolve()
        folder = work / "project"
        for path, content in contents.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        (work / "home").mkdir()
        status, output = _process(linter, located, work, list(contents))
        if linter.unavailable and (gone := re.search(linter.unavailable, output, re.MULTILINE)):
            raise NotThere(gone["words"].strip())
        found = _parsed(linter.fault, output, folder, contents)
        if linter.writes:
            for path, content in contents.items():
                found[path] += _rewritten(content, (folder / path).read_bytes())
    if status == 0 or (any(found.values()) and not linter.writes):
        return found
    if len(contents) == 1:
        (path,) = contents
        return {path: found[path] or [LintFault(1, _telling(output, status))]}
    alone = {path: _run(linter, located, {path: content}) for path, content in contents.items()}
    return {path: faults[path] for path, faults in alone.items()}


def _process(
    linter: Linter, located: LocatedPrograms, work: Path, paths: list[str]
) -> tuple[int | str, str]:
    """The exit status, or why there is none, and all output.

    Raises:
        MachineError: it cannot be started; that is no fault of a sample.
    """
    places = located.placeholders | {"work": str(work)}
    places["off"] = ",".join(linter.off_form.format(rule=off.rule) for off in linter.off)
    own = {key: value.format_map(places) for key, value in linter.environment.items()}
    home = str(work / "home")
    base = {"PATH": os.environ.get("PATH", os.defpath), "HOME": home, "LANG": "C.UTF-8"}
    setting = processes.ProcessSettings(work / "project", base | own, merges_stderr=True)
    command = list(_words(linter, places, paths))
    try:
        done = processes.run_tool(command, LINT_SECONDS, setting)
    except OSError as error:
        raise MachineError(f"{linter.name}: cannot be started: {error.strerror}.") from error
    if done.exit_status is None:
        return f"was stopped: {done.killed}", ""
    return done.exit_status, done.stdout.decode(errors="replace")


def _words(linter: Linter, places: Mapping[str, str], paths: list[str]) -> Iterator[str]:
    for word in linter.run:
        if word == ALL_SAMPLES:
            yield from paths
        elif "{off}" not in word or linter.off:
            yield word.format_map({**places, "sample": paths[0]})


def _parsed(
    pattern: str, output: str, folder: Path, paths: Iterable[str]
) -> dict[str, list[LintFault]]:
    """The faults that a pattern finds in a linter's output, by file."""
    found: dict[str, list[LintFault]] = {path: [] for path in paths}
    current = next(iter(found))
    for match in re.finditer(pattern, output, re.MULTILINE) if pattern else ():
        groups = match.groupdict()
        if groups.get("file"):
            file = (folder / groups["file"].strip()).resolve()
            current = file.relative_to(folder).as_posix() if file.is_relative_to(folder) else ""
        if groups["words"] and current in found:
            found[current].append(LintFault(int(groups.get("line") or 1), groups["words"].strip()))
    return found


def _rewritten(content: bytes, written: bytes) -> list[LintFault]:
    """Where a formatter wrote something else."""
    old, new = (text.decode(errors="replace").splitlines() for text in (content, written))
    if old == new and content != written:
        return [LintFault(len(old), "would change the end of a line or of the file")]
    faults = []
    for tag, first, _last, start, end in difflib.SequenceMatcher(None, old, new).get_opcodes():
        if tag != "equal":
            lines = [line.strip() for line in new[start:end]]
            words = f"would write `{' / '.join(lines)}`" if any(lines) else "would space otherwise"
            faults.append(LintFault(min(first + 1, max(len(old), 1)), words))
    return faults


def _telling(output: str, status: int | str) -> str:
    """What a linter that failed says, in one line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if "rror" in line] or lines[-1:]
    if telling:
        return telling[0]
    return status if isinstance(status, str) else f"ended with status {status}"
