from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from click.testing import Result as Ended

from tabproof.errors import InputError
from tabproof.model.result import Result, SyntaxResult, ToolchainVersions, Verdict
from tabproof.model.sample import SampleKey
from tabproof.samples import record
from tabproof.samples.merge import merge
from tabproof.samples.record import RECORD, CurrentDigests, Record

RUBY = SampleKey("list-users", "library", "ruby")
SHARP = SampleKey("list-users", "library", "csharp")
NEW, OLD = "2026-11-25T00:00:00Z", "2026-11-24T00:00:00Z"
BYTES = "a" * 64
CURRENT = CurrentDigests(
    {RUBY: BYTES, SHARP: BYTES},
    {("list-users", "success"): "c1", ("list-users", "hang"): "c2"},
)
RUBY_3 = ToolchainVersions("ruby", "3.1.2", {"ruby-jwt": "2.5.0"}, "bubblewrap")
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


def merged(*records: Record) -> Record:
    return merge({f"{n}.json": r for n, r in enumerate(records)}, CURRENT)


def test_results_of_different_machines_stand_beside_each_other() -> None:
    ruby, node = result(), replace(result(), sample=SHARP)
    found = merged(Record((ruby,)), Record((node,))).results
    assert sorted(found, key=lambda r: r.sample) == sorted([ruby, node], key=lambda r: r.sample)


def test_a_renewed_result_of_the_same_series_replaces_the_older_one_in_any_order() -> None:
    older = result("failed", replace(RUBY_3, version="3.0.1"), OLD)
    newer, other = result(), result(toolbox=replace(RUBY_3, isolation="rebased"), date=OLD)
    records = [Record((each,)) for each in (older, newer, other)]
    for order in itertools.permutations(records):
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
    assert theirs in merged(Record((result(),)), Record((theirs,))).results


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
    whole = record.read(project, RECORD).results
    (project / RECORD).unlink()
    files = project / "ci", project / "laptop"
    for n, folder in enumerate(files):
        record.write(folder, "proof.json", Record(whole[n::2]))
    return files[0] / "proof.json", files[1] / "proof.json"


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
    first = record.read(Path(), str(halves[0])).results[0]
    wrong = replace(first, verdict="failed", reason="expected a; seen b")
    record.write(project / "wrong", "proof.json", Record((wrong,)))
    ended = tabproof("prove", "--merge", *map(str, halves), str(project / "wrong/proof.json"))
    assert ended.exit_code == 2
    assert ended.stderr.count("\n") == 1
    for name in (halves[0], project / "wrong/proof.json"):
        assert str(name) in ended.stderr
    assert not (project / RECORD).exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "odd.json: is not a record of results"),
        ("[]", "odd.json: is not a record of results"),
        ('{"results": [{}]}', "odd.json: is not a record of results"),
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
