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
from tabproof.proof.reports.account import of_outcome
from tabproof.proof.reports.lines import text
from tabproof.proof.reports.table import show
from tabproof.proof.reports.words import summary
from tabproof.proof.subject import Subject
from tabproof.proof.toolchains import Found
from tabproof.record import Record

TOOLCHAIN = Toolchain(runtime="tale", programs={}, version=Probe(run=("tale",)), run=("tale",))
FOUND = Found(TOOLCHAIN, "/libraries", "3.1.2", {}, {}, {})
KEY = SampleKey("list-users", "stdlib", "tale")
PATH = "list-users/stdlib/list-users.tale"
DATE = "2026-11-25T00:00:00Z"


@pytest.fixture
def subject(catalog: Catalog, language_with: Callable[..., Language]) -> Subject:
    return Subject(
        sample=Sample(KEY, PATH, "text", {}),
        scenario=catalog.scenarios["list-users"],
        language=language_with(TOOLCHAIN),
        file=f"/project/samples/{PATH}",
        text="text",
        digest="",
        cases=(),
        found=FOUND,
    )


def result(case: str, verdict: Verdict, reason: str = "") -> Result:
    return Result(KEY, case, verdict, reason, "", "", None, DATE)


def outcome(
    subject: Subject,
    new: Iterable[Result] = (),
    reused: Iterable[Result] = (),
    problems: Iterable[Problem] = (),
    syntax: Iterable[SyntaxResult] = (),
) -> Outcome:
    return Outcome((subject,), Record(tuple(new), tuple(syntax)), tuple(reused), tuple(problems))


def shown(outcome: Outcome, width: int = 160) -> list[str]:
    file = io.StringIO()
    show(of_outcome(outcome), Console(file=file, width=width))
    return [line.rstrip() for line in file.getvalue().splitlines()]


def row(outcome: Outcome) -> list[str]:
    """The sample's row: its cells."""
    (line,) = [line for line in shown(outcome) if line.startswith(PATH)]
    return line.split()


def test_a_sample_that_passed_has_a_row_that_says_with_what(subject: Subject) -> None:
    given = outcome(subject, [result("success", "passed"), result("hang", "passed")])
    assert row(given) == [PATH, "tale", "3.1.2", "2", "passed"]
    assert shown(given)[-1] == "1 sample: 2 passed, 0 failed, 0 skipped"


def test_a_sample_that_failed_once_failed(subject: Subject) -> None:
    given = outcome(
        subject,
        [result("success", "passed"), result("hang", "failed"), result("x", "skipped", "limit")],
    )
    assert row(given) == [PATH, "tale", "3.1.2", "1", "1", "1", "failed"]


def test_where_there_is_no_terminal_each_sample_is_one_line(subject: Subject) -> None:
    long = f"a limit of the runtime: {'[it] ' * 100}why"
    problems = [Problem(KEY, f"samples/{PATH}:26", ("success",), "expected a; seen b")]
    given = outcome(
        subject,
        [result("success", "passed"), result("hang", "skipped", long)],
        problems=problems,
    )
    head, row, *rest = text(of_outcome(given)).splitlines()
    assert head.split() == ["sample", "toolchain", "passed", "failed", "skipped", "result"]
    assert row == f"{PATH}  tale 3.1.2       1                1  passed, but for hang: {long}"
    assert rest == [
        f"samples/{PATH}:26: success: expected a; seen b",
        "1 sample: 1 passed, 0 failed, 1 skipped",
    ]


def test_a_problem_is_one_line_however_narrow_the_terminal_is(subject: Subject) -> None:
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


def test_what_was_on_record_is_counted_and_said_to_be(subject: Subject) -> None:
    given = outcome(subject, [result("hang", "passed")], [result("success", "passed")])
    assert row(given) == [PATH, "tale", "3.1.2", "2", "passed"]
    assert summary(of_outcome(given)) == (
        "1 sample: 2 passed, 0 failed, 0 skipped "
        "(1 of them on record, not run again; --fresh runs all)"
    )


def test_a_sample_that_was_not_run_never_looks_as_if_it_had_passed(subject: Subject) -> None:
    missing = replace(subject, found="tale is not installed")
    skipped = [result(case, "skipped", "tale is not installed") for case in ("success", "hang")]
    given = outcome(missing, skipped)
    assert " ".join(row(given)) == f"{PATH} none 2 not run: tale is not installed"
    assert summary(of_outcome(given)) == "1 sample: 0 passed, 0 failed, 2 skipped"


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("passed", "well formed by tale-parser"),
        ("failed", "faulty by tale-parser"),
        ("skipped", "not parsed by tale-parser"),
    ],
)
def test_what_a_parser_said_stands_beside_what_was_not_run(
    subject: Subject, verdict: Verdict, words: str
) -> None:
    said = SyntaxResult(KEY, "", "tale-parser", verdict, "", DATE)
    given = outcome(subject, [result("success", "skipped", "no sandbox")], syntax=[said])
    assert " ".join(row(given)).endswith(f"not run: no sandbox; {words}")


def test_a_sample_that_a_limit_excuses_in_one_case_passed_in_the_others(subject: Subject) -> None:
    limit = "a limit of the runtime: it forgets"
    given = outcome(subject, [result("hang", "skipped", limit)], [result("success", "passed")])
    assert " ".join(row(given)).endswith(f"1 1 passed, but for hang: {limit}")


def test_a_sample_without_any_case_did_not_pass(subject: Subject) -> None:
    assert " ".join(row(outcome(subject))).endswith("not run: no case is selected")
