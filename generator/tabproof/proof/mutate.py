"""The proof of the proof: samples are made wrong on purpose, and a case must notice each fault."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from tabproof.errors import InputError, choose
from tabproof.isolation import lacking
from tabproof.model.case import Case
from tabproof.model.mutation import Mutation, Mutations
from tabproof.model.result import Finding, Unavailable
from tabproof.model.sample import SampleKey
from tabproof.proof import build, instruments, limits, observe, runs
from tabproof.proof.mutant import NoSuchRole, filled, mutated
from tabproof.proof.outcome import Progress
from tabproof.proof.roles import roles_of
from tabproof.proof.runs import Runner
from tabproof.proof.subject import Subject, Wanted
from tabproof.proof.verdict import judge
from tabproof.tree import FOLDER, digest

Findings: TypeAlias = dict[str, list[Finding] | Unavailable]
"""The run's identity -> what is wrong in it, or why it could not be made."""

Fate: TypeAlias = Literal["killed", "survived", "not run", "unfit"]


class Mutant(msgspec.Struct, frozen=True):
    """A sample with a fault in it.

    Attributes:
        original: the sample as it is on disk.
        text: the sample with the fault.
        line: where the fault is.
        case: the case that must notice it.
        seen: a pattern that what it reports must hold.
    """

    mutation: Mutation
    original: Subject
    text: str
    line: int
    case: Case
    seen: str


class Fated(msgspec.Struct, frozen=True):
    """What became of a mutant.

    Attributes:
        fate: `unfit` where it says nothing: it is no program any more, it was not run though it
            could have been, or it was noticed by something else than the fault.
        place: file and line of the mutated sample; only the file where the mutation is not for it.
        words: the reason of the fate; what was noticed where it was killed.
    """

    kind: str
    sample: SampleKey
    rule: str
    place: str
    case: str
    fate: Fate
    words: str


def mutants_of(
    subjects: Iterable[Subject], mutations: Mutations, cases: tuple[str, ...] = ()
) -> tuple[list[Mutant], list[Fated]]:
    """The mutants of some samples, and the mutations that their scenarios have no place for.

    Args:
        subjects: the samples, each with all its cases.
        mutations: what is wrong with the mutants.
        cases: only mutants that these cases must notice; all if empty.

    Raises:
        InputError: a sample is not as generated, or a mutation does not fit its text.
    """
    mutants, idle = [], []
    for subject in subjects:
        path = f"{FOLDER}/{subject.sample.path}"
        if subject.text != subject.sample.text:
            raise InputError(f"{path}: is not as generated; run `tabproof generate`.")
        roles = roles_of(subject.scenario, subject.language)
        key = subject.sample.key
        for row in mutations.rows[key.language]:
            if key.variant not in row.variants:
                continue
            try:
                text, line = mutated(row, subject.sample, roles)
                name = filled(row.case, row, roles)
                seen = filled(row.seen, row, roles, re.escape)
            except NoSuchRole as error:
                idle.append(Fated(row.kind, key, row.place, path, row.case, "not run", str(error)))
                continue
            case = next((case for case in subject.cases if case.name == name), None)
            if case is None:
                names = choose((case.name for case in subject.cases), name)
                raise InputError(f"{row.place}: unknown case '{name}' in {key.language}; {names}.")
            if not cases or name in cases:
                mutants.append(Mutant(row, subject, text, line, case, seen))
    return mutants, idle


