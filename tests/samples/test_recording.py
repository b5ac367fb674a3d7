"""Check that a result stays on record until a run contradicts it, or its sample or case changes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import Result as Ended
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tabproof.cli import prove as prove_command
from tabproof.errors import MachineError
from tabproof.model.result import Result, SyntaxResult, ToolchainVersions, Verdict
from tabproof.model.sample import SampleKey
from tabproof.project import catalog_reader as catalogs
from tabproof.proof.outcome import Outcome
from tabproof.proof.prepare.runnable_sample import RunnableSample
from tabproof.render.renderer import Renderer
from tabproof.samples import manifest, record
from tabproof.samples.current import current_digests
from tabproof.samples.record import CACHE, RECORD, CurrentDigests, Record
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
    ToolchainVersions("ruby", "4.0.0", {}, "bubblewrap"),
)
NOTHING = Record()


@dataclass
class Machine:
    """Model a checkout whose samples, cases and files change between runs."""

    recorded: Record = NOTHING
    own: Record = NOTHING
    moment: int = 10
    bytes: dict[SampleKey, str] = field(default_factory=lambda: dict.fromkeys(SAMPLES, "b0"))
    cases: dict[str, str] = field(default_factory=lambda: dict.fromkeys(CASES, "c0"))
    unread: frozenset[str] = frozenset()

    @property
    def current(self) -> CurrentDigests:
        readable = {key.scenario for key in SAMPLES} - self.unread
        cases = {(s, name): asked for s in readable for name, asked in self.cases.items()}
        return CurrentDigests(dict(self.bytes), cases, self.unread)

    def result(self, key: SampleKey, case: str, verdict: Verdict, box: ToolchainVersions) -> Result:
        """Return a result of this moment."""
        date = f"2026-11-25T00:00:{self.moment:02}Z"
        digests = self.bytes[key], self.cases[case]
        return Result(key, case, verdict, "", *digests, box, date)

    def run(self, ran: Record, *, recording: bool) -> None:
        """Keep the results of a run as `tabproof prove` does."""
        isolations = {r.toolbox.isolation for r in ran.results if r.toolbox}
        own = self.own
        self.own = record.cache_update(own, ran, self.current)
        if recording:
            for isolation in isolations:
                publishable = own.with_isolation(isolation)
                self.recorded = record.record_update(self.recorded, publishable, ran, self.current)


def _key(result: Result) -> tuple[object, ...]:
    """Return what two results of the same run have in common."""
    box = result.toolbox
    digests = result.sample_digest, result.case_digest
    return result.sample, result.case, digests, box.series if box else None


VERDICTS: st.SearchStrategy[Verdict] = st.sampled_from(("passed", "failed", "skipped"))
RUN = (st.sampled_from(SAMPLES), st.sampled_from(CASES), VERDICTS, st.sampled_from(BOXES))
EVENTS = st.one_of(
    st.tuples(st.just("run"), *RUN, st.booleans()),
    st.tuples(st.just("record"), *RUN),
    # Someone else's results come with git: older or newer than this machine's own.
    st.tuples(st.just("pull"), *RUN, st.sampled_from((-9, 9))),
    st.tuples(st.just("bytes"), st.sampled_from(SAMPLES), st.sampled_from(("b0", "b1"))),
    st.tuples(st.just("case"), st.sampled_from(CASES), st.sampled_from(("c0", "c1"))),
    st.tuples(st.just("unread"), st.sampled_from((frozenset(), frozenset({"orders"})))),
    st.tuples(st.just("no cache")),
)


def _assert_nothing_is_lost(
    before: Record, after: Record, current: CurrentDigests, ran: Record, others: Record = NOTHING
) -> None:
    """Assert that each earlier result is still there, or replaced by one of the same run.

    Args:
        before: what there was.
        after: what there is.
        current: the samples and cases as they are now.
        ran: what the run found; it contradicts what was there, but for what it skipped.
        others: what else came to it; of these, the later one counts.
    """
    there = {_key(result): result for result in after.results}
    for old in before.results:
        if old.verdict == "skipped" or not current.covers(old):
            continue
        rivals = [r for r in (*ran.results, *others.results) if _key(r) == _key(old)]
        contradicting = [
            r
            for r in rivals
            if (r in ran.results or r.date >= old.date)
            and not (r.verdict == "skipped" and old.verdict == "passed")
        ]
        new = there.get(_key(old))
        if new is None:
            # A fault that a limit of the runtime excuses by now.
            assert "skipped" in {r.verdict for r in contradicting}
        else:
            assert new == old or new in contradicting


def _proof(machine: Machine, result: Result, *, recording: bool) -> None:
    """Make one run, and compare what is stored with what there was."""
    if result.sample.scenario in machine.unread:
        return
    ran, recorded, own = Record((result,)), machine.recorded, machine.own
    machine.run(ran, recording=recording)
    _assert_nothing_is_lost(own, machine.own, machine.current, ran)
    if not recording:
        assert machine.recorded == recorded
        return
    _assert_nothing_is_lost(recorded, machine.recorded, machine.current, ran, own)
    if result.verdict != "skipped":
        assert result in machine.recorded.results
        assert result in machine.own.results


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
@settings(max_examples=200, deadline=None)
@given(st.lists(EVENTS, min_size=3, max_size=20))
def test_no_sequence_of_runs_loses_a_result_that_no_run_contradicts(events: list[Any]) -> None:
    machine = Machine()
    for event in events:
        machine.moment += 1
        match event:
            case ("run", *run, recording):
                _proof(machine, machine.result(*run), recording=recording)
            case ("record", *run):
                _proof(machine, machine.result(*run), recording=True)
            case ("pull", *run, moment):
                result = machine.result(*run)
                later = f"2026-11-25T00:00:{machine.moment + moment:02}Z"
                pulled = Record((replace(result, date=later),)).within(machine.current)
                machine.recorded = machine.recorded.with_run(pulled)
            case ("bytes", sample, digest):
                machine.bytes[sample] = digest
            case ("case", case, digest):
                machine.cases[case] = digest
            case ("unread", scenarios):
                machine.unread = scenarios
            case ("no cache",):
                machine.own = NOTHING


def test_what_another_machine_parsed_stays_where_the_parser_is_missing() -> None:
    parsed = SyntaxResult(SAMPLES[0], "b0", "parser", "passed", "", "2026-11-25")
    missing = replace(parsed, verdict="skipped", reason="not installed", date="2026-11-26")
    recorded, ran = Record((), (parsed,)), Record((), (missing,))
    assert record.record_update(recorded, NOTHING, ran, Machine().current).syntax == (parsed,)


# The same on the command line, where what runs is invented

BOX = ToolchainVersions("runtime", "1.0", {}, "bubblewrap")
"""What the project's record was made with."""

