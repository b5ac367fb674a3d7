from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest
from click.testing import Result as Ended
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests import records

from tabproof.errors import MachineError
from tabproof.model.case import Case
from tabproof.model.command import Probe
from tabproof.model.language import Limit, Toolchain
from tabproof.model.result import Failure, Result, SyntaxResult, ToolchainVersions, Verdict
from tabproof.model.sample import SampleKey
from tabproof.project import catalog_reader
from tabproof.project.cases import case_finder
from tabproof.render.renderer import Renderer
from tabproof.samples import proof_rows, record_files, tree
from tabproof.samples.record import Current, Record
from tabproof.samples.record_files import RECORD
from tabproof.samples.status import SampleStatus, status_of

Run = Callable[..., Ended]
SAMPLE = SampleKey("list-users", "library", "ruby")
RUBY = "samples/list-users/library/list_users.rb"
BYTES, OTHER_BYTES = "a" * 64, "b" * 64
DATE = "2026-11-24T08:00:00Z"
RUBY_3 = ToolchainVersions("ruby", "3.1.2", {"ruby-jwt": "2.4.1"}, "bubblewrap")
replace = msgspec.structs.replace


@pytest.fixture(scope="module")
def cases(pristine: Path) -> tuple[Case, ...]:
    return case_finder(catalog_reader.load(pristine))(SAMPLE)


def _result(
    case: Case, verdict: Verdict = "passed", toolbox: ToolchainVersions | None = RUBY_3
) -> Result:
    reason = "" if verdict == "passed" else f"why it {verdict}"
    return Result(SAMPLE, case.name, verdict, reason, BYTES, case.digest, toolbox, DATE)


def _syntax(verdict: Verdict, parser: str = "ruby -wc") -> SyntaxResult:
    return SyntaxResult(
        SAMPLE, BYTES, parser, verdict, f"{parser} {verdict}", "2026-11-23T00:00:00Z"
    )


def _passed(cases: tuple[Case, ...]) -> tuple[Result, ...]:
    return tuple(_result(case) for case in cases)


def _current(cases: tuple[Case, ...]) -> Current:
    return Current({SAMPLE: BYTES}, lambda sample: cases if sample == SAMPLE else ())


def _status(cases: tuple[Case, ...], *results: Result, syntax: object = ()) -> SampleStatus:
    parsed = (syntax,) if isinstance(syntax, SyntaxResult) else ()
    return status_of(SAMPLE, BYTES, cases, Record(results, parsed), ())


# What a sample's standing is


def test_a_sample_that_passed_every_case_is_proved(cases: tuple[Case, ...]) -> None:
    late = replace(_result(cases[0]), date="2026-11-25T09:00:00Z")
    status = _status(cases, late, *_passed(cases[1:]))
    assert status == SampleStatus("proved", "", (RUBY_3,), "2026-11-25T09:00:00Z", len(cases))
    assert status.publishable


def test_each_toolchain_that_proved_it_is_named_once(cases: tuple[Case, ...]) -> None:
    ruby_4 = replace(RUBY_3, version="4.0.0")
    with_4 = [replace(result, toolbox=ruby_4) for result in _passed(cases)]
    assert _status(cases, *_passed(cases), *with_4).toolboxes == (RUBY_3, ruby_4)


@pytest.mark.parametrize("number", [0, 3, -1])
def test_a_sample_that_lacks_one_case_is_unproved(number: int, cases: tuple[Case, ...]) -> None:
    lacking = cases[number]
    status = _status(cases, *_passed(tuple(case for case in cases if case != lacking)))
    assert status.state == "unproved"
    assert not status.publishable
    assert lacking.name in status.reason


def test_a_sample_that_failed_once_is_failed_wherever_it_passed(cases: tuple[Case, ...]) -> None:
    ruby_4 = replace(RUBY_3, version="4.0.0")
    status = _status(cases, *_passed(cases), _result(cases[2], "failed", ruby_4))
    assert status == SampleStatus("failed", f"failed in case {cases[2].name}: why it failed")
    assert not status.publishable


