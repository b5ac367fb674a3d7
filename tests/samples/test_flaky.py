"""Check that no sample becomes publishable by being run again until it passes."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result as Ended
from msgspec.structs import replace
from tests import records
from tests.samples.conftest import Invented

from tabproof.model.result import Result
from tabproof.model.sample import SampleKey
from tabproof.proof.flakiness import with_earlier_failures
from tabproof.samples.record import Record
from tabproof.samples.record_files import CACHE, RECORD

Tabproof = Callable[..., Ended]
LATER = "2026-11-26T00:00:00Z"
RUBY, CASE = "list-users/stdlib/ruby", "tokyo"
FILE = "samples/list-users/stdlib/list_users.rb"
OF_RUBY = ("--scenario", "list-users", "--language", "ruby", "--variant", "stdlib")
STAYS = (
    "with the same bytes: expected a; seen b; that stays on record until it passes every case in "
    "one `tabproof prove --fresh`"
)


# A sample wrong in 60 % of its runs became publishable after 13 runs of `prove --record`: what had
# passed stayed, and what had failed ran again.


@pytest.fixture
def unproved(project: Path, tabproof: Tabproof, invented: Invented) -> Path:
    """The project with one sample that has never been run."""
    assert tabproof("record", "forget", RUBY).exit_code == 0
    invented.runs.clear()
    return project


def _fails(*verdicts: str) -> Callable[[str, str], bool]:
    """Let one sample fail in one case or not, run by run; from then on it passes."""
    left = list(verdicts)

    def fails(sample: str, case: str) -> bool:
        return (sample, case) == (RUBY, CASE) and bool(left) and left.pop(0) == "failed"

    return fails


def _recorded(project: Path) -> Result:
    (found,) = [
        result
        for result in records.read_record(project).results
        if (result.sample.name, result.case) == (RUBY, CASE)
    ]
    return found


def test_a_sample_that_is_wrong_in_most_of_its_runs_is_not_recorded_until_it_passes(
    unproved: Path, tabproof: Tabproof, invented: Invented
) -> None:
    luck = random.Random(3)  # noqa: S311 - a test must be the same each time
    verdicts = ["failed", *luck.choices(["failed", "passed"], [60, 40], k=12)]
    assert verdicts.count("passed") > 3
    invented.fails = _fails(*verdicts)
    for verdict in verdicts:
        ended = tabproof("prove", "--record")
        assert ended.exit_code == 1, ended.output
        assert (STAYS in " ".join(ended.stdout.split())) == (verdict == "passed")
        assert "1 failed" in ended.stdout
        assert _recorded(unproved).verdict == "failed"
    assert invented.runs.count((RUBY, CASE)) == len(verdicts)
    ended = tabproof("check")
    assert (ended.exit_code, ended.stdout) == (
        1,
        f"{FILE}: failed in case {CASE}: expected a; seen b\n",
    )


@pytest.mark.parametrize(
    "options",
    [
        ("--fresh", "--case", CASE),
        (*OF_RUBY, "--fresh", "--case", CASE),
        OF_RUBY,
        (),
    ],
)
def test_a_rerun_that_passes_after_a_failure_is_an_error_and_the_failure_stays(
    unproved: Path, tabproof: Tabproof, invented: Invented, options: tuple[str, ...]
) -> None:
    invented.fails = _fails("failed")
    assert tabproof("prove", "--record").exit_code == 1
    failed = _recorded(unproved)
    for recording in ((), ("--record",)):
        ended = tabproof("prove", *options, *recording)
        assert ended.exit_code == 1
        assert f"flaky: passed now, but failed on {failed.date[:10]} {STAYS}" in " ".join(
            ended.stdout.split()
        )
        assert _recorded(unproved) == failed
    assert tabproof("check").exit_code == 1


@pytest.mark.parametrize("forgotten", ["cache", "record", "not recorded"])
def test_a_failure_on_record_or_in_the_cache_alone_is_enough(
    unproved: Path, tabproof: Tabproof, invented: Invented, forgotten: str
) -> None:
    invented.fails = _fails("failed")
    before = (unproved / RECORD).read_bytes()
    recording = () if forgotten == "not recorded" else ("--record",)
    assert tabproof("prove", *recording).exit_code == 1
    if forgotten == "cache":
        (unproved / CACHE).unlink()
    elif forgotten == "record":
        (unproved / RECORD).write_bytes(before)
    assert tabproof("prove", "--record").exit_code == 1
    assert _recorded(unproved).verdict == "failed"


def test_another_patch_of_the_runtime_does_not_make_a_failure_good(
    unproved: Path, tabproof: Tabproof, invented: Invented
) -> None:
    invented.version = "3.1.1"
    invented.fails = _fails("failed")
    assert tabproof("prove", *OF_RUBY, "--record").exit_code == 1
    failed = _recorded(unproved)
    invented.version = "3.1.2"
    assert tabproof("prove", *OF_RUBY, "--record").exit_code == 1
    assert _recorded(unproved) == failed


def test_python_3_9_that_failed_is_not_made_good_by_3_14(
    unproved: Path, tabproof: Tabproof, invented: Invented
) -> None:
    invented.version = "3.9.2"
    invented.fails = _fails("failed")
    assert tabproof("prove", *OF_RUBY, "--record").exit_code == 1
    invented.version = "3.14.0"
    for options in ((), ("--fresh",)):
        assert tabproof("prove", *OF_RUBY, *options, "--record").exit_code == 0
        found = {
            result.toolbox.version: result.verdict
            for result in records.read_record(unproved).results
            if (result.sample.name, result.case) == (RUBY, CASE) and result.toolbox
        }
        assert found == {"3.9.2": "failed", "3.14.0": "passed"}
    assert f"{FILE}: failed in case {CASE}" in tabproof("check").stdout


def test_a_whole_fresh_run_makes_it_publishable_and_it_stays_flaky(
    unproved: Path, tabproof: Tabproof, invented: Invented
) -> None:
    invented.fails = _fails("failed")
    assert tabproof("prove", "--record").exit_code == 1
    failed = _recorded(unproved)
    assert tabproof("prove", "--fresh", "--record").exit_code == 0
    label = f"flaky: failed on {failed.date[:10]}: expected a; seen b"

    def is_flaky() -> bool:
        passed = _recorded(unproved)
        assert (passed.verdict, tabproof("check").exit_code) == ("passed", 0)
        assert label in " ".join(tabproof("report").stdout.split())
        return passed.earlier_failure == failed.failure

    assert is_flaky()
    # Whatever comes next: nothing to run, all of it, another patch, no cache.
    assert tabproof("prove", "--record").exit_code == 0
    assert is_flaky()
    assert tabproof("prove", "--fresh", "--record").exit_code == 0
    assert is_flaky()
    assert tabproof("prove", *OF_RUBY, "--fresh", "--case", CASE, "--record").exit_code == 0
    assert is_flaky()
    (unproved / CACHE).unlink()
    invented.version = "1.0.7"
    assert tabproof("prove", "--record").exit_code == 0
    assert is_flaky()


def test_a_flaky_sample_that_fails_again_is_failed_again(
    unproved: Path, tabproof: Tabproof, invented: Invented
) -> None:
    invented.fails = _fails("failed", "passed", "failed")
    assert tabproof("prove", "--record").exit_code == 1
    assert tabproof("prove", "--fresh", "--record").exit_code == 0
    assert tabproof("prove", "--fresh", "--case", CASE, "--record").exit_code == 1
    assert _recorded(unproved).verdict == "failed"
    assert tabproof("prove", "--record").exit_code == 1
    assert tabproof("check").exit_code == 1


def test_a_new_failure_counts_although_the_clock_was_set_back(
    unproved: Path, tabproof: Tabproof, invented: Invented
) -> None:
    invented.fails = _fails("failed", "passed", "failed")
    assert tabproof("prove", "--record").exit_code == 1
    assert tabproof("prove", "--fresh", "--record").exit_code == 0
    ahead = f"{datetime.now(UTC) + timedelta(minutes=50):%Y-%m-%dT%H:%M:%SZ}"
    made_good = _recorded(unproved).earlier_failure
    assert made_good
    for name in (RECORD, CACHE):
        text = (unproved / name).read_text(encoding="utf-8")
        (unproved / name).write_text(text.replace(made_good.date, ahead), encoding="utf-8")
    assert tabproof("prove", "--fresh", "--case", CASE, "--record").exit_code == 1
    failed = _recorded(unproved)
    assert failed.verdict == "failed"
    assert failed.date > ahead
    assert tabproof("check").exit_code == 1


def test_a_fresh_run_in_which_another_case_fails_clears_nothing(
    unproved: Path, tabproof: Tabproof, invented: Invented
) -> None:
    invented.fails = _fails("failed")
    assert tabproof("prove", "--record").exit_code == 1
    invented.fails = lambda sample, case: (sample, case) == (RUBY, "hang")
    assert tabproof("prove", "--fresh", "--record").exit_code == 1
    assert _recorded(unproved).verdict == "failed"
    failed = {
        result.case
        for result in records.read_record(unproved).results
        if result.sample.name == RUBY and result.verdict == "failed"
    }
    assert failed == {CASE, "hang"}


def test_a_fresh_run_of_one_sample_says_nothing_of_the_others(
    unproved: Path, tabproof: Tabproof, invented: Invented
) -> None:
    invented.fails = _fails("failed")
    assert tabproof("prove", "--record").exit_code == 1
    assert tabproof("prove", "--language", "curl", "--fresh", "--record").exit_code == 0
    assert _recorded(unproved).verdict == "failed"
    assert tabproof("prove", *OF_RUBY, "--fresh", "--record").exit_code == 0
    assert _recorded(unproved).verdict == "passed"


@pytest.mark.usefixtures("unproved")
def test_a_run_that_lacks_a_tool_clears_no_failure_that_needed_it(
    tabproof: Tabproof, invented: Invented, monkeypatch: pytest.MonkeyPatch
) -> None:
    invented.fails = lambda sample, case: (sample, case) == (RUBY, "moving-clock")
    assert tabproof("prove", "--record").exit_code == 1
    invented.fails = _fails()
    monkeypatch.setattr("tabproof.toolchains.case_tools.missing_tools", lambda: ["libfaketime"])
    assert tabproof("prove", "--fresh", "--record").exit_code == 0
    assert f"{FILE}: failed in case moving-clock" in tabproof("check").stdout


def test_what_is_forgotten_is_gone_and_has_to_be_proved(
    unproved: Path, tabproof: Tabproof, invented: Invented
) -> None:
    invented.fails = _fails("failed")
    others = {r.run for r in records.read_record(unproved).results}
    assert tabproof("prove", "--record").exit_code == 1
    assert tabproof("record", "forget", RUBY).exit_code == 0
    assert {r.run for r in records.read_record(unproved).results} == others
    assert f"{FILE}: not proved for its present bytes" in tabproof("check").stdout
    assert tabproof("prove", "--record").exit_code == 0
    assert (_recorded(unproved).verdict, _recorded(unproved).earlier_failure) == ("passed", None)
    assert tabproof("check").exit_code == 0


def test_changed_bytes_begin_anew(unproved: Path, tabproof: Tabproof, invented: Invented) -> None:
    invented.fails = _fails("failed")
    assert tabproof("prove", "--record").exit_code == 1
    template = unproved / "templates/ruby/step-request.rb.jinja"
    text = template.read_text(encoding="utf-8")
    template.write_text(text.replace("puts response.body", "puts(response.body)"), encoding="utf-8")
    assert tabproof("generate").exit_code == 0
    assert tabproof("prove", "--record").exit_code == 0
    assert (_recorded(unproved).verdict, _recorded(unproved).earlier_failure) == ("passed", None)
    assert tabproof("check").exit_code == 0


def test_a_run_that_a_limit_excused_hides_no_failure_on_record() -> None:
    """A limit excuses what it names alone: the same case may have failed for another reason."""
    failed = Result(
        SampleKey("list-users", "stdlib", "ruby"),
        *(CASE, "failed", "expected a; seen b", "bytes", "case", records.TOOLBOX, records.DATE),
    )
    excused = replace(failed, verdict="skipped", reason="a limit of the runtime", date=LATER)
    assert with_earlier_failures([excused], {CASE: failed}, whole=False) == [failed]
    assert Record((failed,)).union(Record((excused,))).results == (failed,)
