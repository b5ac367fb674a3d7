from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from click.testing import Result as Ended
from tests import records

from tabproof.errors import InputError
from tabproof.model.result import Result, SyntaxResult, ToolchainVersions, Verdict
from tabproof.model.sample import SampleKey
from tabproof.samples.merge import merge
from tabproof.samples.record import Current, Record
from tabproof.samples.record_files import RECORD

RUBY = SampleKey("list-users", "library", "ruby")
SHARP = SampleKey("list-users", "library", "csharp")
OLD, NEW, NEWEST = (f"2026-11-{day}T00:00:00Z" for day in (24, 25, 26))
PYTHONS = "3.9.2", "3.14.0"
BYTES = "a" * 64
CASES = records.case_named("success", "c1"), records.case_named("hang", "c2")
CURRENT = Current({RUBY: BYTES, SHARP: BYTES}, lambda _sample: CASES)
RUBY_3 = ToolchainVersions("ruby", "3.1.2", {"ruby-jwt": "2.5.0"}, "bubblewrap")
OLD_FORM = b'{"results": [\n{"sample":{"scenario":"list-users"}}\n],\n"syntax": []}\n'
replace = msgspec.structs.replace


def result(
    verdict: Verdict = "passed",
    toolbox: ToolchainVersions | None = RUBY_3,
    date: str = NEW,
    case: str = "c1",
) -> Result:
    name = "success" if case == "c1" else "hang"
    reason = "" if verdict == "passed" else f"it {verdict}"
    return Result(RUBY, name, verdict, reason, BYTES, case, toolbox, date)


def merged(*parts: Record) -> Record:
    return merge({f"{n}.json": part for n, part in enumerate(parts)}, CURRENT)


def test_results_of_different_machines_stand_beside_each_other() -> None:
    ruby, node = result(), replace(result(), sample=SHARP)
    found = merged(Record((ruby,)), Record((node,))).results
    assert sorted(found, key=lambda r: r.sample) == sorted([ruby, node], key=lambda r: r.sample)


def test_a_renewed_result_of_the_same_series_replaces_the_older_one_in_any_order() -> None:
    older = result("passed", replace(RUBY_3, version="3.1.1"), OLD)
    newer, other = result(), result(toolbox=replace(RUBY_3, isolation="rebased"), date=OLD)
    parts = [Record((each,)) for each in (older, newer, other)]
    for order in itertools.permutations(parts):
        found = merged(*order).results
        assert sorted(found, key=lambda r: r.date) == [other, newer]


def test_what_does_not_speak_of_the_present_samples_and_cases_is_left_out() -> None:
    stale = replace(result(), sample_digest="b" * 64)
    other_case = replace(result(), case_digest="c9")
    gone = replace(result(), sample=SampleKey("gone", "library", "ruby"))
    skipped = result("skipped", None)
    assert merged(Record((stale, other_case, gone, skipped)), Record()) == Record()


def test_two_that_contradict_each_other_are_an_error_that_names_both_files() -> None:
    with pytest.raises(InputError) as raised:
        merged(Record((result(),)), Record(), Record((result("failed", date=OLD),)))
    message = str(raised.value)
    assert message.startswith("0.json and 2.json: contradict each other on ")
    assert "list-users/library/ruby, case success, ruby 3.1.2, ruby-jwt 2.5.0" in message
    assert "passed in 0.json, failed in 2.json (it failed)" in message
    assert raised.value.exit_status == 2


def test_a_contradiction_about_bytes_that_are_gone_is_none() -> None:
    stale = replace(result("failed"), sample_digest="b" * 64)
    good = replace(stale, verdict="passed")
    assert merged(Record((stale,)), Record((good,))) == Record()


@pytest.mark.parametrize("date", [OLD, NEWEST])
def test_a_failure_stays_whatever_passed_in_its_series_and_whenever(date: str) -> None:
    failed = result("failed", replace(RUBY_3, version="3.1.1"))
    passed = [result(date=date), result(toolbox=replace(RUBY_3, libraries={}), date=date)]
    for order in itertools.permutations([failed, *passed]):
        assert merged(*(Record((each,)) for each in order)).results == (failed,)


def test_a_pass_that_knows_of_a_failure_takes_its_place_and_stays_flaky() -> None:
    failed = result("failed", date=OLD)
    flaky = replace(result(), earlier_failure=failed.failure)
    for order in itertools.permutations([failed, flaky]):
        assert merged(*(Record((each,)) for each in order)).results == (flaky,)
    later_pass = result(toolbox=replace(RUBY_3, version="3.1.3"), date=NEWEST)
    for order in itertools.permutations([failed, flaky, later_pass]):
        (one,) = merged(*(Record((each,)) for each in order)).results
        assert (one.verdict, one.earlier_failure) == ("passed", failed.failure)