def run(
    mutants: list[Mutant],
    progress: Progress = lambda _done, _all, _sample: None,
    runner: Runner = runs.here,
) -> list[Fated]:
    """Run each mutant in its case, and each sample itself in the same cases.

    Args:
        mutants: what to run.
        progress: called as runs are done.
        runner: makes the runs.
    """
    absent = instruments.missing()
    obstacles = [_obstacle(mutant, absent) for mutant in mutants]
    with observe.work_folder() as folder:
        written = [_written(m, Path(folder, f"mutant-{n}")) for n, m in enumerate(mutants)]
        wanted: dict[str, tuple[Subject, Case]] = {}
        for subject, mutant, obstacle in zip(written, mutants, obstacles, strict=True):
            if not obstacle:
                wanted[subject.identity] = (subject, mutant.case)
                wanted[_identity(mutant)] = (mutant.original, mutant.case)
        findings = _findings(wanted, progress, runner)

        def fate(number: int) -> Fated:
            mutant, subject = mutants[number], written[number]
            if obstacles[number]:
                fault = _parse(subject)
                return _fated(mutant, "unfit" if fault else "not run", fault or obstacles[number])
            own, base = findings.get(subject.identity), findings.get(_identity(mutant))
            if isinstance(own, Unavailable):
                return _fated(mutant, "not run", own.reason)
            if isinstance(base, Unavailable):
                return _fated(mutant, "not run", base.reason)
            return _judged(mutant, subject, own, base)

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(fate, range(len(mutants))))


def _obstacle(mutant: Mutant, absent: Collection[str]) -> str:
    """Why this machine cannot run a mutant; "" where it can."""
    subject, case = mutant.original, mutant.case
    if isinstance(subject.found, str):
        return subject.found
    return instruments.lacking(case.situation, absent) or lacking(case, subject.isolation)


def _written(mutant: Mutant, folder: Path) -> Subject:
    """The mutant as a file of its own."""
    file = folder / Path(mutant.original.file).name
    content = mutant.text.encode()
    folder.mkdir()
    file.write_bytes(content)
    return msgspec.structs.replace(
        mutant.original, file=str(file), text=mutant.text, digest=digest(content)
    )


def _findings(wanted: Wanted, progress: Progress, runner: Runner) -> Findings:
    """What is wrong in each run; a run that says nothing about a sample has no entry."""
    findings: Findings = {}
    progress(0, len(wanted), "")
    with closing(runner(wanted)) as all_told:
        for done, (identity, told) in enumerate(all_told, 1):
            subject, case = wanted[identity]
            if isinstance(told, Unavailable):
                findings[identity] = told
            elif isinstance(told, Finding):
                findings[identity] = [told]
            elif not told.broken:
                findings[identity] = judge(told, case, subject.scenario, subject.habits)
            progress(done, len(wanted), subject.sample.key.name)
    return findings


def _judged(
    mutant: Mutant, written: Subject, own: list[Finding] | None, base: list[Finding] | None
) -> Fated:
    if own is None or base is None:
        return _fated(mutant, "unfit", "the sandbox did not run it")
    noticed = any(re.search(mutant.seen, finding.words()) for finding in own)
    limit = mutant.original.limit(mutant.case)
    for found in (base, [] if noticed else own):
        sifted = limits.sift(found, limit)
        if sifted.excuse and not sifted.findings:
            return _fated(mutant, "not run", sifted.excuse)
    if base:
        words = f"the sample itself fails in this case: {_words(base)}"
        return _fated(mutant, "unfit", words)
    if not own:
        return _fated(mutant, "survived", "")
    if noticed:
        return _fated(mutant, "killed", _words(own))
    why = _parse(written) or f"what was noticed is not `{mutant.seen}`: {_words(own)}"
    return _fated(mutant, "unfit", why)


def _parse(written: Subject) -> str:
    """What the language's parser complains of; "" where it does not."""
    now = datetime.now(UTC).isoformat()
    said = build.parse(written, now)
    if said is None or said.verdict != "failed":
        return ""
    return f"it is no program any more: {said.parser}: {said.reason}"


def _fated(mutant: Mutant, fate: Fate, words: str) -> Fated:
    key, path = mutant.original.sample.key, mutant.original.sample.path
    place = f"{FOLDER}/{path}:{mutant.line}"
    row = mutant.mutation
    return Fated(row.kind, key, row.place, place, mutant.case.name, fate, words)


def _words(findings: list[Finding]) -> str:
    return "; ".join(finding.words() for finding in findings)


def _identity(mutant: Mutant) -> str:
    """Names the run of the sample itself."""
    return mutant.original.run_identity(mutant.case)
