from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from click.testing import Result as Ended

from tabproof.errors import MachineError
from tabproof.model.case import Case
from tabproof.model.command import Probe
from tabproof.model.language import Limit, Toolchain
from tabproof.model.result import Result, SyntaxResult, ToolchainVersions, Verdict
from tabproof.model.sample import SampleKey
from tabproof.project import catalog_reader
from tabproof.project.cases import cases_of
from tabproof.samples import tree
from tabproof.samples.record import RECORD, CurrentDigests, Record, read, write
from tabproof.samples.status import SampleStatus, status_of

Run = Callable[..., Ended]
SAMPLE = SampleKey("list-users", "library", "ruby")
RUBY = "samples/list-users/library/list_users.rb"
BYTES, OTHER_BYTES = "a" * 64, "b" * 64
RUBY_3 = ToolchainVersions("ruby", "3.1.2", {"ruby-jwt": "2.4.1"}, "bubblewrap")
replace = msgspec.structs.replace


@pytest.fixture(scope="module")
def cases(pristine: Path) -> tuple[Case, ...]:
    catalog = catalog_reader.load(pristine)
    return cases_of(catalog.scenarios["list-users"], catalog.cases)


def _result(
    case: Case, verdict: Verdict = "passed", toolbox: ToolchainVersions | None = RUBY_3
) -> Result:
    reason = "" if verdict == "passed" else f"why it {verdict}"
    date = "2026-11-24T08:00:00Z"
    return Result(SAMPLE, case.name, verdict, reason, BYTES, case.digest, toolbox, date)


def _syntax(verdict: Verdict, parser: str = "ruby -wc") -> SyntaxResult:
    return SyntaxResult(SAMPLE, BYTES, parser, verdict, f"{parser} {verdict}", "2026-11-23")


def _passed(cases: tuple[Case, ...]) -> tuple[Result, ...]:
    return tuple(_result(case) for case in cases)


def _current(cases: tuple[Case, ...]) -> CurrentDigests:
    digests = {("list-users", case.name): case.digest for case in cases}
    return CurrentDigests({SAMPLE: BYTES}, digests)


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
        "parsed", "not run; well formed by ruby -wc", (), "2026-11-23", parser="ruby -wc"
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
        pytest.param(replace(RUBY_3, version="3.3.0"), True, id="minor"),
        pytest.param(replace(RUBY_3, libraries={"ruby-jwt": "3.0.0"}), True, id="library"),
        pytest.param(replace(RUBY_3, version="4.0.0"), False, id="major"),
        pytest.param(replace(RUBY_3, runtime="jruby"), False, id="runtime"),
        pytest.param(replace(RUBY_3, isolation="rebased"), False, id="isolation"),
    ],
)
def test_a_renewed_result_replaces_that_of_its_series_and_keeps_the_others(
    toolbox: ToolchainVersions, cases: tuple[Case, ...], *, replaces: bool
) -> None:
    old = Record(_passed(cases[:2]))
    new = _result(cases[0], "failed", toolbox)
    renewed = old.with_run(Record((new,)))
    assert new in renewed.results
    assert old.results[1] in renewed.results
    assert (old.results[0] not in renewed.results) == replaces
    assert len(renewed.results) == (2 if replaces else 3)


@pytest.mark.parametrize("field", ["sample_digest", "case_digest"])
def test_a_result_of_other_bytes_or_another_question_replaces_nothing(
    field: str, cases: tuple[Case, ...]
) -> None:
    old, new = replace(_result(cases[0]), **{field: "b" * 64}), _result(cases[0])
    assert Record((old,)).with_run(Record((new,))).results == (old, new)


@pytest.mark.parametrize("past", ["passed", "failed"])
def test_a_run_that_a_limit_excused_contradicts_what_failed_alone(
    past: Verdict, cases: tuple[Case, ...]
) -> None:
    old, excused = _result(cases[0], past), _result(cases[0], "skipped")
    renewed = Record((old,)).with_run(Record((excused,)))
    assert renewed.results == ((old,) if past == "passed" else (excused,))


def test_a_parser_that_is_missing_contradicts_nothing(cases: tuple[Case, ...]) -> None:
    old = Record(_passed(cases), (_syntax("failed", "one"), _syntax("skipped", "two")))
    missing = Record((), (_syntax("skipped", "one"), replace(_syntax("skipped", "two"), date="9")))
    assert old.with_run(missing).syntax == old.syntax


def test_a_renewed_parse_replaces_that_of_its_parser(cases: tuple[Case, ...]) -> None:
    old = Record(_passed(cases), (_syntax("failed", "one"), _syntax("failed", "two")))
    renewed = old.with_run(Record((), (_syntax("passed", "one"),)))
    assert renewed == Record(_passed(cases), (_syntax("passed", "one"), _syntax("failed", "two")))


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
    unread = CurrentDigests({SAMPLE: BYTES}, {}, frozenset({"list-users"}))
    assert record.within(unread).results == (record.results[0], record.results[2])


def test_of_united_records_the_latest_result_stays_whichever_has_it(
    cases: tuple[Case, ...],
) -> None:
    old = _result(cases[0], "failed")
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


def test_a_record_that_is_written_is_read_back(tmp_path: Path, cases: tuple[Case, ...]) -> None:
    record = _full(cases)
    write(tmp_path, RECORD, record)
    back = read(tmp_path, RECORD)
    assert set(map(repr, back.results)) == set(map(repr, record.results))
    assert set(back.syntax) == set(record.syntax)


