"""Prove samples: reuse the results on record that are still valid, run and judge the rest."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import msgspec

from tabproof.model.isolation import unsupported_reason
from tabproof.model.result import Result
from tabproof.proof import flakiness
from tabproof.proof.judge import apply_limit
from tabproof.proof.outcome import Outcome, Problem, Progress
from tabproof.proof.prepare import build
from tabproof.proof.prepare.runnable_sample import RunnableSample
from tabproof.proof.prepare.selection import Freshness
from tabproof.proof.run import local
from tabproof.proof.run.local import Runner
from tabproof.samples.record import Record
from tabproof.samples.run_dates import date_after
from tabproof.samples.tree import FOLDER
from tabproof.toolchains import case_tools


def prove(
    subjects: tuple[RunnableSample, ...],
    earlier_results: Record,
    progress: Progress = lambda _done, _all, _sample: None,
    runner: Runner = local.run_locally,
    *,
    fresh: Freshness = "no",
) -> Outcome:
    """Run the subjects in their cases, and return the outcome.

    Args:
        subjects: what to run.
        earlier_results: the results on record.
        progress: called as runs are done.
        runner: makes the runs.
        fresh: which runs are made although their results are on record.
    """
    now = date_after(r.failure.date for r in earlier_results.results if r.failure)
    absent = case_tools.missing_tools()
    reused, skipped, pending = [], [], []
    for subject in subjects:
        missing = subject.toolchain if isinstance(subject.toolchain, str) else ""
        own = subject.results_in(earlier_results)
        for case in subject.cases:
            reason = (
                missing
                or case_tools.missing_tool_reason(case, absent)
                or unsupported_reason(case, subject.isolation)
            )
            if reason:
                result = subject.result(case, "skipped", reason, now)
                skipped.append(msgspec.structs.replace(result, toolbox=None))
            elif (
                fresh == "no"
                and (past := own.get(case.name))
                and past.toolbox == subject.toolbox
                and apply_limit.is_still_valid(past, partial(subject.limit, case))
            ):
                reused.append(past)
            else:
                pending.append((subject, case))
    results: list[Result] = []
    problems: list[Problem] = []
    if pending:
        from tabproof.proof.judge.judge_runs import judge_runs  # noqa: PLC0415 - 136 ms where all is on record

        results, problems = judge_runs(pending, now, progress, runner)
        results, flaky = flakiness.beside_record(
            pending, results, earlier_results, whole=fresh == "all cases"
        )
        problems += flaky
    parsed = earlier_results.syntax if fresh == "no" else ()
    syntax = tuple(build.parse_samples(subjects, parsed, now))
    new = Record((*results, *skipped), syntax)
    return Outcome(subjects, new, tuple(reused), (*problems, *_syntax_problems(new, subjects)))


def _syntax_problems(new: Record, subjects: tuple[RunnableSample, ...]) -> Iterator[Problem]:
    """Yield what parsers report of samples that do not run on this machine."""
    paths = {subject.sample.key: subject.sample.path for subject in subjects}
    for parsed in new.syntax:
        if parsed.verdict == "failed":
            place = f"{FOLDER}/{paths[parsed.sample]}"
            yield Problem(parsed.sample, place, (parsed.parser,), parsed.reason)
