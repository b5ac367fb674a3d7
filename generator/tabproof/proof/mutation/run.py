"""Test the proof: make samples wrong on purpose, and require that a case notices each fault."""

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
from tabproof.proof.judge.judge_runs import findings_of
from tabproof.proof.mutation.apply import NoSuchPlaceholder, fill_placeholders, mutate_sample
from tabproof.proof.mutation.substitutions import substitutions_of
from tabproof.proof.outcome import Progress
from tabproof.proof.prepare import build
from tabproof.proof.prepare.runnable_sample import RequestedRuns, RunnableSample
from tabproof.proof.run import local
from tabproof.proof.run.local import Runner
from tabproof.samples.record import Record
from tabproof.samples.tree import FOLDER, sha256_of
from tabproof.sandbox import batch_runner
from tabproof.toolchains import case_tools

Findings: TypeAlias = dict[str, list[Finding] | Unavailable]
"""The run's identity -> its findings, or why it could not be made."""

MutantOutcome: TypeAlias = Literal["killed", "survived", "not run", "unfit"]


class Mutant(msgspec.Struct, frozen=True):
    """Hold a sample with a fault in it.

    Attributes:
        original: the sample as it is on disk.
        text: the sample with the fault.
        line: where the fault is.
        case: the case that must notice it.
        seen: a pattern that the findings must match.
    """

    mutation: Mutation
    original: RunnableSample
    text: str
    line: int
    case: Case
    seen: str


class MutantResult(msgspec.Struct, frozen=True):
    """Hold the result of a mutant.

    Attributes:
        outcome: `unfit` where it proves nothing: it is no valid program any more, it was not run
            though it could have been, or a finding other than its fault was noticed.
        place: file and line of the mutated sample; only the file where the mutation does not apply.
        message: the reason; the findings where it was killed.
    """

    kind: str
    sample: SampleKey
    rule: str
    place: str
    case: str
    outcome: MutantOutcome
    message: str


