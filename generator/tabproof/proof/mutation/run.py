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
from tabproof.model.case import Case
from tabproof.model.isolation import unsupported_reason
from tabproof.model.mutation import Mutation, Mutations
from tabproof.model.result import Finding, Unavailable
from tabproof.model.sample import SampleKey
from tabproof.proof.judge import apply_limit
from tabproof.proof.judge.verdict import judge
from tabproof.proof.mutation.apply import NoSuchPlaceholder, fill_placeholders, mutate_sample
from tabproof.proof.mutation.substitutions import substitutions_of
from tabproof.proof.outcome import Progress
from tabproof.proof.prepare import build
from tabproof.proof.prepare.runnable_sample import RequestedRuns, RunnableSample
from tabproof.proof.run import local
from tabproof.proof.run.local import Runner
from tabproof.samples.tree import FOLDER, sha256_of
from tabproof.sandbox import batch_runner
from tabproof.toolchains import case_tools

Findings: TypeAlias = dict[str, list[Finding] | Unavailable]
"""The run's identity -> what is wrong in it, or why it could not be made."""

MutantOutcome: TypeAlias = Literal["killed", "survived", "not run", "unfit"]


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
    original: RunnableSample
    text: str
    line: int
    case: Case
    seen: str


class MutantResult(msgspec.Struct, frozen=True):
    """What became of a mutant.

    Attributes:
        fate: `unfit` where it says nothing: it is no program any more, it was not run though it
            could have been, or it was noticed by something else than the fault.
        place: file and line of the mutated sample; only the file where the mutation is not for it.
        message: the reason of the fate; what was noticed where it was killed.
    """

    kind: str
    sample: SampleKey
    rule: str
    place: str
    case: str
    fate: MutantOutcome
    message: str


def mutants_of(
    subjects: Iterable[RunnableSample], mutations: Mutations, cases: tuple[str, ...] = ()
) -> tuple[list[Mutant], list[MutantResult]]:
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
        roles = substitutions_of(subject.scenario, subject.language)
        key = subject.sample.key
        for row in mutations.rows[key.language]:
            if key.variant not in row.variants:
                continue
            try:
                text, line = mutate_sample(row, subject.sample, roles)
                name = fill_placeholders(row.case, row, roles)
                seen = fill_placeholders(row.seen, row, roles, re.escape)
            except NoSuchPlaceholder as error:
                idle.append(
                    MutantResult(row.kind, key, row.place, path, row.case, "not run", str(error))
                )
                continue
            case = next((case for case in subject.cases if case.name == name), None)
            if case is None:
                names = choose((case.name for case in subject.cases), name)
                raise InputError(f"{row.place}: unknown case '{name}' in {key.language}; {names}.")
            if not cases or name in cases:
                mutants.append(Mutant(row, subject, text, line, case, seen))
    return mutants, idle


def run_mutants(
    mutants: list[Mutant],
    progress: Progress = lambda _done, _all, _sample: None,
    runner: Runner = local.run_locally,
) -> list[MutantResult]:
    """Run each mutant in its case, and each sample itself in the same cases.

    Args:
        mutants: what to run.
        progress: called as runs are done.
        runner: makes the runs.
    """
    absent = case_tools.missing_tools()
    obstacles = [_obstacle(mutant, absent) for mutant in mutants]
    with batch_runner.work_folder() as folder:
        written = [_written(m, Path(folder, f"mutant-{n}")) for n, m in enumerate(mutants)]
        wanted: dict[str, tuple[RunnableSample, Case]] = {}
        for subject, mutant, obstacle in zip(written, mutants, obstacles, strict=True):
            if not obstacle:
                wanted[subject.identity] = (subject, mutant.case)
                wanted[_identity(mutant)] = (mutant.original, mutant.case)
        findings = _findings(wanted, progress, runner)

        def fate(number: int) -> MutantResult:
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
    if isinstance(subject.toolchain, str):
        return subject.toolchain
    return case_tools.missing_tool_reason(case.situation, absent) or unsupported_reason(
        case, subject.isolation
    )


def _written(mutant: Mutant, folder: Path) -> RunnableSample:
    """The mutant as a file of its own."""
    file = folder / Path(mutant.original.file).name
    content = mutant.text.encode()
    folder.mkdir()
    file.write_bytes(content)
    return msgspec.structs.replace(
        mutant.original, file=str(file), text=mutant.text, digest=sha256_of(content)
    )


def _findings(wanted: RequestedRuns, progress: Progress, runner: Runner) -> Findings:
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
    mutant: Mutant, written: RunnableSample, own: list[Finding] | None, base: list[Finding] | None
) -> MutantResult:
    if own is None or base is None:
        return _fated(mutant, "unfit", "the sandbox did not run it")
    noticed = any(re.search(mutant.seen, finding.message()) for finding in own)
    limit = mutant.original.limit(mutant.case)
    for found in (base, [] if noticed else own):
        sifted = apply_limit.apply_limit(found, limit)
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


def _parse(written: RunnableSample) -> str:
    """What the language's parser complains of; "" where it does not."""
    now = datetime.now(UTC).isoformat()
    said = build.parse_sample(written, now)
    if said is None or said.verdict != "failed":
        return ""
    return f"it is no program any more: {said.parser}: {said.reason}"


def _fated(mutant: Mutant, fate: MutantOutcome, words: str) -> MutantResult:
    key, path = mutant.original.sample.key, mutant.original.sample.path
    place = f"{FOLDER}/{path}:{mutant.line}"
    row = mutant.mutation
    return MutantResult(row.kind, key, row.place, place, mutant.case.name, fate, words)


def _words(findings: list[Finding]) -> str:
    return "; ".join(finding.message() for finding in findings)


def _identity(mutant: Mutant) -> str:
    """Names the run of the sample itself."""
    return mutant.original.run_identity(mutant.case)
