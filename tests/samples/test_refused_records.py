"""Check that a record of another version, or of another time, proves nothing and is not lost."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from click.testing import Result as Ended
from tests import records
from tests.samples.conftest import Invented

from tabproof.cli import main
from tabproof.samples import record_files
from tabproof.samples.record import Record
from tabproof.samples.record_files import CACHE, RECORD
from tabproof.sandbox import isolation_choice

Tabproof = Callable[..., Ended]
OLD_FORM = b"""{"results": [
{"sample":{"scenario":"list-users","variant":"stdlib","language":"ruby"},"case":"success",\
"verdict":"passed","reason":"","sample_digest":"a","case_digest":"b","toolbox":null,"date":"c"}
],
"syntax": []}
"""
OLD_MESSAGE = (
    f"tabproof: {RECORD}: was written by an earlier version of Tabproof, and proves nothing to "
    "this one; run `tabproof prove --fresh --record`, which replaces it.\n"
)
READING = [
    ("check",),
    ("report",),
    ("prove",),
    ("prove", "--record"),
    ("prove", "--fresh", "--record", "--case", "success"),
    ("prove", "--fresh", "--record", "--language", "ruby"),
    ("prove", "--fresh", "--record", "--scenario", "list-users"),
    ("prove", "--fresh", "--record", "--variant", "stdlib"),
    ("record", "forget", "list-users/stdlib/ruby"),
    ("prove", "--merge", "other.json"),
]
PAGE = "```tabproof\nscenario: list-users\nvariant: stdlib\nlanguages: [ruby]\n```\n"


@pytest.fixture
def old(project: Path) -> Path:
    """A project whose record an earlier version wrote."""
    shutil.copy(project / RECORD, project / "good.json")
    (project / RECORD).write_bytes(OLD_FORM)
    return project


@pytest.mark.usefixtures("invented")
@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_a_record_in_the_old_form_is_refused_in_one_line_and_stays(
    old: Path, tabproof: Tabproof, command: tuple[str, ...]
) -> None:
    words = [str(old / "good.json") if word == "other.json" else word for word in command]
    ended = tabproof(*words)
    assert (ended.exit_code, ended.stdout, ended.stderr) == (2, "", OLD_MESSAGE)
    assert (old / RECORD).read_bytes() == OLD_FORM


def test_a_fresh_run_of_everything_replaces_a_record_in_the_old_form(
    old: Path, tabproof: Tabproof, invented: Invented
) -> None:
    assert tabproof("prove", "--fresh", "--record").exit_code == 0
    assert tabproof("check").exit_code == 0
    assert {r.verdict for r in records.read_record(old).results} == {"passed"}
    assert len(invented.runs) == len(records.read_record(old).results)


def test_what_a_fresh_run_left_out_would_be_lost_with_a_record_in_the_old_form(
    old: Path, tabproof: Tabproof, invented: Invented
) -> None:
    ended = tabproof("--languages", "ruby", "prove", "--fresh", "--record")
    assert (ended.exit_code, ended.stderr) == (2, OLD_MESSAGE)
    assert (old / RECORD).read_bytes() == OLD_FORM
    assert not invented.runs


@pytest.mark.usefixtures("invented")
def test_where_nothing_can_run_a_record_in_the_old_form_stays(
    old: Path, tabproof: Tabproof, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(isolation_choice, "missing_sandbox", lambda: "bwrap does not work here")
    monkeypatch.setattr(
        "tabproof.project.catalog_reader.packaged_templates", lambda: old / "templates"
    )
    ended = tabproof("prove", "--fresh", "--record", "--isolation", "bubblewrap")
    assert ended.exit_code in {2, 3}
    assert (old / RECORD).read_bytes() == OLD_FORM


def test_an_interrupted_run_leaves_a_record_in_the_old_form(
    old: Path, tabproof: Tabproof, invented: Invented
) -> None:
    def interrupted(_sample: str, _case: str) -> bool:
        raise KeyboardInterrupt

    invented.fails = interrupted
    assert tabproof("prove", "--fresh", "--record").exit_code == 130
    assert (old / RECORD).read_bytes() == OLD_FORM


def test_a_page_of_a_project_with_a_record_in_the_old_form_is_refused_in_one_line(
    old: Path,
) -> None:
    (old / "page.md").write_text(PAGE, encoding="utf-8")
    ended = CliRunner().invoke(
        main, ["--root", str(old), "expand", "--format", "gfm", str(old / "page.md")]
    )
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "was written by an earlier version of Tabproof" in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "content",
    [
        b'{"form": 3, "rows": [], "syntax": []}',
        b'{"form": 3, "skeletons": [{"digest": "a"}], "syntax": []}',
        b'{"form": 3, "rows": [{"sample": 1}], "syntax": []}',
    ],
)
def test_a_record_of_a_later_version_is_named_as_such(
    project: Path, tabproof: Tabproof, content: bytes
) -> None:
    (project / RECORD).write_bytes(content)
    ended = tabproof("check")
    assert ended.exit_code == 2
    assert ended.stderr == (
        f"tabproof: {RECORD}: was written by a later version of Tabproof; install that version.\n"
    )


# Dates in the future


def _postdate(project: Path) -> None:
    content = (project / RECORD).read_bytes()
    changed = content.replace(b'"date":"2026', b'"date":"2999', 1)
    assert changed != content
    (project / RECORD).write_bytes(changed)


@pytest.mark.usefixtures("invented")
@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_a_date_in_the_future_is_refused_in_one_line(
    project: Path, tabproof: Tabproof, command: tuple[str, ...]
) -> None:
    shutil.copy(project / RECORD, project / "good.json")
    _postdate(project)
    before = (project / RECORD).read_bytes()
    words = [str(project / "good.json") if word == "other.json" else word for word in command]
    ended = tabproof(*words)
    assert (ended.exit_code, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert f"{RECORD}: has results of 2999-11-24T00:00:00Z, which is in the future" in ended.stderr
    assert (project / RECORD).read_bytes() == before


@pytest.mark.parametrize("key", ["failed", "flaky"])
def test_a_failure_in_the_future_is_refused_too(
    project: Path, tabproof: Tabproof, key: str
) -> None:
    text = (project / RECORD).read_text(encoding="utf-8")
    failure = f'"{key}":{{"hang":{{"date":"2999-01-01","reason":"r"}}}}'
    changed = re.sub(r'("date":"[^"]+")', rf"\1,{failure}", text, count=1)
    (project / RECORD).write_text(changed, encoding="utf-8")
    assert "has results of 2999-01-01, which is in the future" in tabproof("check").stderr


@pytest.mark.usefixtures("invented")
@pytest.mark.parametrize("date", ["", "2026-11-24", "2026-02-31T00:00:00Z", "2026-1-1T00:00:00Z"])
def test_a_text_that_is_not_a_date_is_refused_and_the_advice_mends_it(
    project: Path, tabproof: Tabproof, date: str
) -> None:
    text = (project / RECORD).read_text(encoding="utf-8")
    changed = re.sub(r'"date":"[^"]+"', f'"date":"{date}"', text, count=1)
    (project / RECORD).write_text(changed, encoding="utf-8")
    ended = tabproof("check")
    assert (ended.exit_code, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert f"{RECORD}: has results of {date!r}, which is not a date" in ended.stderr
    (advice,) = re.findall(r"`tabproof ([^`]+)`", ended.stderr)
    assert tabproof(*advice.split()).exit_code == 0
    assert tabproof("check").exit_code == 0


@pytest.mark.usefixtures("invented")
def test_what_the_message_about_the_future_advises_mends_it(
    project: Path, tabproof: Tabproof
) -> None:
    _postdate(project)
    message = tabproof("check").stderr
    (advice,) = re.findall(r"`tabproof ([^`]+)`", message)
    assert tabproof(*advice.split()).exit_code == 0, message
    assert tabproof("check").exit_code == 0


@pytest.mark.usefixtures("invented")
def test_results_of_a_clock_that_was_wrong_do_not_make_the_record_unreadable(
    project: Path, tabproof: Tabproof
) -> None:
    results = records.read_record(project).results
    future = (
        msgspec.structs.replace(r, date="2999-01-01T00:00:00Z")
        for r in results
        if r.sample.language == "ruby"
    )
    (project / CACHE).parent.mkdir(exist_ok=True)
    (project / CACHE).write_bytes(msgspec.json.encode(Record(tuple(future))))
    assert tabproof("prove", "--record").exit_code == 0
    assert tabproof("check").exit_code == 0
    assert max(record_files.read(project).dates) < "2999"
