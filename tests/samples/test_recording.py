"""Check that a result stays on record until a run contradicts it, or its sample or case changes."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import Result as Ended
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests import records

from tabproof.cli import prove as prove_command
from tabproof.errors import MachineError
from tabproof.model.case import Case
from tabproof.model.result import Result, SyntaxResult, ToolchainVersions, Verdict
from tabproof.model.sample import SampleKey
from tabproof.project import catalog_reader as catalogs
from tabproof.proof.flakiness import with_earlier_failures
from tabproof.proof.outcome import Outcome
from tabproof.render.renderer import Renderer
from tabproof.samples import manifest, record_files
from tabproof.samples.current import current_state
from tabproof.samples.record import Current, Record
from tabproof.samples.record_files import CACHE, RECORD
from tabproof.system import files

Tabproof = Callable[..., Ended]
replace = msgspec.structs.replace

# Sequences of runs, by the functions that say what is kept of them

SAMPLES = SampleKey("orders", "stdlib", "ruby"), SampleKey("users", "stdlib", "ruby")
CASES = "success", "hang"
BOXES = (
    ToolchainVersions("ruby", "3.1.2", {}, "bubblewrap"),
    ToolchainVersions("ruby", "3.1.9", {}, "bubblewrap"),
    ToolchainVersions("ruby", "3.1.2", {}, "rebased"),
    ToolchainVersions("ruby", "3.2.0", {}, "bubblewrap"),
)


@dataclass
class Machine:
    """A checkout whose samples, cases and files change between runs."""

    root: Path
    moment: int = 10
    bytes: dict[SampleKey, str] = field(default_factory=lambda: dict.fromkeys(SAMPLES, "b0"))
    cases: dict[str, str] = field(default_factory=lambda: dict.fromkeys(CASES, "c0"))
    unread: frozenset[str] = frozenset()

    def find_cases(self, _sample: SampleKey) -> tuple[Case, ...]:
        """Return the cases of a sample, even if its scenario cannot be read."""
        return tuple(records.case_named(name, digest) for name, digest in self.cases.items())

    @property
    def current(self) -> Current:
        def find_cases(sample: SampleKey) -> tuple[Case, ...]:
            return () if sample.scenario in self.unread else self.find_cases(sample)

        return Current(dict(self.bytes), find_cases, self.unread)

    @property
    def recorded(self) -> Record:
        """Return the results on record of the cases that there are now."""
        return record_files.read(self.root).record(self.find_cases)

    @property
    def own(self) -> Record:
        """Return the results in the cache."""
        return record_files.read_cache(self.root)

    def result(self, key: SampleKey, case: str, verdict: Verdict, box: ToolchainVersions) -> Result:
        """Return a result of this moment."""
        date = f"2026-11-25T00:00:{self.moment:02}Z"
        reason = "" if verdict == "passed" else verdict
        return Result(key, case, verdict, reason, self.bytes[key], self.cases[case], box, date)

    def run(self, new: list[Result], *, whole: bool, recording: bool) -> list[Result]:
        """Keep the results of a run of one sample as `tabproof prove` does; return them."""
        own = self.own
        runs = {result.run for result in new}
        earlier = {
            result.case: result for result in self.recorded.union(own).results if result.run in runs
        }
        ran = Record(tuple(with_earlier_failures(new, earlier, whole=whole)))
        record_files.update_cache(self.root, ran, self.current)
        if recording:
            (isolation,) = {result.toolbox.isolation for result in new if result.toolbox}
            publishable = own.with_isolation(isolation)
            record_files.update(
                self.root, self.current, lambda recorded: recorded.union(publishable, ran)
            )
        return [*ran.results]


VERDICTS: st.SearchStrategy[Verdict] = st.sampled_from(("passed", "failed", "skipped"))
RUN = (st.sampled_from(SAMPLES), st.sampled_from(CASES), VERDICTS, st.sampled_from(BOXES))
WHOLE = (st.sampled_from(SAMPLES), st.tuples(VERDICTS, VERDICTS), st.sampled_from(BOXES))
EVENTS = st.one_of(
    st.tuples(st.just("run"), *RUN, st.booleans()),
    st.tuples(st.just("record"), *RUN),
    st.tuples(st.just("fresh"), *WHOLE, st.booleans()),
    # Someone else's results come with git: older or newer than this machine's own.
    st.tuples(st.just("pull"), *RUN, st.sampled_from((-9, 9))),
    st.tuples(st.just("bytes"), st.sampled_from(SAMPLES), st.sampled_from(("b0", "b1"))),
    st.tuples(st.just("case"), st.sampled_from(CASES), st.sampled_from(("c0", "c1"))),
    st.tuples(st.just("unread"), st.sampled_from((frozenset(), frozenset({"orders"})))),
    st.tuples(st.just("no cache")),
)


def _assert_nothing_is_lost(
    before: Record, after: Record, current: Current, cleared: Collection[object]
) -> None:
    """Assert that each earlier result is still there, or that a failure took its place.

    Args:
        before: what there was.
        after: what there is.
        current: the samples and cases as they are now.
        cleared: the runs that passed among all cases of their sample, after they had failed.
    """
    there = {result.run: result for result in after.results}
    for old in before.results:
        if old.verdict == "skipped" or not current.covers(old):
            continue
        new = there[old.run]
        if old.failure:
            assert new.failure, "a failure is gone"
            assert new.failure.date >= old.failure.date
        if old.verdict == "failed" and new.verdict != "failed":
            assert old.run in cleared, "a failure became a pass, though not all cases passed"
        assert new.verdict != "skipped"


def _proof(machine: Machine, new: list[Result], *, whole: bool, recording: bool) -> None:
    """Make one run, and compare what is stored with what there was."""
    if new[0].sample.scenario in machine.unread:
        return
    recorded, own, rows = machine.recorded, machine.own, _rows(machine)
    all_passed = whole and not any(result.verdict == "failed" for result in new)
    cleared = {result.run for result in new} if all_passed else set()
    ran = machine.run(new, whole=whole, recording=recording)
    _assert_nothing_is_lost(own, machine.own, machine.current, cleared)
    # What a whole run cleared is put on record by a later one.
    cleared |= {result.run for result in own.results if result.earlier_failure}
    _assert_nothing_is_lost(recorded, machine.recorded, machine.current, cleared)
    kept = {result.run: result for result in machine.recorded.results}
    cached = {result.run: result for result in machine.own.results}
    for result in new:
        if result.verdict == "failed":
            # This failure, or one that came with git and has a later date.
            for stored in (cached, kept) if recording else (cached,):
                now = stored[result.run]
                assert now == result or (now.verdict == "failed" and now.date > result.date)
    if not recording:
        assert (machine.recorded, _rows(machine)) == (recorded, rows)
        return
    for run, result in cached.items():
        # What this machine knows of a failure, no pass on record hides.
        if result.verdict == "failed" and run in {each.run for each in ran}:
            assert kept[run].verdict == "failed"
    # Of a scenario that cannot be read, there is what there was.
    assert [row for row in _rows(machine) if _is_unread(machine, row)] == [
        row
        for row in rows
        if _is_unread(machine, row) and row["bytes"] == machine.bytes[SAMPLES[0]]
    ]


def _rows(machine: Machine) -> list[dict[str, Any]]:
    if not (machine.root / RECORD).exists():
        return []
    rows: list[dict[str, Any]] = json.loads((machine.root / RECORD).read_bytes())["rows"]
    return rows


def _is_unread(machine: Machine, row: dict[str, Any]) -> bool:
    return row["sample"].partition("/")[0] in machine.unread


ONE, OTHER = (SAMPLES[0], "success"), (SAMPLES[1], "hang")


@example(  # a template was tried out, and the change taken back
    [
        ("record", *ONE, "passed", BOXES[0]),
        ("bytes", SAMPLES[0], "b1"),
        ("run", *ONE, "passed", BOXES[0], False),
        ("bytes", SAMPLES[0], "b0"),
        ("record", *OTHER, "passed", BOXES[0]),
    ]
)
@example(  # the same of a case
    [
        ("record", *ONE, "passed", BOXES[0]),
        ("case", "success", "c1"),
        ("run", *ONE, "passed", BOXES[0], False),
        ("case", "success", "c0"),
        ("record", *OTHER, "passed", BOXES[0]),
    ]
)
@example(  # someone else's later result came with git
    [
        ("run", *ONE, "failed", BOXES[0], False),
        ("pull", *ONE, "passed", BOXES[0], 9),
        ("record", *OTHER, "passed", BOXES[0]),
    ]
)
@example(  # it was run again until it passed, with another version too
    [
        ("record", *ONE, "failed", BOXES[0]),
        ("record", *ONE, "passed", BOXES[0]),
        ("record", *ONE, "passed", BOXES[1]),
        ("no cache",),
        ("record", *ONE, "passed", BOXES[0]),
    ]
)
@example(  # a whole run passed, and then it failed once more
    [
        ("record", *ONE, "failed", BOXES[0]),
        ("fresh", SAMPLES[0], ("passed", "passed"), BOXES[0], True),
        ("record", *ONE, "failed", BOXES[0]),
        ("record", *ONE, "passed", BOXES[0]),
    ]
)
@example(  # this machine ran what cannot be read now
    [
        ("run", *ONE, "passed", BOXES[0], False),
        ("unread", frozenset({"orders"})),
        ("record", *OTHER, "passed", BOXES[0]),
        ("record", *OTHER, "passed", BOXES[1]),
    ]
)
@settings(max_examples=150, deadline=None)
@given(st.lists(EVENTS, min_size=3, max_size=20))
def test_no_sequence_of_runs_loses_a_result_that_no_run_contradicts(events: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        machine = Machine(Path(folder))
        for event in events:
            machine.moment += 1
            _happen(machine, event)


def _happen(machine: Machine, event: tuple[Any, ...]) -> None:
    match event:
        case ("run", *run, recording):
            _proof(machine, [machine.result(*run)], whole=False, recording=recording)
        case ("record", *run):
            _proof(machine, [machine.result(*run)], whole=False, recording=True)
        case ("fresh", sample, verdicts, box, recording):
            pairs = zip(CASES, verdicts, strict=True)
            new = [machine.result(sample, case, verdict, box) for case, verdict in pairs]
            _proof(machine, new, whole=True, recording=recording)
        case ("pull", *run, moment):
            result = machine.result(*run)
            later = f"2026-11-25T00:00:{machine.moment + moment:02}Z"
            pulled = Record((replace(result, date=later),))
            if result.sample.scenario not in machine.unread:
                record_files.update(machine.root, machine.current, lambda old: old.union(pulled))
        case ("bytes", sample, digest):
            machine.bytes[sample] = digest
        case ("case", case, digest):
            machine.cases[case] = digest
        case ("unread", scenarios):
            machine.unread = scenarios
        case ("no cache",):
            (machine.root / CACHE).unlink(missing_ok=True)


def test_what_another_machine_parsed_stays_where_the_parser_is_missing(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    parsed = SyntaxResult(SAMPLES[0], "b0", "parser", "passed", "", "2026-11-25T00:00:00Z")
    missing = replace(
        parsed, verdict="skipped", reason="not installed", date="2026-11-26T00:00:00Z"
    )
    for new in (parsed, missing):
        ran = Record((), (new,))
        record_files.update(machine.root, machine.current, lambda old, ran=ran: old.union(ran))  # type: ignore[misc] # mypy does not infer such a lambda
    assert machine.recorded.syntax == (parsed,)


# The same on the command line, where what runs is invented

EARLIER, LATER = "2026-11-01T00:00:00Z", "2026-11-26T00:00:00Z"
RUBY = "samples/list-users/library/list_users.rb"


def _keys(project: Path) -> set[tuple[object, ...]]:
    return {result.run for result in records.read_record(project).results}


def _cache(project: Path, results: Iterator[Result]) -> None:
    (project / CACHE).write_bytes(msgspec.json.encode(Record(tuple(results))))


def _stale(project: Path) -> None:
    """Prove a changed template, then undo the change."""
    results = records.read_record(project).results
    _cache(project, (replace(r, sample_digest="0" * 64, date=LATER) for r in results))


def _full(project: Path) -> None:
    _cache(project, iter(records.read_record(project).results))


def _older(project: Path) -> None:
    """Let the same pass here before it passed for someone else."""
    results = records.read_record(project).results
    _cache(project, (replace(r, date=EARLIER) for r in results))


def _absent(_project: Path) -> None:
    """No cache."""


SOME = ("--fresh", "--case", "success")


@pytest.mark.usefixtures("invented")
@pytest.mark.parametrize(
    ("cache", "options"),
    [
        (_absent, SOME),
        (_full, SOME),
        (_stale, SOME),
        (_older, SOME),
        (_stale, ("--case", "success")),
        (_older, ("--language", "ruby")),
        (_stale, ("--fresh", "--variant", "stdlib")),
        (_older, ("--fresh", "--scenario", "list-users", "--case", "hang")),
        (_stale, ("--fresh", "--isolation", "rebased", "--case", "success")),
        (_stale, ()),
        (_older, ("--fresh",)),
    ],
)
def test_a_run_of_some_keeps_what_is_on_record_of_the_others(
    cache: Callable[[Path], None],
    options: tuple[str, ...],
    project: Path,
    tabproof: Tabproof,
) -> None:
    cache(project)
    before = _keys(project)
    ended = tabproof("prove", *options, "--record")
    assert ended.exit_code == 0, ended.output
    assert before <= _keys(project)
    assert {r.verdict for r in records.read_record(project).results} == {"passed"}
    assert tabproof("check").exit_code == 0


@pytest.mark.usefixtures("invented")
@pytest.mark.parametrize("option", [("--languages", "ruby"), ("--variants", "stdlib")])
def test_what_is_left_out_of_the_project_for_now_stays_on_record(
    option: tuple[str, str], project: Path, tabproof: Tabproof
) -> None:
    before = _keys(project)
    assert tabproof(*option, "prove", "--fresh", "--case", "success", "--record").exit_code == 0
    assert _keys(project) == before


@pytest.mark.usefixtures("invented")
def test_a_sample_that_is_not_on_disk_keeps_its_results(project: Path, tabproof: Tabproof) -> None:
    before = _keys(project)
    (project / RUBY).unlink()
    assert tabproof("prove", "--language", "curl", "--record").exit_code == 0
    assert _keys(project) == before


@pytest.mark.usefixtures("invented")
def test_results_of_changed_bytes_go(project: Path, tabproof: Tabproof) -> None:
    ruby = SampleKey("list-users", "library", "ruby")
    before = _keys(project)
    file = project / RUBY
    file.write_text(f"{file.read_text(encoding='utf-8')}# mine\n", encoding="utf-8")
    assert tabproof("prove", "--language", "curl", "--record").exit_code == 0
    assert _keys(project) == {key for key in before if key[0] != ruby}


@pytest.mark.usefixtures("invented")
def test_an_interruption_leaves_what_was_kept_as_it_was(
    project: Path, tabproof: Tabproof, monkeypatch: pytest.MonkeyPatch
) -> None:
    _full(project)
    before = [(project / name).read_bytes() for name in (RECORD, CACHE)]

    def interrupted(*_: object, **__: object) -> Outcome:
        raise KeyboardInterrupt

    monkeypatch.setattr("tabproof.proof.prove.prove", interrupted)
    assert tabproof("prove", "--fresh", "--record").exit_code == 130
    assert [(project / name).read_bytes() for name in (RECORD, CACHE)] == before


def test_records_are_merged_into_what_is_left_out_for_now(
    project: Path, tabproof: Tabproof
) -> None:
    before = _keys(project)
    records.write_record(project, Record(), "other.json")
    ended = tabproof("--languages", "ruby", "prove", "--merge", str(project / "other.json"))
    assert (ended.exit_code, _keys(project)) == (0, before)


def test_a_scenario_that_cannot_be_read_keeps_its_results_while_its_samples_are_there(
    project: Path,
) -> None:
    catalog = catalogs.load(project)
    scenarios = {name: s for name, s in catalog.scenarios.items() if name != "list-users"}
    readable = replace(catalog, scenarios=scenarios)
    samples = list(Renderer(readable).all())
    listed = manifest.read_manifest(project).values()
    whole = records.read_record(project)

    def kept() -> Record:
        current = current_state(project, readable, samples, listed)
        record_files.update(project, current, lambda on_record: on_record)
        return records.read_record(project)

    assert len(kept().results) == len(whole.results)
    (project / RUBY).write_text("# mine\n", encoding="utf-8")
    ruby = SampleKey("list-users", "library", "ruby")
    assert {r.sample for r in whole.results} - {r.sample for r in kept().results} == {ruby}


# A checkout that cannot be written


def _unwritable(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    really = files.write_if_changed

    def write(path: Path, content: bytes) -> bool:
        if str(path).endswith(names):
            raise MachineError(f"{path}: cannot be written: Read-only file system.")
        return really(path, content)

    monkeypatch.setattr("tabproof.samples.record_files.write_if_changed", write)


@pytest.mark.usefixtures("invented")
def test_where_results_cannot_be_kept_they_are_shown_all_the_same(
    tabproof: Tabproof, monkeypatch: pytest.MonkeyPatch
) -> None:
    _unwritable(monkeypatch, RECORD, CACHE)
    ended = tabproof("prove", "--fresh", "--language", "ruby", "--case", "success")
    assert ended.exit_code == 0
    assert "4 samples: 4 passed, 0 failed, 0 skipped" in ended.stdout
    assert re.fullmatch(
        r"These results are not saved: .*/results\.json: cannot be written: "
        r"Read-only file system\.",
        ended.stderr.strip(),
    )


@pytest.mark.usefixtures("invented")
def test_a_record_that_cannot_be_written_is_an_error_after_the_table(
    tabproof: Tabproof, monkeypatch: pytest.MonkeyPatch
) -> None:
    _unwritable(monkeypatch, RECORD, CACHE)
    chosen = ("--fresh", "--language", "ruby", "--case", "success", "--record")
    ended = tabproof("prove", *chosen)
    assert ended.exit_code == 3
    assert "4 samples: 4 passed, 0 failed, 0 skipped" in ended.stdout
    line = r"tabproof: .*/proof\.json: cannot be written: Read-only file system\.\n"
    assert re.fullmatch(line, ended.stderr)
    # What is wrong with the samples weighs more.
    monkeypatch.setattr(prove_command, "_status", lambda *_: 1)
    ended = tabproof("prove", *chosen)
    assert ended.exit_code == 1
    assert "These results are not saved: " in ended.stderr


@pytest.mark.usefixtures("invented")
def test_a_record_is_written_where_the_cache_cannot_be(
    project: Path, tabproof: Tabproof, monkeypatch: pytest.MonkeyPatch
) -> None:
    _unwritable(monkeypatch, CACHE)
    ended = tabproof("prove", "--fresh", "--language", "ruby", "--case", "success", "--record")
    assert (ended.exit_code, ended.stderr) == (0, "")
    ruby = [r for r in records.read_record(project).results if r.sample.language == "ruby"]
    assert {r.date for r in ruby} != {records.DATE}


# What a person should know beside the results


@pytest.mark.usefixtures("invented")
def test_a_sample_that_was_edited_by_hand_is_named_as_such(
    project: Path, tabproof: Tabproof
) -> None:
    chosen = ("prove", "--language", "ruby", "--case", "success")
    assert tabproof(*chosen).stderr == ""
    file = project / RUBY
    file.write_text(f"{file.read_text(encoding='utf-8')}# mine\n", encoding="utf-8")
    assert tabproof(*chosen).stderr == (
        f"{RUBY}: edited by hand since it was generated; make the change in templates/, or run "
        "`tabproof generate --overwrite` to discard it. These results are for the edit.\n"
    )
    assert tabproof("prove", "--language", "curl", "--case", "success").stderr == ""


@pytest.mark.usefixtures("invented")
def test_samples_that_the_templates_no_longer_make_are_named(
    project: Path, tabproof: Tabproof
) -> None:
    template = project / "templates/ruby/step-request.rb.jinja"
    text = template.read_text(encoding="utf-8")
    template.write_text(text.replace("puts response.body", "puts(response.body)"), encoding="utf-8")
    chosen = ("prove", "--language", "ruby", "--variant", "library", "--case", "success")
    assert tabproof(*chosen).stderr == (
        f"{RUBY}, samples/videosdk-sessions/library/videosdk_sessions.rb: not what the templates "
        "make now; run `tabproof generate`.\n"
    )
    assert tabproof("generate").exit_code == 0
    assert tabproof(*chosen).stderr == ""


@pytest.mark.usefixtures("invented")
def test_what_other_programs_read_does_not_say_how_long_it_took(tabproof: Tabproof) -> None:
    chosen = ("prove", "--fresh", "--language", "ruby", "--case", "success")
    assert tabproof(*chosen).stdout.endswith("\n4 samples: 4 passed, 0 failed, 0 skipped\n")
    assert json.loads(tabproof(*chosen, "--format", "json").stdout)["summary"]["passed"] == 4