def test_a_pass_says_nothing_of_a_failure_that_came_after_it() -> None:
    first = result("failed", date=OLD)
    flaky = replace(result(), earlier_failure=first.failure)
    again = result("failed", replace(RUBY_3, version="3.1.3"), NEWEST)
    for order in itertools.permutations([first, flaky, again]):
        assert merged(*(Record((each,)) for each in order)).results == (again,)


def test_whether_records_contradict_each_other_does_not_depend_on_their_order() -> None:
    failed = result("failed", date=OLD)
    flaky, passed = replace(result(), earlier_failure=failed.failure), result()
    for order in itertools.permutations([failed, flaky, passed]):
        assert merged(*(Record((each,)) for each in order)).results == (flaky,)


def test_python_3_9_that_fails_and_3_14_that_passes_are_two_facts() -> None:
    python = SampleKey("list-users", "stdlib", "python")
    current = Current({python: BYTES}, lambda _sample: CASES)
    boxes = [ToolchainVersions("python", version, {}, "bubblewrap") for version in PYTHONS]
    old = replace(result("failed", boxes[0], OLD), sample=python)
    new = replace(result("passed", boxes[1], NEWEST), sample=python)
    for order in itertools.permutations([old, new]):
        found = merge({str(n): Record((each,)) for n, each in enumerate(order)}, current).results
        assert sorted(found, key=lambda r: r.date) == [old, new]


@pytest.mark.parametrize(
    "other",
    [
        replace(RUBY_3, version="3.1.3"),
        replace(RUBY_3, libraries={"ruby-jwt": "2.7.0"}),
        replace(RUBY_3, isolation="rebased"),
    ],
)
def test_another_toolchain_may_see_something_else(other: ToolchainVersions) -> None:
    theirs = result("failed", other)
    assert theirs in merged(Record((result(date=NEWEST),)), Record((theirs,))).results


def test_parsers_are_held_to_the_same() -> None:
    said = SyntaxResult(SHARP, BYTES, "tree-sitter", "passed", "", NEW)
    for date in (OLD, "2026-11-26T00:00:00Z"):
        absent = replace(said, verdict="skipped", reason="not installed", date=date)
        assert merged(Record((), (absent,)), Record((), (said,))).syntax == (said,)
    faulty = replace(said, verdict="failed", reason="line 3: `;` is missing")
    with pytest.raises(
        InputError, match=r"parser tree-sitter: passed in 0\.json, failed in 1\.json"
    ):
        merged(Record((), (said,)), Record((), (faulty,)))


# On the command line


@pytest.fixture
def halves(project: Path) -> tuple[Path, Path]:
    """Split the project's record into two files, and remove it."""
    whole = records.read_record(project).results
    (project / RECORD).unlink()
    files = "ci/proof.json", "laptop/proof.json"
    for n, name in enumerate(files):
        records.write_record(project, Record(whole[n::2]), name)
    return project / files[0], project / files[1]


