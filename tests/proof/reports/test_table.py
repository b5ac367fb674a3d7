from __future__ import annotations

import io
from collections.abc import Callable, Iterable

import pytest
from msgspec.structs import replace
from rich.console import Console

from tabproof.model.catalog import Catalog
from tabproof.model.command import Probe
from tabproof.model.language import Language, Toolchain
from tabproof.model.result import Result, SyntaxResult, Verdict
from tabproof.model.sample import Sample, SampleKey
from tabproof.proof.outcome import Outcome, Problem
from tabproof.proof.prepare.runnable_sample import RunnableSample
from tabproof.proof.reports.report_data import Report, report_of_outcome, summary
from tabproof.proof.reports.table import show, text
from tabproof.samples.record import Record
from tabproof.toolchains.find import InstalledToolchain

TOOLCHAIN = Toolchain(runtime="tale", programs={}, version=Probe(run=("tale",)), run=("tale",))
FOUND = InstalledToolchain(TOOLCHAIN, "/libraries", "3.1.2", {}, {}, {})
KEY = SampleKey("list-users", "stdlib", "tale")
PATH = "list-users/stdlib/list-users.tale"
DATE = "2026-11-25T00:00:00Z"


@pytest.fixture
def subject(catalog: Catalog, language_with: Callable[..., Language]) -> RunnableSample:
    return RunnableSample(
        sample=Sample(KEY, PATH, "text", {}),
        scenario=catalog.scenarios["list-users"],
        language=language_with(TOOLCHAIN),
        file=f"/project/samples/{PATH}",
        text="text",
        digest="",
        cases=(),
        toolchain=FOUND,
    )


def result(case: str, verdict: Verdict, reason: str = "") -> Result:
    return Result(KEY, case, verdict, reason, "", "", None, DATE)


def outcome(
    subject: RunnableSample,
    new: Iterable[Result] = (),
    reused: Iterable[Result] = (),
    problems: Iterable[Problem] = (),
    syntax: Iterable[SyntaxResult] = (),
) -> Outcome:
    return Outcome((subject,), Record(tuple(new), tuple(syntax)), tuple(reused), tuple(problems))


def drawn(report: Report, width: int = 160, seconds: float | None = None) -> list[str]:
    """What a terminal of some width shows."""
    file = io.StringIO()
    show(report, Console(file=file, width=width), seconds)
    return [line.rstrip() for line in file.getvalue().splitlines()]


def shown(outcome: Outcome, width: int = 160) -> list[str]:
    return drawn(report_of_outcome(outcome), width)


def row(outcome: Outcome) -> list[str]:
    """The sample's row: its cells."""
    (line,) = [line for line in shown(outcome) if line.startswith(f"{KEY.name} ")]
    return line.split()


def below(outcome: Outcome) -> list[str]:
    """The lines below the tables, but for the sum."""
    lines = shown(outcome)
    return lines[len(lines) - lines[::-1].index("") : -1]


def test_a_sample_that_passed_has_a_row_and_below_it_what_it_ran_with(
    subject: RunnableSample,
) -> None:
    given = outcome(subject, [result("success", "passed"), result("hang", "passed")])
    assert row(given) == [KEY.name, "passed", "2"]
    assert shown(given)[2:] == [
        "",
        "run with    samples",
        "tale 3.1.2  stdlib/tale",
        "",
        "1 sample: 2 passed, 0 failed, 0 skipped",
    ]


def test_what_ran_with_the_same_toolchain_is_told_together(subject: RunnableSample) -> None:
    other = replace(subject, sample=replace(subject.sample, key=replace(KEY, language="myth")))
    told = report_of_outcome(Outcome((subject, other, subject), Record(), (), ()))
    lines = drawn(told)
    assert "tale 3.1.2  stdlib/tale, stdlib/myth" in lines


def test_a_sample_that_failed_once_failed(subject: RunnableSample) -> None:
    given = outcome(
        subject,
        [result("success", "passed"), result("hang", "failed"), result("x", "skipped", "limit")],
    )
    assert row(given) == [KEY.name, "failed", "1", "1", "1"]


def test_where_there_is_no_terminal_nothing_is_folded_or_coloured(
    subject: RunnableSample, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "20")
    long = f"a limit of the runtime: {'[it] ' * 100}why"
    problems = [Problem(KEY, f"samples/{PATH}:26", ("success",), "expected a; seen b")]
    given = outcome(
        subject,
        [result("success", "passed"), result("hang", "skipped", long)],
        problems=problems,
    )
    assert text(report_of_outcome(given), catalog).splitlines() == [
        "sample                  result  passed  failed  skipped",
        f"{KEY.name}  passed       1                1",
        "",
        "run with    samples",
        "tale 3.1.2  stdlib/tale",
        "",
        f"{KEY.name}: skipped in hang: {long}",
        f"samples/{PATH}:26: success: expected a; seen b",
        "1 sample: 1 passed, 0 failed, 1 skipped",
    ]


