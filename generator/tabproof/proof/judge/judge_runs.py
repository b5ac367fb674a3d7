"""Make runs, judge and compare them, and locate each fault in the sample."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from difflib import SequenceMatcher
from typing import TypeAlias

from msgspec.structs import replace

from tabproof.model.case import Case
from tabproof.model.result import Finding, Result, Unavailable
from tabproof.model.sample import Sample, SampleKey
from tabproof.proof.judge import apply_limit, compare
from tabproof.proof.judge.head import find_head_faults
from tabproof.proof.judge.system_paths import find_system_paths
from tabproof.proof.judge.verdict import OBSERVED, judge, without_terminal_noise
from tabproof.proof.outcome import Problem, Progress
from tabproof.proof.prepare.runnable_sample import RunnableSample
from tabproof.proof.run.local import Runner
from tabproof.samples.tree import FOLDER
from tabproof.sandbox.protocol import Observation

Pending: TypeAlias = list[tuple[RunnableSample, Case]]
Findings: TypeAlias = dict[str, list[Finding] | Unavailable]


def judge_runs(
    pending: Pending, now: str, progress: Progress, runner: Runner
) -> tuple[list[Result], list[Problem]]:
    """Make runs; return their results, and the problems.

    Args:
        pending: which samples are run in which cases.
        now: the date of the results.
        progress: called as runs are done.
        runner: makes the runs.
    """
    findings = _run(pending, progress, runner)
    results = [_result(subject, case, findings, now) for subject, case in pending]
    return results, list(_problems(pending, findings))


def _run(pending: Pending, progress: Progress, runner: Runner) -> Findings:
    """Run, judge and compare; return the findings by the run's identity."""
    by_identity = {subject.run_identity(case): (subject, case) for subject, case in pending}
    findings: dict[str, list[Finding]] = {}
    unavailable: dict[str, Unavailable] = {}
    compared: list[compare.ComparedRun] = []
    progress(0, len(by_identity), "")
    with closing(runner(by_identity)) as outcomes:
        for identity, outcome in outcomes:
            subject, case = by_identity[identity]
            if isinstance(outcome, Unavailable):
                unavailable[identity] = outcome
            elif isinstance(outcome, Finding):
                findings[identity] = [outcome]
            else:
                own = findings_of(outcome, subject, case)
                if own and outcome.lacking:
                    unavailable[identity] = Unavailable.for_want_of(outcome.lacking)
                else:
                    findings[identity] = own
                if not own and not subject.refuses(case):
                    scenario = subject.sample.key.scenario
                    told = without_terminal_noise(outcome, case, subject.habits)
                    compared.append(compare.ComparedRun(identity, scenario, case.name, told))
            done = len(findings) + len(unavailable)
            progress(done, len(by_identity), subject.sample.key.name)
    for identity, finding in compare.differences(compared):
        findings[identity].append(finding)
    return {**findings, **unavailable}


def findings_of(observation: Observation, subject: RunnableSample, case: Case) -> list[Finding]:
    """Return what is wrong with a run; where nothing is, what is wrong in the sample's text."""
    expected = subject.expected_case(case)
    return judge(observation, expected, subject.scenario, subject.habits) or text_faults(subject)


def text_faults(subject: RunnableSample) -> list[Finding]:
    """Return what is wrong in the text of a sample: in every case, where nothing else is wrong."""
    language = subject.language.data
    return [
        *find_head_faults(subject.text, subject.sample, subject.scenario, language),
        *find_system_paths(subject.text),
    ]


def _result(subject: RunnableSample, case: Case, findings: Findings, now: str) -> Result:
    own = findings.get(subject.run_identity(case))
    if own is None:
        result = subject.result(case, "failed", "it was not observed", now)
        return replace(result, toolbox=None)
    if isinstance(own, Unavailable):
        return replace(subject.result(case, "skipped", own.reason, now), toolbox=None)
    limited = apply_limit.apply_limit(own, subject.limit(case))
    if limited.excuse and not limited.findings:
        return subject.result(case, "skipped", limited.excuse, now)
    reason = "; ".join(finding.message() for finding in limited.findings)
    result = subject.result(case, "failed" if limited.findings else "passed", reason, now)
    if any(finding.expected == OBSERVED for finding in own):
        return replace(result, toolbox=None)  # a failure of the proof, which goes on no record
    return result


def _problems(pending: Pending, findings: Findings) -> Iterator[Problem]:
    """Yield a problem for each sample, toolchain and kind of fault, in the order of the samples."""
    grouped: dict[tuple[str, tuple[str, ...], str], list[tuple[str, Finding, RunnableSample]]] = {}
    runtimes: dict[SampleKey, set[str]] = {}
    for subject, case in pending:
        runtimes.setdefault(subject.sample.key, set()).add(subject.identity)
        own = findings.get(subject.run_identity(case))
        if own is None or isinstance(own, Unavailable):
            continue
        limited = apply_limit.apply_limit(own, subject.limit(case))
        for finding in [apply_limit.UNNEEDED] if limited.unneeded else limited.findings:
            kind = (subject.identity, finding.hint, finding.expected)
            grouped.setdefault(kind, []).append((case.name, finding, subject))
    for members in grouped.values():
        _name, finding, subject = members[0]
        line = line_of(finding, subject.sample, subject.text)
        place = f"{FOLDER}/{subject.sample.path}:{line}"
        key, message = subject.sample.key, finding.message()
        if len(runtimes[key]) > 1 and subject.toolbox:
            message = f"{subject.toolbox.runtime}: {message}"
        yield Problem(key, place, tuple(name for name, _f, _s in members), message)


def line_of(finding: Finding, sample: Sample, text: str) -> int:
    """Return the line of the file that a finding is about, counted from 1.

    Where no compiler named it, it is the first line of the finding's step that holds the best of
    the hints, or else the step's first line. The file may differ from the sample as it was
    rendered: an edit moves lines, and is itself the first suspect. Where an edit removed a hint,
    the line is the place of the edit.
    """
    if finding.line:
        return finding.line
    rendered, lines = sample.text.splitlines(), text.splitlines()
    first, last = next((r for step, r in sample.steps.items() if step == finding.step), (1, 1))
    moved, unchanged = _moves(rendered, lines)
    for hint in (hint.lower() for hint in finding.hint):
        matches = [n for n in range(moved[first - 1], moved[last]) if hint in lines[n].lower()]
        edited = [n for n in matches if n not in unchanged.values()]
        removed = [
            n for n in range(first - 1, last) if hint in rendered[n].lower() and n not in unchanged
        ]
        suspects = edited or [moved[n] for n in removed] or matches
        if suspects:
            return suspects[0] + 1
    return moved[first - 1] + 1


def _moves(old: list[str], new: list[str]) -> tuple[list[int], dict[int, int]]:
    """Return where old lines went, counted from 0.

    Returns:
        For each old line, and for the end, the new line that is at its place; and the same for
        those lines that are as they were.
    """
    places: list[int] = []
    unchanged: dict[int, int] = {}
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        places += [min(j1 + n, max(j1, j2 - 1)) for n in range(i2 - i1)]
        if tag == "equal":
            unchanged |= zip(range(i1, i2), range(j1, j2), strict=True)
    last = max(len(new) - 1, 0)
    return [*(min(place, last) for place in places), len(new)], unchanged