def test_a_case_that_a_limit_of_every_runtime_rules_out_need_not_have_passed(
    cases: tuple[Case, ...],
) -> None:
    (limited, *others) = cases
    limit = Limit(versions="3.1", cases=(limited.name,), seen="late", reason="R.")
    probe = Probe(run=("ruby",))
    ruby = Toolchain(runtime="ruby", programs={}, version=probe, run=("ruby",), limits=(limit,))
    passed = [_result(case) for case in others]

    def status(*results: Result) -> SampleStatus:
        return status_of(SAMPLE, BYTES, cases, Record((*passed, *results)), (ruby,))

    assert (status().state, status().case_count) == ("proved", len(others))
    # Another version can pass it: then it must have.
    ruby_4 = replace(RUBY_3, version="4.0.0")
    with_4 = [_result(case, toolbox=ruby_4) for case in others]
    assert status(*with_4).reason == f"not proved in case {limited.name}"
    assert status(*with_4, _result(limited, toolbox=ruby_4)).state == "proved"
    # What was seen to fail has failed.
    assert status(_result(limited, "failed")).state == "failed"
    passed.clear()
    assert status().state == "unproved"


def test_skipped_alone_is_unproved(cases: tuple[Case, ...]) -> None:
    status = _status(cases, *(_result(case, "skipped", None) for case in cases))
    assert status.state == "unproved"
    assert not status.publishable


def test_skipped_is_no_case_that_passed(cases: tuple[Case, ...]) -> None:
    status = _status(cases, *_passed(cases[1:]), _result(cases[0], "skipped"))
    assert status.state == "unproved"


def test_skipped_takes_nothing_from_what_passed_elsewhere(cases: tuple[Case, ...]) -> None:
    status = _status(cases, *_passed(cases), _result(cases[0], "skipped", None))
    assert status.state == "proved"


def test_a_sample_without_results_is_unproved(cases: tuple[Case, ...]) -> None:
    assert _status(cases) == SampleStatus("unproved", "not proved for its present bytes")


def test_a_sample_in_no_case_is_never_proved() -> None:
    assert _status(()).state == "unproved"


@pytest.mark.parametrize("verdict", ["passed", "failed"])
def test_a_result_for_other_bytes_does_not_count(verdict: Verdict, cases: tuple[Case, ...]) -> None:
    old = [replace(_result(case, verdict), sample_digest=OTHER_BYTES) for case in cases]
    assert _status(cases, *old).state == "unproved"
    assert _status(cases, *old, *_passed(cases)).state == "proved"


@pytest.mark.parametrize("verdict", ["passed", "failed"])
def test_a_result_for_another_question_does_not_count(
    verdict: Verdict, cases: tuple[Case, ...]
) -> None:
    old = [replace(_result(case, verdict), case_digest="c" * 64) for case in cases]
    assert _status(cases, *old).state == "unproved"
    assert _status(cases, *old, *_passed(cases)).state == "proved"


def test_a_result_of_another_sample_does_not_count(cases: tuple[Case, ...]) -> None:
    twin = replace(SAMPLE, variant="stdlib")
    assert _status(cases, *(replace(r, sample=twin) for r in _passed(cases))).state == "unproved"


def test_a_result_of_a_case_that_is_gone_does_not_count(cases: tuple[Case, ...]) -> None:
    failed = _result(cases[0], "failed")
    assert _status(cases[1:], failed, *_passed(cases[1:])).state == "proved"


def test_a_sample_that_was_only_parsed_is_publishable_and_says_so(
    cases: tuple[Case, ...],
) -> None:
    status = _status(cases, syntax=_syntax("passed"))
    assert status == SampleStatus(
        "parsed", "not run; well formed by ruby -wc", (), "2026-11-23T00:00:00Z", parser="ruby -wc"
    )
    assert status.publishable


def test_a_parser_is_no_substitute_for_cases_that_could_run(cases: tuple[Case, ...]) -> None:
    assert _status(cases, _result(cases[0]), syntax=_syntax("passed")).state == "unproved"


def test_a_parser_that_was_skipped_says_nothing(cases: tuple[Case, ...]) -> None:
    assert _status(cases, syntax=_syntax("skipped")).state == "unproved"


def test_a_parser_says_nothing_of_other_bytes(cases: tuple[Case, ...]) -> None:
    old = replace(_syntax("passed"), sample_digest=OTHER_BYTES)
    assert _status(cases, syntax=old).state == "unproved"


def test_a_parser_that_finds_a_fault_is_the_one_that_is_quoted(cases: tuple[Case, ...]) -> None:
    parses = (_syntax("passed", "one"), _syntax("failed", "two"))
    status = status_of(SAMPLE, BYTES, cases, Record((), parses), ())
    assert status == SampleStatus("failed", "two: two failed")