def test_the_table_fits_in_80_columns(subject: RunnableSample) -> None:
    key = replace(
        KEY, scenario="a-name-of-twenty-seven-lett", variant="library", language="javascript"
    )
    wide = replace(subject, sample=replace(subject.sample, key=key))
    given = Outcome((wide,), Record((replace(result("success", "passed"), sample=key),)), (), ())
    lines = drawn(report_of_outcome(given), 80)
    assert max(map(len, lines)) <= 80
    assert lines[1].startswith(f"{key.name}  passed")


def test_how_long_it_took_is_said_where_somebody_waited(subject: RunnableSample) -> None:
    given = report_of_outcome(
        outcome(subject, [result("hang", "passed")], [result("success", "passed")])
    )
    assert summary(given, 84.2).startswith(
        "1 sample: 2 passed, 0 failed, 0 skipped in 1 min 24 s ("
    )
    assert drawn(given, seconds=84.2)[-1] == summary(given, 84.2)
    assert drawn(given)[-1] == summary(given)


def test_samples_that_were_not_run_for_one_reason_are_told_in_one_line(
    subject: RunnableSample,
) -> None:
    names = [f"scenario-{n}" for n in range(4)]
    keys = [replace(KEY, scenario=name) for name in names]
    subjects = tuple(
        replace(subject, sample=replace(subject.sample, key=key), toolchain="no tale")
        for key in keys
    )
    skipped = tuple(replace(result("success", "skipped", "no tale"), sample=key) for key in keys)
    lines = drawn(report_of_outcome(Outcome(subjects, Record(skipped), (), ())))
    assert lines[-2] == (
        "scenario-0/stdlib/tale, scenario-1/stdlib/tale and 2 more samples: not run: no tale"
    )
    assert sum("no tale" in line for line in lines) == 1


def test_a_problem_is_one_line_however_narrow_the_terminal_is(subject: RunnableSample) -> None:
    problems = [
        Problem(KEY, f"samples/{PATH}:26", ("success",), "expected this; seen [that] " + "x" * 200),
        Problem(KEY, f"samples/{PATH}:30", ("hang", "tokyo", "success"), "expected a; seen b"),
    ]
    lines = shown(outcome(subject, [result("success", "failed")], problems=problems), width=60)
    assert lines[-3:] == [
        f"samples/{PATH}:26: success: expected this; seen [that] " + "x" * 200,
        f"samples/{PATH}:30: hang (and 2 more cases): expected a; seen b",
        "1 sample: 0 passed, 1 failed, 0 skipped",
    ]


def test_what_was_on_record_is_counted_and_said_to_be(subject: RunnableSample) -> None:
    given = outcome(subject, [result("hang", "passed")], [result("success", "passed")])
    assert row(given) == [KEY.name, "passed", "2"]
    assert summary(report_of_outcome(given)) == (
        "1 sample: 2 passed, 0 failed, 0 skipped "
        "(1 of them on record, not run again; --fresh runs all)"
    )


def test_a_sample_that_was_not_run_never_looks_as_if_it_had_passed(subject: RunnableSample) -> None:
    missing = replace(subject, toolchain="tale is not installed")
    skipped = [result(case, "skipped", "tale is not installed") for case in ("success", "hang")]
    given = outcome(missing, skipped)
    assert row(given) == [KEY.name, "not", "run", "2"]
    assert below(given) == [f"{KEY.name}: not run: tale is not installed"]
    assert summary(report_of_outcome(given)) == "1 sample: 0 passed, 0 failed, 2 skipped"


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("passed", "well formed by tale-parser"),
        ("failed", "faulty by tale-parser"),
        ("skipped", "not parsed by tale-parser"),
    ],
)
def test_what_a_parser_said_stands_beside_what_was_not_run(
    subject: RunnableSample, verdict: Verdict, words: str
) -> None:
    said = SyntaxResult(KEY, "", "tale-parser", verdict, "", DATE)
    given = outcome(subject, [result("success", "skipped", "no sandbox")], syntax=[said])
    assert below(given) == [f"{KEY.name}: not run: no sandbox; {words}"]


def test_a_sample_that_a_limit_excuses_in_one_case_passed_in_the_others(
    subject: RunnableSample,
) -> None:
    limit = "a limit of the runtime: it forgets"
    given = outcome(subject, [result("hang", "skipped", limit)], [result("success", "passed")])
    assert row(given) == [KEY.name, "passed", "1", "1"]
    assert below(given) == [f"{KEY.name}: skipped in hang: {limit}"]


def test_a_sample_without_any_case_did_not_pass(subject: RunnableSample) -> None:
    assert row(outcome(subject)) == [KEY.name, "not", "run"]
    assert below(outcome(subject)) == [f"{KEY.name}: not run: no case is selected"]