def test_a_record_has_one_sorted_line_for_each_result(
    tmp_path: Path, cases: tuple[Case, ...]
) -> None:
    record = _full(cases)
    write(tmp_path, RECORD, record)
    text = (tmp_path / RECORD).read_text(encoding="utf-8")
    rows = [json.loads(line.rstrip(",")) for line in text.splitlines() if '"sample"' in line]
    assert len(rows) == len(record.results) + len(record.syntax)
    places = [
        (*row["sample"].values(), row["case"], row["toolbox"]["version"])
        for row in rows
        if "case" in row
    ]
    assert places == sorted(places)
    assert [row["parser"] for row in rows if "parser" in row] == ["one", "two"]
    assert json.loads(text).keys() == {"results", "syntax"}


def test_the_order_in_which_results_came_leaves_no_trace(
    tmp_path: Path, cases: tuple[Case, ...]
) -> None:
    record = _full(cases)
    write(tmp_path, "one.json", record)
    shuffled = list(record.results)
    random.Random(1).shuffle(shuffled)  # noqa: S311 - an order, not a secret
    write(tmp_path, "two.json", Record(tuple(shuffled), record.syntax[::-1]))
    write(tmp_path, "three.json", read(tmp_path, "two.json"))
    contents = {(tmp_path / f"{name}.json").read_bytes() for name in ("one", "two", "three")}
    assert len(contents) == 1


def test_a_record_that_is_current_is_not_written(tmp_path: Path, cases: tuple[Case, ...]) -> None:
    write(tmp_path, RECORD, _full(cases))
    before = (tmp_path / RECORD).stat().st_mtime_ns
    write(tmp_path, RECORD, _full(cases))
    assert (tmp_path / RECORD).stat().st_mtime_ns == before


def test_a_new_result_changes_one_line(tmp_path: Path, cases: tuple[Case, ...]) -> None:
    record = Record(_passed(cases))
    write(tmp_path, "one.json", record)
    newer = replace(_result(cases[3]), date="2026-11-25T00:00:00Z")
    write(tmp_path, "two.json", record.with_run(Record((newer,))))
    one, two = ((tmp_path / name).read_text().splitlines() for name in ("one.json", "two.json"))
    assert len(one) == len(two)
    assert sum(old != new for old, new in zip(one, two, strict=True)) == 1


def test_where_there_is_no_record_nothing_is_proved(tmp_path: Path) -> None:
    assert read(tmp_path, RECORD) == Record()
    write(tmp_path, RECORD, Record())
    assert read(tmp_path, RECORD) == Record()


def test_a_record_that_cannot_be_written_is_a_fault_of_the_machine(tmp_path: Path) -> None:
    (tmp_path / RECORD).mkdir(parents=True)
    with pytest.raises(MachineError, match="cannot be written"):
        write(tmp_path, RECORD, Record())


# The record and the command line


def _rows(project: Path) -> dict[str, list[dict[str, object]]]:
    rows: dict[str, list[dict[str, object]]] = json.loads((project / RECORD).read_bytes())
    return rows


def _rewrite(project: Path, change: Callable[[dict[str, object]], dict[str, object]]) -> None:
    rows = _rows(project)
    key = {"scenario": "list-users", "variant": "library", "language": "ruby"}
    results = [change(row) if row["sample"] == key else row for row in rows["results"]]
    (project / RECORD).write_text(json.dumps(rows | {"results": results}), encoding="utf-8")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"results": [{"case": "success"}]}',
        b"\xff",
    ],
    ids=["empty", "list", "half-a-result", "no-utf-8"],
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
    _rewrite(project, lambda row: row | {"case_digest": "0" * 64})
    ended = tabproof("check")
    assert ended.exit_code == 1
    assert ended.stdout == f"{RUBY}: not proved for its present bytes\n"
    assert ended.stderr == (
        "tabproof: 1 sample is not publishable; run `tabproof prove --record`.\n"
    )


def test_check_names_the_case_that_failed_on_record(project: Path, tabproof: Run) -> None:
    verdict = {"verdict": "failed", "reason": "expected 1; seen 2"}
    _rewrite(project, lambda row: row | verdict if row["case"] == "hang" else row)
    ended = tabproof("check")
    assert ended.exit_code == 1
    assert ended.stdout == f"{RUBY}: failed in case hang: expected 1; seen 2\n"


def test_a_result_invented_for_a_changed_sample_does_not_make_check_pass(
    project: Path, tabproof: Run
) -> None:
    changed = (project / RUBY).read_bytes().replace(b"now + 3600", b"(now + 3600) * 1000")
    assert changed != (project / RUBY).read_bytes()
    (project / RUBY).write_bytes(changed)
    _rewrite(project, lambda row: row | {"sample_digest": tree.sha256_of(changed)})
    ended = tabproof("check")
    assert ended.exit_code == 1
    assert ended.stdout == f"{RUBY}: changed, edited by hand\n"


def test_a_result_invented_for_a_changed_sample_and_manifest_does_not_make_check_pass(
    project: Path, tabproof: Run
) -> None:
    plain = (project / RUBY).read_bytes()
    changed = plain.replace(b"now + 3600", b"(now + 3600) * 1000")
    (project / RUBY).write_bytes(changed)
    _rewrite(project, lambda row: row | {"sample_digest": tree.sha256_of(changed)})
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
    template = project / "templates/ruby/sample.rb.jinja"
    text = template.read_text(encoding="utf-8")
    template.write_text(text.replace("puts response.body", "puts(response.body)"), encoding="utf-8")
    assert tabproof("generate").exit_code == 0
    ended = tabproof("check")
    assert ended.exit_code == 1
    assert ended.stdout.count(": not proved for its present bytes\n") == 4