# How a record grows


@pytest.mark.parametrize(
    ("toolbox", "replaces"),
    [
        pytest.param(RUBY_3, True, id="same"),
        pytest.param(replace(RUBY_3, version="3.1.9"), True, id="patch"),
        pytest.param(replace(RUBY_3, libraries={"ruby-jwt": "3.0.0"}), True, id="library"),
        pytest.param(replace(RUBY_3, version="3.2.2"), False, id="minor"),
        pytest.param(replace(RUBY_3, version="3.10.2"), False, id="minor-that-begins-the-same"),
        pytest.param(replace(RUBY_3, version="4.1.2"), False, id="major"),
        pytest.param(replace(RUBY_3, runtime="jruby"), False, id="runtime"),
        pytest.param(replace(RUBY_3, isolation="rebased"), False, id="isolation"),
    ],
)
def test_a_renewed_result_replaces_that_of_its_series_and_keeps_the_others(
    toolbox: ToolchainVersions, cases: tuple[Case, ...], *, replaces: bool
) -> None:
    old = Record(_passed(cases[:2]))
    new = _result(cases[0], "failed", toolbox)
    renewed = old.union(Record((new,)))
    assert new in renewed.results
    assert old.results[1] in renewed.results
    assert (old.results[0] not in renewed.results) == replaces
    assert len(renewed.results) == (2 if replaces else 3)


@pytest.mark.parametrize("field", ["sample_digest", "case_digest"])
def test_a_result_of_other_bytes_or_another_question_replaces_nothing(
    field: str, cases: tuple[Case, ...]
) -> None:
    old, new = replace(_result(cases[0]), **{field: "b" * 64}), _result(cases[0])
    assert Record((old,)).union(Record((new,))).results == (old, new)


@pytest.mark.parametrize("past", ["passed", "failed"])
def test_a_run_that_a_limit_excused_replaces_no_other(
    past: Verdict, cases: tuple[Case, ...]
) -> None:
    old = _result(cases[0], past)
    excused = replace(_result(cases[0], "skipped"), date="2026-11-25T00:00:00Z")
    for one, two in ((old, excused), (excused, old)):
        assert Record((one,)).union(Record((two,))).results == (old,)


def test_a_parser_that_is_missing_contradicts_no_other(cases: tuple[Case, ...]) -> None:
    old = Record(_passed(cases), (_syntax("failed", "one"), _syntax("skipped", "two")))
    missing = Record((), (_syntax("skipped", "one"), replace(_syntax("skipped", "two"), date="9")))
    for one, two in ((old, missing), (missing, old)):
        assert set(one.union(two).syntax) == {old.syntax[0], missing.syntax[1]}


def test_a_renewed_parse_replaces_that_of_its_parser(cases: tuple[Case, ...]) -> None:
    old = Record(_passed(cases), (_syntax("failed", "one"), _syntax("failed", "two")))
    new = replace(_syntax("passed", "one"), date="2026-11-24T00:00:00Z")
    renewed = old.union(Record((), (new,)))
    assert renewed == Record(_passed(cases), (new, _syntax("failed", "two")))


def test_only_what_is_present_is_kept(cases: tuple[Case, ...]) -> None:
    good, other_bytes, other_case, gone = _passed(cases[:4])
    record = Record(
        (
            good,
            replace(other_bytes, sample_digest=OTHER_BYTES),
            replace(other_case, case_digest="c" * 64),
            replace(gone, sample=replace(SAMPLE, scenario="gone")),
            _result(cases[4], "skipped", None),
        ),
        (_syntax("passed"), replace(_syntax("passed", "old"), sample_digest=OTHER_BYTES)),
    )
    assert record.within(_current(cases)) == Record((good,), (_syntax("passed"),))


def test_what_a_limit_excused_is_kept_where_that_is_asked_for(cases: tuple[Case, ...]) -> None:
    excused, not_run = _result(cases[0], "skipped"), _result(cases[1], "skipped", None)
    record = Record((excused, not_run))
    assert record.within(_current(cases)) == Record()
    assert record.within(_current(cases), with_excused=True) == Record((excused,))


