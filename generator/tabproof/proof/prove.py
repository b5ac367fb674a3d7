"""The proof from end to end: find toolchains, run, judge, compare, and name what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from tabproof.cases import cases_of, run_in
from tabproof.errors import InputError
from tabproof.isolation import lacking
from tabproof.model.catalog import Catalog
from tabproof.model.result import Finding, Result, Toolbox, Verdict
from tabproof.model.sample import Sample, SampleKey
from tabproof.proof import build, compare, instruments, limits, locate, runs, toolchains
from tabproof.proof.isolation import IN_SANDBOX, Apart
from tabproof.proof.plan import Selection, Subject
from tabproof.proof.runs import Runner
from tabproof.proof.verdict import judge
from tabproof.record import Record
from tabproof.tree import FOLDER, digest, read_sample

Progress = Callable[[int, int], None]


class Problem(msgspec.Struct, frozen=True):
    """One finding of one sample, with the cases that it was found in."""

    sample: SampleKey
    place: str
    cases: tuple[str, ...]
    words: str

    def line(self) -> str:
        """Sample, line, case, expected, seen."""
        more = f" (and {len(self.cases) - 1} more cases)" if len(self.cases) > 1 else ""
        return f"{self.place}: {self.cases[0]}{more}: {self.words}"


class Outcome(msgspec.Struct, frozen=True):
    """What a proof came to.

    Attributes:
        new: the results of this run; skipped ones too.
        reused: results on record that were left out of the run.
        problems: what is wrong, one for each sample and fault.
    """

    subjects: tuple[Subject, ...]
    new: Record
    reused: tuple[Result, ...]
    problems: tuple[Problem, ...]

    @property
    def results(self) -> tuple[Result, ...]:
        """All results, fresh and reused."""
        return (*self.new.results, *self.reused)


def subjects_of(
    root: Path,
    catalog: Catalog,
    samples: Iterable[Sample],
    selection: Selection,
    apart: Apart = IN_SANDBOX,
) -> tuple[Subject, ...]:
    """The selected samples as they are on disk, each with its toolchain.

    Args:
        root: the project's folder.
        catalog: what its templates say.
        samples: all samples as they are rendered, or while they are.
        selection: which of them.
        apart: how their runs are kept apart from this machine.

    Raises:
        InputError: the selection names something that is not there, or a sample is missing.
    """
    cases = {
        name: cases_of(scenario, catalog.cases) for name, scenario in catalog.scenarios.items()
    }
    selection.check(catalog, {case.name for group in cases.values() for case in group})
    with ThreadPoolExecutor() as pool:
        finds = {
            name: pool.submit(toolchains.find, language, root)
            for name, language in catalog.languages.items()
            if selection.holds_language(name)
        }
        # They may be rendered just now, while other programs say their versions.
        chosen = [sample for sample in samples if selection.holds(sample)]
    subjects = []
    for sample in chosen:
        content = read_sample(root, sample.path)
        if content is None:
            raise InputError(f"{FOLDER}/{sample.path}: is missing; run `tabproof generate`.")
        found = toolchains.usable(finds[sample.key.language].result(), sample.key.variant)
        subjects.append(
            Subject(
                sample=sample,
                scenario=catalog.scenarios[sample.key.scenario],
                language=catalog.languages[sample.key.language],
                file=str((root / FOLDER / sample.path).resolve()),
                text=content.decode(errors="replace"),
                digest=digest(content),
                cases=tuple(
                    case
                    for case in run_in(sample.key.language, cases[sample.key.scenario])
                    if selection.holds_case(case)
                ),
                isolation=apart.isolation,
                found=found if isinstance(found, str) else apart.lacking or found,
            )
        )
    return tuple(subjects)


def prove(
    subjects: tuple[Subject, ...],
    known: Record,
    progress: Progress = lambda _done, _all: None,
    runner: Runner = runs.here,
) -> Outcome:
    """Run the subjects in their cases.

    Args:
        subjects: what to run.
        known: results that need not be found again.
        progress: called with the number of runs that are done and of all.
        runner: makes the runs.
    """
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    kept = {_key(result): result for result in known.results if result.toolbox}
    reused, skipped, pending = [], [], []
    for subject in subjects:
        unable = subject.found if isinstance(subject.found, str) else ""
        for number, case in enumerate(subject.cases):
            reason = (
                unable or instruments.lacking(case.situation) or lacking(case, subject.isolation)
            )
            result = _result(subject, number, "skipped", reason, now)
            if reason:
                skipped.append(msgspec.structs.replace(result, toolbox=None))
            elif (past := kept.get(_key(result))) and limits.stands(past, subject.limit(case)):
                reused.append(past)
            else:
                pending.append((subject, number, case.name))
    findings = _run(pending, progress, runner)
    results = [_judged(subject, number, findings, now) for subject, number, _name in pending]
    syntax = tuple(build.parsed(subjects, known.syntax, now))
    new = Record((*results, *skipped), syntax)
    return Outcome(subjects, new, tuple(reused), tuple(_problems(pending, findings, new, subjects)))


Pending = tuple[Subject, int, str]
Findings = dict[str, list[Finding]]


def _run(pending: list[Pending], progress: Progress, runner: Runner) -> Findings:
    """Run, judge and compare; findings by the run's identity."""
    by_identity = {_identity(s, name): (s, s.cases[number]) for s, number, name in pending}
    findings: Findings = {}
    seen: list[compare.Seen] = []
    with closing(runner(by_identity)) as all_told:
        for identity, told in all_told:
            subject, case = by_identity[identity]
            if isinstance(told, Finding):
                findings[identity] = [told]
            else:
                found = judge(told, case, subject.scenario, subject.noise, subject.exposures)
                findings[identity] = found
                if not found:
                    scenario = subject.sample.key.scenario
                    seen.append(compare.Seen(identity, scenario, case.name, told))
            progress(len(findings), len(by_identity))
    for identity, finding in compare.differences(seen):
        findings[identity].append(finding)
    return findings


