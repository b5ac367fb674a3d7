"""Hold new results against the failures on record: no sample is run until it passes. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import msgspec

from tabproof.model.case import Case
from tabproof.model.result import Result
from tabproof.proof.outcome import Problem
from tabproof.proof.prepare.runnable_sample import RunnableSample
from tabproof.samples.record import Record
from tabproof.samples.tree import FOLDER


def beside_record(
    pending: Iterable[tuple[RunnableSample, Case]],
    results: Iterable[Result],
    earlier_results: Record,
    *,
    whole: bool,
) -> tuple[list[Result], list[Problem]]:
    """Return new results beside what is on record, and a problem for each failure that stays.

    Args:
        pending: which samples were run in which cases.
        results: the result of each.
        earlier_results: the results on record.
        whole: whether every run was made that this machine can make.
    """
    grouped: dict[str, list[tuple[RunnableSample, Result]]] = {}
    for (subject, _case), result in zip(pending, results, strict=True):
        grouped.setdefault(subject.identity, []).append((subject, result))
    all_results: list[Result] = []
    problems: list[Problem] = []
    for pairs in grouped.values():
        subject, new = pairs[0][0], [result for _subject, result in pairs]
        on_record = subject.results_in(earlier_results)
        beside = with_earlier_failures(new, on_record, whole=whole)
        all_results += beside
        if problem := _problem(subject, new, beside):
            problems.append(problem)
    return all_results, problems


def with_earlier_failures(
    new: Collection[Result], earlier: Mapping[str, Result], *, whole: bool
) -> list[Result]:
    """Return new results of a sample with one toolchain, beside what is on record.

    A failure of the same bytes and toolchain series stays, in the place of a pass, until the sample
    passes all of its cases in one run. From then on the sample is flaky.

    Args:
        new: the results of this run.
        earlier: case -> the result on record.
        whole: whether this run made every run of the sample that this machine can make.
    """
    passed = {result.case for result in new if result.verdict == "passed"}
    still_failed = {case for case, result in earlier.items() if result.verdict == "failed"}
    failed_now = any(result.verdict == "failed" for result in new)
    cleared = still_failed if whole and not failed_now and still_failed <= passed else set()
    return [
        earlier[result.case]
        if result.verdict != "failed" and result.toolbox and result.case in still_failed - cleared
        else msgspec.structs.replace(result, earlier_failure=earlier[result.case].failure)
        if result.verdict == "passed" and result.case in earlier
        else result
        for result in new
    ]


def _problem(
    subject: RunnableSample, new: Collection[Result], beside: Collection[Result]
) -> Problem | None:
    """Return the problem of a sample that passed cases in which it had failed; None without one."""
    stay = [now for now, then in zip(beside, new, strict=True) if now.verdict != then.verdict]
    if not stay:
        return None
    date, _t, _time = stay[0].date.partition("T")
    message = (
        f"flaky: passed now, but failed on {date} with the same bytes: {stay[0].reason}; that "
        "stays on record until it passes every case in one `tabproof prove --fresh`"
    )
    cases = tuple(result.case for result in stay)
    return Problem(subject.sample.key, f"{FOLDER}/{subject.sample.path}", cases, message)