def test_results_of_a_scenario_that_cannot_be_read_stay_while_the_bytes_do(
    cases: tuple[Case, ...],
) -> None:
    good, other_bytes, other_case = _passed(cases[:3])
    record = Record(
        (
            good,
            replace(other_bytes, sample_digest=OTHER_BYTES),
            replace(other_case, case_digest="c" * 64),
        )
    )
    unread = Current({SAMPLE: BYTES}, lambda _sample: (), frozenset({"list-users"}))
    assert record.within(unread).results == (record.results[0], record.results[2])


def test_of_united_records_the_latest_result_stays_whichever_has_it(
    cases: tuple[Case, ...],
) -> None:
    old = _result(cases[0])
    new = replace(_result(cases[0]), date="2026-11-25T00:00:00Z")
    other = _result(cases[1])
    one, two = Record((old, other)), Record((new,))
    for united in (one.union(two), two.union(one)):
        assert set(map(repr, united.results)) == set(map(repr, (new, other)))


def test_what_ran_or_was_parsed_adds_to_a_record(cases: tuple[Case, ...]) -> None:
    old = Record((), (_syntax("passed"),))
    for verdict in ("passed", "failed", "skipped"):
        assert Record((_result(cases[0], verdict),)).adds_to(old)
    assert Record((), (_syntax("failed"),)).adds_to(old)
    assert not Record((_result(cases[0], "skipped", None),), old.syntax).adds_to(old)


# On disk


def _full(cases: tuple[Case, ...]) -> Record:
    python = replace(SAMPLE, language="python")
    results = [*_passed(cases), *(replace(r, sample=python) for r in _passed(cases))]
    results += [_result(case, "passed", replace(RUBY_3, version="4.0.0")) for case in cases]
    return Record(tuple(results), (_syntax("passed", "two"), _syntax("passed", "one")))


def _write(root: Path, record: Record, cases: tuple[Case, ...]) -> bytes:
    """Make a record the one on disk, as a run does; return its bytes."""
    digests = dict.fromkeys((result.sample for result in record.results), BYTES)
    current = Current({SAMPLE: BYTES, **digests}, lambda _sample: cases)
    record_files.update(root, current, lambda _old: record)
    return (root / RECORD).read_bytes()


def _read(root: Path, cases: tuple[Case, ...]) -> Record:
    return record_files.read(root).record(lambda _sample: cases)


def test_a_record_that_is_written_is_read_back(tmp_path: Path, cases: tuple[Case, ...]) -> None:
    record = _full(cases)
    _write(tmp_path, record, cases)
    back = _read(tmp_path, cases)
    assert set(map(repr, back.results)) == set(map(repr, record.results))
    assert set(back.syntax) == set(record.syntax)


def test_a_record_has_one_sorted_line_for_each_sample_and_toolchain(
    tmp_path: Path, cases: tuple[Case, ...]
) -> None:
    record = _full(cases)
    text = _write(tmp_path, record, cases).decode()
    rows = [json.loads(line.rstrip(",")) for line in text.splitlines() if '"sample"' in line]
    assert len(rows) == 3 + len(record.syntax)
    places = [(row["sample"], row["version"]) for row in rows if "runtime" in row]
    assert places == [
        ("list-users/library/python", "3.1.2"),
        ("list-users/library/ruby", "3.1.2"),
        ("list-users/library/ruby", "4.0.0"),
    ]
    assert [row["parser"] for row in rows if "parser" in row] == ["one", "two"]
    assert json.loads(text).keys() == {"form", "rows", "syntax"}


def test_the_order_in_which_results_came_leaves_no_trace(
    tmp_path: Path, cases: tuple[Case, ...]
) -> None:
    record = _full(cases)
    one = _write(tmp_path, record, cases)
    shuffled = list(record.results)
    random.Random(1).shuffle(shuffled)  # noqa: S311 - an order, not a secret
    two = _write(tmp_path, Record(tuple(shuffled), record.syntax[::-1]), cases)
    three = _write(tmp_path, _read(tmp_path, cases), cases)
    assert len({one, two, three}) == 1


def test_a_record_that_is_current_is_not_written(tmp_path: Path, cases: tuple[Case, ...]) -> None:
    _write(tmp_path, _full(cases), cases)
    before = (tmp_path / RECORD).stat().st_mtime_ns
    _write(tmp_path, _full(cases), cases)
    assert (tmp_path / RECORD).stat().st_mtime_ns == before