def test_the_halves_of_a_record_are_merged_into_the_whole_and_nothing_runs(
    project: Path,
    halves: tuple[Path, Path],
    tabproof: Callable[..., Ended],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tabproof.proof.prove.prove", lambda *_: pytest.fail("it ran"))
    assert tabproof("check").exit_code == 1
    ended = tabproof("prove", "--merge", *map(str, halves))
    assert ended.exit_code == 0
    assert "2 records merged into samples/proof.json" in ended.stderr
    assert tabproof("check").exit_code == 0
    before = (project / RECORD).read_bytes()
    # What is there already is one of the records.
    assert tabproof("prove", "--merge", str(halves[0])).exit_code == 0
    assert (project / RECORD).read_bytes() == before


def test_a_contradiction_ends_with_2_and_writes_nothing(
    project: Path, halves: tuple[Path, Path], tabproof: Callable[..., Ended]
) -> None:
    first = records.read_record(project, "ci/proof.json").results[0]
    wrong = replace(first, verdict="failed", reason="expected a; seen b")
    records.write_record(project, Record((wrong,)), "wrong/proof.json")
    ended = tabproof("prove", "--merge", *map(str, halves), str(project / "wrong/proof.json"))
    assert ended.exit_code == 2
    assert ended.stderr.count("\n") == 1
    for name in (halves[0], project / "wrong/proof.json"):
        assert str(name) in ended.stderr
    assert not (project / RECORD).exists()


def _write_with(project: Path, name: str, verdict: Verdict, version: str, date: str) -> str:
    """Write the record of a machine that has one version of Python; return its path."""
    box = ToolchainVersions("python", version, {}, "bubblewrap")
    reason = "" if verdict == "passed" else "expected a; seen b"
    results = [
        replace(each, verdict=verdict, reason=reason, toolbox=box, date=date)
        if each.case == "tokyo"
        else replace(each, toolbox=box, date=date)
        for each in records.read_record(project).results
        if each.sample == SampleKey("list-users", "stdlib", "python")
    ]
    records.write_record(project, Record(tuple(results)), name)
    return str(project / name)


@pytest.mark.parametrize("dates", [(OLD, NEW), (NEW, OLD), (NEW, NEW)])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_what_failed_with_python_3_9_stays_beside_what_passed_with_3_14(
    project: Path, tabproof: Callable[..., Ended], dates: tuple[str, str], order: tuple[int, int]
) -> None:
    files = [
        _write_with(project, "old.json", "failed", PYTHONS[0], dates[0]),
        _write_with(project, "new.json", "passed", PYTHONS[1], dates[1]),
    ]
    (project / RECORD).unlink()
    ended = tabproof("prove", "--merge", *(files[n] for n in order))
    assert ended.exit_code == 0, ended.output
    found = [each for each in records.read_record(project).results if each.case == "tokyo"]
    assert sorted((each.toolbox.version, each.verdict) for each in found if each.toolbox) == [
        (PYTHONS[1], "passed"),
        (PYTHONS[0], "failed"),
    ]
    assert "failed in case tokyo: expected a; seen b" in tabproof("check").stdout
    # Both files are in it whole.
    assert "; 0 left out" in ended.stderr


def test_another_machines_failure_outlives_a_later_pass_of_the_same_series(
    project: Path, tabproof: Callable[..., Ended]
) -> None:
    failed = _write_with(project, "failed.json", "failed", "3.11.2", OLD)
    passed = _write_with(project, "passed.json", "passed", "3.11.9", NEW)
    (project / RECORD).unlink()
    for files in ((failed, passed), (passed,), (passed, failed)):
        assert tabproof("prove", "--merge", *files).exit_code == 0
        found = [each for each in records.read_record(project).results if each.case == "tokyo"]
        assert [(each.verdict, each.date) for each in found] == [("failed", OLD)]


@pytest.mark.parametrize("place", ["other.json", RECORD])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda _content: OLD_FORM, "was written by an earlier version of Tabproof"),
        (lambda content: content.replace(b"2026-11-24T", b"2999-11-24T"), "is in the future"),
        (lambda content: content.replace(b'"form": 2', b'"form": 3'), "a later version"),
    ],
)
def test_a_record_that_is_refused_is_not_merged_and_nothing_of_it_is_lost(
    project: Path,
    tabproof: Callable[..., Ended],
    place: str,
    change: Callable[[bytes], bytes],
    words: str,
) -> None:
    shutil.copy(project / RECORD, project / "other.json")
    content = (project / place).read_bytes()
    (project / place).write_bytes(change(content))
    assert (project / place).read_bytes() != content
    before = {name: (project / name).read_bytes() for name in (RECORD, "other.json")}
    ended = tabproof("prove", "--merge", str(project / "other.json"))
    assert (ended.exit_code, ended.stderr.count("\n")) == (2, 1)
    assert words in ended.stderr
    assert {name: (project / name).read_bytes() for name in before} == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "odd.json: is not a record of results"),
        ("[]", "odd.json: is not a record of results"),
        ('{"form": 2, "rows": [{}], "syntax": []}', "odd.json: is not a record of results"),
        ('{"results": [{}]}', "odd.json: was written by an earlier version of Tabproof"),
        ('{"form": 3, "rows": [], "syntax": []}', "odd.json: was written by a later version"),
        ("<<<<<<< ours\n", "odd.json:1: a merge conflict begins here"),
    ],
)
def test_a_file_that_is_no_record_is_named(
    project: Path, tabproof: Callable[..., Ended], content: str, words: str
) -> None:
    (project / "odd.json").write_text(content)
    ended = tabproof("prove", "--merge", str(project / "odd.json"))
    assert (ended.exit_code, ended.stderr.count("\n")) == (2, 1)
    assert words in ended.stderr


@pytest.mark.parametrize("arguments", [["--merge"], ["--merge", "nowhere.json"], ["README.md"]])
def test_merge_and_its_files_belong_together(
    project: Path, tabproof: Callable[..., Ended], arguments: list[str]
) -> None:
    (project / "README.md").write_text("not a record")
    words = [str(project / word) if word == "README.md" else word for word in arguments]
    ended = tabproof("prove", *words)
    assert ended.exit_code == 2
    assert "Traceback" not in ended.output