RUBY = "samples/list-users/library/list_users.rb"
NOW = "2026-11-26T00:00:00Z"


@pytest.fixture
def invented(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let each run that is not on record pass, without running any program."""
    sandbox = tmp_path / "bin/bwrap"
    sandbox.parent.mkdir()
    sandbox.write_text("#!/bin/sh\n", encoding="utf-8")
    sandbox.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    def prove(subjects: tuple[RunnableSample, ...], on_record: Record, *_: object) -> Outcome:
        new, reused = [], []
        for subject in subjects:
            own = on_record.by_sample.get(subject.sample.key, [])
            past = {(r.case, r.case_digest): r for r in own if r.sample_digest == subject.digest}
            for case in subject.cases:
                result = subject.result(case, "passed", "", NOW)
                box = replace(BOX, isolation=subject.isolation)
                earlier = past.get((case.name, case.digest))
                if earlier and earlier.toolbox == box:
                    reused.append(earlier)
                else:
                    new.append(replace(result, toolbox=box))
        return Outcome(subjects, Record(tuple(new)), tuple(reused), ())

    monkeypatch.setattr("tabproof.proof.prove.prove", prove)


def _keys(project: Path, name: str = RECORD) -> set[tuple[object, ...]]:
    return {_key(result) for result in record.read(project, name).results}


def _stale(project: Path) -> None:
    """Prove a changed template, then undo the change."""
    results = record.read(project, RECORD).results
    other = (replace(r, sample_digest="0" * 64, date=NOW) for r in results)
    record.write(project, CACHE, Record(tuple(other)))


def _full(project: Path) -> None:
    record.write(project, CACHE, record.read(project, RECORD))


def _older(project: Path) -> None:
    """Let a run fail here before someone else's passes."""
    results = record.read(project, RECORD).results
    old = (replace(r, verdict="failed", date="2026-11-01T00:00:00Z") for r in results)
    record.write(project, CACHE, Record(tuple(old)))


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
    assert {r.verdict for r in record.read(project, RECORD).results} == {"passed"}
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

    def interrupted(*_: object) -> Outcome:
        raise KeyboardInterrupt

    monkeypatch.setattr("tabproof.proof.prove.prove", interrupted)
    assert tabproof("prove", "--fresh", "--record").exit_code == 130
    assert [(project / name).read_bytes() for name in (RECORD, CACHE)] == before


def test_records_are_merged_into_what_is_left_out_for_now(
    project: Path, tabproof: Tabproof
) -> None:
    before = _keys(project)
    record.write(project, "other.json", Record())
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
    whole = record.read(project, RECORD)

    def kept() -> Record:
        return whole.within(current_digests(project, readable, samples, listed))

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

    monkeypatch.setattr("tabproof.samples.record.write_if_changed", write)


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
    dates = [r.date for r in record.read(project, RECORD).results if r.case == "success"]
    assert dates.count(NOW) == 4


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
    template = project / "templates/ruby/sample.rb.jinja"
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