@pytest.mark.parametrize("verdict", ["passed", "failed"])
def test_a_new_result_changes_one_line(
    tmp_path: Path, cases: tuple[Case, ...], verdict: Verdict
) -> None:
    record = _full(cases)
    one = _write(tmp_path, record, cases).splitlines()
    newer = replace(_result(cases[3], verdict), date="2026-11-25T00:00:00Z")
    two = _write(tmp_path, record.union(Record((newer,))), cases).splitlines()
    assert len(one) == len(two)
    (changed,) = [new for old, new in zip(one, two, strict=True) if old != new]
    assert (b'"failed":{"' in changed) == (verdict == "failed")


def test_each_case_that_was_not_run_is_named(tmp_path: Path, cases: tuple[Case, ...]) -> None:
    text = _write(tmp_path, Record(_passed(cases[2:])), cases).decode()
    (row,) = json.loads(text)["rows"]
    assert row["missing"] == [case.name for case in cases[:2]]
    assert {result.case for result in _read(tmp_path, cases).results} == {
        case.name for case in cases[2:]
    }


def test_a_row_says_nothing_of_other_cases(tmp_path: Path, cases: tuple[Case, ...]) -> None:
    _write(tmp_path, Record(_passed(cases)), cases)
    changed = replace(cases[0], digest="c" * 64)
    for others in (cases[1:], (changed, *cases[1:]), (*cases, changed), ()):
        assert _read(tmp_path, others) == Record()
    # Their order says nothing.
    assert len(_read(tmp_path, cases[::-1]).results) == len(cases)


def test_where_there_is_no_record_nothing_is_proved(tmp_path: Path) -> None:
    assert _read(tmp_path, ()) == Record()
    _write(tmp_path, Record(), ())
    assert _read(tmp_path, ()) == Record()


def test_a_record_that_cannot_be_written_is_a_fault_of_the_machine(tmp_path: Path) -> None:
    samples = tmp_path / RECORD
    samples.parent.mkdir(parents=True)
    (tmp_path / ".outside").mkdir()
    samples.symlink_to(tmp_path / ".outside/nowhere/proof.json")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tabproof.system.files._replace", _no_space)
        with pytest.raises(MachineError, match=r"proof\.json: cannot be written: No space left"):
            _write(tmp_path, Record(), ())