def mutants_of(
    subjects: Iterable[RunnableSample], mutations: Mutations, cases: tuple[str, ...] = ()
) -> tuple[list[Mutant], list[MutantResult]]:
    """Return the mutants of some samples, and the mutations that do not apply to their scenarios.

    Args:
        subjects: the samples, each with all its cases.
        mutations: the faults to make.
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


def distinct_mutants(mutants: Iterable[Mutant]) -> list[Mutant]:
    """Return each fault once for a language and runtime where both variants have the same lines.

    Where one of the two can run on this machine, that one stays.

    Args:
        mutants: those of all selected samples.
    """
    chosen: dict[object, Mutant] = {}
    for mutant in mutants:
        subject, row = mutant.original, mutant.mutation
        first, last = subject.sample.steps[row.step]
        lines = tuple(subject.sample.text.splitlines()[first - 1 : last])
        scenario, language = subject.sample.key.scenario, subject.sample.key.language
        runtime = subject.identity.rpartition("@")[2]
        key = (scenario, language, runtime, row.place, lines, mutant.case.name)
        other = chosen.get(key)
        if other is None or isinstance(other.original.toolchain, str):
            chosen[key] = mutant
    return list(chosen.values())


def run_mutants(
    mutants: list[Mutant],
    earlier_results: Record,
    progress: Progress = lambda _done, _all, _sample: None,
    runner: Runner = local.run_locally,
) -> list[MutantResult]:
    """Run each mutant in its case, and each sample itself in the cases that it has not passed.

    Args:
        mutants: what to run.
        earlier_results: the results on record.
        progress: called as runs are done.
        runner: makes the runs.
    """
    passed = _passed(mutants, earlier_results)
    absent = case_tools.missing_tools()
    obstacles = [_obstacle(mutant, absent) for mutant in mutants]
    with batch_runner.work_folder() as folder:
        written = [_write(m, Path(folder, f"mutant-{n}")) for n, m in enumerate(mutants)]
        requested: dict[str, tuple[RunnableSample, Case]] = {}
        for subject, mutant, obstacle in zip(written, mutants, obstacles, strict=True):
            if not obstacle:
                requested[subject.identity] = (subject, mutant.case)
                if _original_run(mutant) not in passed:
                    requested[_original_run(mutant)] = (mutant.original, mutant.case)
        findings = passed | _findings(requested, progress, runner)

        def outcome_of(number: int) -> MutantResult:
            mutant, subject = mutants[number], written[number]
            if obstacles[number]:
                fault = _parse(subject)
                return _result(mutant, "unfit" if fault else "not run", fault or obstacles[number])
            own, base = findings.get(subject.identity), findings.get(_original_run(mutant))
            if isinstance(own, Unavailable):
                return _result(mutant, "not run", own.reason)
            if isinstance(base, Unavailable):
                return _result(mutant, "not run", base.reason)
            return _judged(mutant, subject, own, base)

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(outcome_of, range(len(mutants))))


def _passed(mutants: Iterable[Mutant], earlier_results: Record) -> Findings:
    """Return the runs of the samples themselves that need no repetition: they found nothing."""
    subjects = {mutant.original.identity: mutant.original for mutant in mutants}
    return {
        subject.run_identity(case): []
        for subject in subjects.values()
        for results in (subject.results_in(earlier_results),)
        for case in subject.cases
        if (result := results.get(case.name))
        and result.verdict == "passed"
        and result.toolbox == subject.toolbox
    }


def _obstacle(mutant: Mutant, absent: Collection[str]) -> str:
    """Return why this machine cannot run a mutant; "" where it can."""
    subject, case = mutant.original, mutant.case
    if isinstance(subject.toolchain, str):
        return subject.toolchain
    return case_tools.missing_tool_reason(case, absent) or unsupported_reason(
        case, subject.isolation
    )


def _write(mutant: Mutant, folder: Path) -> RunnableSample:
    """Write the mutant to a file of its own."""
    file = folder / Path(mutant.original.file).name
    content = mutant.text.encode()
    folder.mkdir()
    file.write_bytes(content)
    # The build of the sample says nothing about a mutant that installs something else.
    original = None if mutant.mutation.step == "install" else mutant.original
    return msgspec.structs.replace(
        mutant.original,
        file=str(file),
        text=mutant.text,
        digest=sha256_of(content),
        original=original,
    )


def _findings(requested: RequestedRuns, progress: Progress, runner: Runner) -> Findings:
    """Return the findings of each run; a run that the sandbox did not make has no entry."""
    findings: Findings = {}
    progress(0, len(requested), "")
    with closing(runner(requested)) as outcomes:
        for done, (identity, outcome) in enumerate(outcomes, 1):
            subject, case = requested[identity]
            if isinstance(outcome, Unavailable):
                findings[identity] = outcome
            elif isinstance(outcome, Finding):
                findings[identity] = [outcome]
            elif outcome.lacking:
                findings[identity] = Unavailable.for_want_of(outcome.lacking)
            elif not outcome.broken:
                findings[identity] = findings_of(outcome, subject, case)
            progress(done, len(requested), subject.sample.key.name)
    return findings


def _judged(
    mutant: Mutant, written: RunnableSample, own: list[Finding] | None, base: list[Finding] | None
) -> MutantResult:
    if own is None or base is None:
        return _result(mutant, "unfit", "the sandbox did not run it")
    noticed = any(re.search(mutant.seen, finding.message()) for finding in own)
    limit = mutant.original.limit(mutant.case)
    refuses = mutant.original.refuses(mutant.case)
    for findings in [] if refuses else [base, [] if noticed else own]:
        limited = apply_limit.apply_limit(findings, limit)
        if limited.excuse and not limited.findings:
            return _result(mutant, "not run", limited.excuse)
    if base:
        reason = f"the sample itself fails in this case: {_messages(base)}"
        return _result(mutant, "unfit", reason)
    if not own:
        return _result(mutant, "survived", "")
    if noticed:
        return _result(mutant, "killed", _messages(own))
    why = _parse(written) or f"no finding matches `{mutant.seen}`: {_messages(own)}"
    return _result(mutant, "unfit", why)


def _parse(written: RunnableSample) -> str:
    """Return the fault that the language's parser reports; "" where there is none."""
    now = datetime.now(UTC).isoformat()
    parsed = build.parse_sample(written, now)
    if parsed is None or parsed.verdict != "failed":
        return ""
    return f"it is no valid program any more: {parsed.parser}: {parsed.reason}"


def _result(mutant: Mutant, outcome: MutantOutcome, message: str) -> MutantResult:
    key, path = mutant.original.sample.key, mutant.original.sample.path
    place = f"{FOLDER}/{path}:{mutant.line}"
    row = mutant.mutation
    return MutantResult(row.kind, key, row.place, place, mutant.case.name, outcome, message)


def _messages(findings: list[Finding]) -> str:
    return "; ".join(finding.message() for finding in findings)


def _original_run(mutant: Mutant) -> str:
    """Return the identity of the run of the sample itself."""
    return mutant.original.run_identity(mutant.case)
