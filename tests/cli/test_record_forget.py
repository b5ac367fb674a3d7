"""`tabproof record forget` removes all that is on record of a sample, where everybody sees it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
from click.testing import Result as Ended
from tests.records import read_record, write_record

from tabproof.samples.record import Record
from tabproof.samples.record_files import CACHE, RECORD

Tabproof = Callable[..., Ended]
SAMPLE = "list-users/stdlib/ruby"


def _let_it_fail(project: Path) -> None:
    """Put a failure of the sample on record, and into the cache."""
    results = tuple(
        msgspec.structs.replace(result, verdict="failed", reason="expected 1; seen 2")
        if result.sample.name == SAMPLE and result.case == "hang"
        else result
        for result in read_record(project).results
    )
    write_record(project, Record(results))
    own = tuple(result for result in results if result.sample.name == SAMPLE)
    (project / CACHE).write_bytes(msgspec.json.encode(Record(own)))


def test_a_failure_is_forgotten_with_all_results_of_its_sample(
    project: Path, tabproof: Tabproof
) -> None:
    _let_it_fail(project)
    assert "failed in case hang" in tabproof("check").stdout
    before = (project / RECORD).read_text(encoding="utf-8").splitlines()
    ended = tabproof("record", "forget", SAMPLE)
    assert (ended.exit_code, ended.stdout) == (0, "")
    assert ended.stderr == "removed what was on record of 1 sample\n"
    after = (project / RECORD).read_text(encoding="utf-8").splitlines()
    assert [line for line in before if f'"{SAMPLE}"' not in line] == after
    assert json.loads((project / CACHE).read_bytes())["results"] == []
    ended = tabproof("check")
    assert ended.exit_code == 1
    assert ended.stdout.endswith("list_users.rb: not proved for its present bytes\n")


def test_a_sample_of_which_nothing_is_on_record_is_refused(
    project: Path, tabproof: Tabproof
) -> None:
    before = (project / RECORD).read_bytes()
    ended = tabproof("record", "forget", SAMPLE, "list-users/stdlib/rubi")
    assert ended.exit_code == 2
    assert ended.stderr.startswith(
        "tabproof: list-users/stdlib/rubi: nothing is on record of it; choose list-users/stdlib/"
    )
    assert ended.stderr.count("\n") == 1
    assert (project / RECORD).read_bytes() == before