def _no_space(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_row_where_all_passed_takes_less_than_300_bytes(pristine: Path) -> None:
    catalog = catalog_reader.load(pristine)
    find_cases = case_finder(catalog)
    sizes = {}
    for sample in Renderer(catalog).all():
        for toolchain in catalog.languages[sample.key.language].data.toolchains:
            variant = sample.key.variant
            if variant not in toolchain.variants:
                continue
            named = (
                name
                for name, each in toolchain.libraries.items()
                if variant in each.variants and not each.builds
            )
            box = ToolchainVersions(
                toolchain.runtime, "10.0.401", dict.fromkeys(named, "10.20.3"), "bubblewrap"
            )
            passed = (
                Result(sample.key, case.name, "passed", "", sample.digest, case.digest, box, DATE)
                for case in find_cases(sample.key)
            )
            content = proof_rows.proof_file_of(Record(tuple(passed)), find_cases)
            (row,) = content.rows
            sizes[f"{row.sample} {row.runtime}"] = len(msgspec.json.encode(row))
    assert {name: size for name, size in sizes.items() if size >= 300} == {}
    assert len(sizes) >= 28


# Any set of results

KEYS = SAMPLE, replace(SAMPLE, variant="stdlib"), replace(SAMPLE, scenario="orders")
NAMED = tuple(records.case_named(name, f"digest of {name}") for name in ("success", "hang", "cut"))
BOXES = (
    *(RUBY_3, replace(RUBY_3, version="3.1.9"), replace(RUBY_3, version="3.2.1")),
    *(replace(RUBY_3, isolation="rebased"), replace(RUBY_3, libraries={})),
)
DATES = st.integers(1, 4).map(lambda day: f"2026-11-0{day}T00:00:00Z")
FAILURES = st.builds(Failure, date=DATES, reason=st.sampled_from(("one", 'other \x1b[31m\n"}')))


@st.composite
def _results(
    draw: st.DrawFn, keys: Sequence[SampleKey] = KEYS, cases: Sequence[Case] = NAMED
) -> Result:
    """Return a result of these samples and cases."""
    case, failure = draw(st.sampled_from(cases)), draw(FAILURES)
    failed = draw(st.booleans())
    return Result(
        draw(st.sampled_from(keys)),
        case.name,
        "failed" if failed else "passed",
        failure.reason if failed else "",
        BYTES,
        case.digest,
        draw(st.sampled_from(BOXES)),
        failure.date if failed else draw(DATES),
        None if failed else draw(st.none() | FAILURES),
    )


RECORDS = st.lists(_results(), max_size=12).map(lambda results: Record().union(Record((*results,))))
RIVALS = st.lists(_results(KEYS[:1], NAMED[:1]), max_size=3).map(
    lambda results: Record().union(Record((*results,)))
)
"""Records of one sample in one case: they have many runs in common."""


def _sorted(record: Record) -> list[str]:
    return sorted(map(repr, record.results))


def _rewritten(record: Record) -> Record:
    """Return what is read back of a record that was written."""
    content = proof_rows.encode(proof_rows.proof_file_of(record, lambda _sample: NAMED))
    decoded = msgspec.json.decode(content, type=proof_rows.ProofFile)
    return decoded.record(lambda _sample: NAMED)


def _without_dates_of_passes(record: Record) -> Record:
    """Leave out when each case passed: a row has one date, that of its latest run."""
    results = (r if r.verdict == "failed" else replace(r, date="") for r in record.results)
    return Record(tuple(results))


@settings(max_examples=300, deadline=None)
@given(RECORDS)
def test_rows_hold_every_result(record: Record) -> None:
    back = _rewritten(record)
    assert _sorted(_without_dates_of_passes(back)) == _sorted(_without_dates_of_passes(record))
    # No row says that a sample passed later than anything of it was run.
    latest = max((result.date for result in record.results), default="")
    assert all(result.date <= latest for result in back.results)
    assert _sorted(_rewritten(back)) == _sorted(back)


@settings(max_examples=300, deadline=None)
@given(RECORDS)
def test_rows_are_sorted_and_take_one_line_each(record: Record) -> None:
    content = proof_rows.proof_file_of(record, lambda _sample: NAMED)
    lines = proof_rows.encode(content).decode().split("\n")
    rows = [json.loads(line.rstrip(",")) for line in lines if line.startswith('{"sample"')]
    assert len(rows) == len(content.rows)
    places = [
        (row["sample"].split("/"), row["runtime"], row["version"], row.get("isolation", ""))
        for row in rows
    ]
    assert places == sorted(places, key=lambda place: (*place[:3], place[3] or "bubblewrap"))


def _rival(date: str, failed: str = "", knows: str = "") -> Record:
    """Return a result of one run: failed, or passed after the failure of a date."""
    known = Failure(knows, "one") if knows else None
    passed = Result(*(SAMPLE, "success", "passed", ""), *(BYTES, NAMED[0].digest, RUBY_3, date))
    verdict: Verdict = "failed" if failed else "passed"
    return Record((replace(passed, verdict=verdict, reason=failed, earlier_failure=known),))


@example(
    _rival("2026-11-06T00:00:00Z", knows="2026-11-05T00:00:00Z"),
    _rival("2026-11-03T00:00:00Z", "one"),
    _rival("2026-11-09T00:00:00Z", knows="2026-11-02T00:00:00Z"),
)
@settings(max_examples=1000, deadline=None)
@given(RIVALS, RIVALS, RIVALS)
def test_union_is_commutative_associative_and_idempotent(a: Record, b: Record, c: Record) -> None:
    assert _sorted(a.union(b)) == _sorted(b.union(a))
    assert _sorted(a.union(b).union(c)) == _sorted(a.union(b.union(c))) == _sorted(a.union(b, c))
    assert _sorted(a.union(a)) == _sorted(a)
    assert _sorted(a.union(b).union(b)) == _sorted(a.union(b))


@settings(max_examples=300, deadline=None)
@given(RIVALS, RIVALS)
def test_of_united_records_no_failure_is_lost_that_no_pass_knows_of(a: Record, b: Record) -> None:
    united = {result.run: result for result in a.union(b).results}
    assert united.keys() == {result.run for result in (*a.results, *b.results)}
    for result in (*a.results, *b.results):
        kept = united[result.run]
        if result.verdict == "failed":
            assert kept.verdict == "failed" or kept.earlier_failure
        elif result.earlier_failure and kept.verdict == "passed":
            assert kept.earlier_failure, "the label flaky is gone"
        if kept.failure:
            failures = [r.failure for r in (*a.results, *b.results) if r.run == result.run]
            assert kept.failure in failures
            assert kept.failure.date == max(each.date for each in failures if each)


# The record and the command line


def _rewrite(project: Path, **change: object) -> None:
    """Change the row of one sample by hand."""
    content = json.loads((project / RECORD).read_bytes())
    rows = [row | change if row["sample"] == SAMPLE.name else row for row in content["rows"]]
    assert rows != content["rows"]
    (project / RECORD).write_text(json.dumps(content | {"rows": rows}), encoding="utf-8")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"form": 2, "rows": [{"sample": "list-users/stdlib/ruby"}], "syntax": []}',
        b'{"rows": [], "syntax": []}',
        b"\xff",
    ],
    ids=["empty", "list", "half-a-row", "no-form", "no-utf-8"],
)
def test_a_record_that_is_none_is_reported_in_one_line(
    content: bytes, project: Path, tabproof: Run
) -> None:
    (project / RECORD).write_bytes(content)
    ended = tabproof("check")
    assert ended.exit_code == 2
    assert ended.stderr.startswith(f"tabproof: {RECORD}: is not a record of results (")
    assert ended.stderr.endswith("; delete it and run `tabproof prove --record`.\n")
    assert ended.stderr.count("\n") == 1