def _problems(
    pending: list[Pending], findings: Findings, new: Record, subjects: tuple[Subject, ...]
) -> Iterator[Problem]:
    """One problem for each sample and kind of fault, in the order of the samples."""
    grouped: dict[tuple[SampleKey, tuple[str, ...], str], list[tuple[str, Finding, Subject]]] = {}
    for subject, number, name in pending:
        found = findings.get(_identity(subject, name))
        if found is None:
            continue
        sifted = limits.sift(found, subject.limit(subject.cases[number]))
        for finding in [limits.UNNEEDED] if sifted.unneeded else sifted.findings:
            kind = (subject.sample.key, finding.hint, finding.expected)
            grouped.setdefault(kind, []).append((name, finding, subject))
    for (key, _hint, _expected), members in grouped.items():
        _name, finding, subject = members[0]
        line = locate.line_of(finding, subject.sample, subject.text)
        place = f"{FOLDER}/{subject.sample.path}:{line}"
        yield Problem(key, place, tuple(name for name, _f, _s in members), finding.words())
    paths = {subject.sample.key: subject.sample.path for subject in subjects}
    for result in new.syntax:
        if result.verdict == "failed":
            place = f"{FOLDER}/{paths[result.sample]}"
            yield Problem(result.sample, place, (result.parser,), result.reason)


def _judged(subject: Subject, number: int, findings: Findings, now: str) -> Result:
    case = subject.cases[number]
    found = findings.get(_identity(subject, case.name))
    if found is None:
        return _result(subject, number, "failed", "it was not observed", now)
    sifted = limits.sift(found, subject.limit(case))
    if sifted.excuse and not sifted.findings:
        return _result(subject, number, "skipped", sifted.excuse, now)
    reason = "; ".join(finding.words() for finding in sifted.findings)
    return _result(subject, number, "failed" if sifted.findings else "passed", reason, now)


def _result(subject: Subject, number: int, verdict: Verdict, reason: str, now: str) -> Result:
    case = subject.cases[number]
    return Result(
        subject.sample.key,
        case.name,
        verdict,
        reason,
        subject.digest,
        case.digest,
        subject.toolbox,
        now,
    )


def _key(result: Result) -> tuple[object, ...]:
    """What makes a result the same: the bytes, what is asked, and the toolchain."""
    return result.sample, result.case, result.sample_digest, result.case_digest, _box(result)


def _box(result: Result) -> tuple[object, ...]:
    box = result.toolbox or Toolbox("", "", {}, "")
    return box.runtime, box.version, tuple(sorted(box.libraries.items())), box.isolation


def _identity(subject: Subject, case: str) -> str:
    return f"{subject.sample.path}#{case}"