def test_check_passes_when_all_is_current_and_proved(project: Path, tabproof: Run) -> None:
    ended = tabproof("check")
    assert (ended.exit_code, ended.stdout) == (0, "")
    assert (project / RECORD).is_file()


def test_check_names_each_sample_that_is_not_proved(project: Path, tabproof: Run) -> None:
    _rewrite(project, cases="0" * 32)
    ended = tabproof("check")
    assert ended.exit_code == 1
    assert ended.stdout == f"{RUBY}: not proved for its present bytes\n"
    assert ended.stderr == (
        "tabproof: 1 sample is not publishable; run `tabproof prove --record`.\n"
    )


def test_check_names_the_case_that_failed_on_record(project: Path, tabproof: Run) -> None:
    _rewrite(project, failed={"hang": {"date": DATE, "reason": "expected 1; seen 2"}})
    ended = tabproof("check")
    assert ended.exit_code == 1
    assert ended.stdout == f"{RUBY}: failed in case hang: expected 1; seen 2\n"


def test_a_result_invented_for_a_changed_sample_does_not_make_check_pass(
    project: Path, tabproof: Run
) -> None:
    changed = (project / RUBY).read_bytes().replace(b"now + 3600", b"(now + 3600) * 1000")
    assert changed != (project / RUBY).read_bytes()
    (project / RUBY).write_bytes(changed)
    _rewrite(project, bytes=tree.sha256_of(changed))
    ended = tabproof("check")
    assert ended.exit_code == 1
    assert ended.stdout == f"{RUBY}: changed, edited by hand\n"


def test_a_result_invented_for_a_changed_sample_and_manifest_does_not_make_check_pass(
    project: Path, tabproof: Run
) -> None:
    plain = (project / RUBY).read_bytes()
    changed = plain.replace(b"now + 3600", b"(now + 3600) * 1000")
    (project / RUBY).write_bytes(changed)
    _rewrite(project, bytes=tree.sha256_of(changed))
    manifest = project / "samples/manifest.json"
    text = manifest.read_text(encoding="utf-8")
    assert tree.sha256_of(plain) in text
    forged = text.replace(tree.sha256_of(plain), tree.sha256_of(changed))
    manifest.write_text(forged, encoding="utf-8")
    ended = tabproof("check")
    assert ended.exit_code == 1
    assert ended.stdout == f"{RUBY}: changed\nsamples/manifest.json: changed\n"


def test_the_results_of_before_do_not_prove_a_regenerated_sample(
    project: Path, tabproof: Run
) -> None:
    template = project / "templates/ruby/step-request.rb.jinja"
    text = template.read_text(encoding="utf-8")
    template.write_text(text.replace("puts response.body", "puts(response.body)"), encoding="utf-8")
    assert tabproof("generate").exit_code == 0
    ended = tabproof("check")
    assert ended.exit_code == 1
    assert ended.stdout.count(": not proved for its present bytes\n") == 4
