from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest
from click.testing import Result as Ended
from tests import records

from tabproof.model.catalog import Catalog
from tabproof.model.result import Result, SyntaxResult, ToolchainVersions, Verdict
from tabproof.model.sample import SampleKey
from tabproof.proof.outcome import Problem
from tabproof.proof.reports import formats, github, html, junit
from tabproof.proof.reports import json as as_json
from tabproof.proof.reports.report_data import Report, SampleReport
from tabproof.samples.record import Record

RUBY = SampleKey("list-users", "library", "ruby")
SHARP = SampleKey("list-users", "library", "csharp")
RUBY_PATH, SHARP_PATH = "list-users/library/list_users.rb", "list-users/library/ListUsers.cs"
BOX = ToolchainVersions("ruby", "3.1.2", {"ruby-jwt": "2.5.0"}, "rebased")
DATE = "2026-11-25T00:00:00Z"
ODD = "expected a, b: 100%; seen <c> & \x1b[31m\nd"
replace = msgspec.structs.replace


def result(case: str, verdict: Verdict, reason: str = "") -> Result:
    return Result(RUBY, case, verdict, reason, "d", "c", BOX, DATE)


@pytest.fixture
def report() -> Report:
    """One sample that failed in one case, and one that was not run but parsed."""
    failed = (result("success", "passed"), result("hang", "failed", ODD))
    skipped = replace(
        result("success", "skipped", "dotnet is not installed"), sample=SHARP, toolbox=None
    )
    said = SyntaxResult(SHARP, "d", "tree-sitter", "passed", "", DATE)
    return Report(
        (
            SampleReport(RUBY, RUBY_PATH, "d", (BOX,), failed),
            SampleReport(SHARP, SHARP_PATH, "d", (), (skipped,), (said,)),
        ),
        (Problem(RUBY, f"samples/{RUBY_PATH}:42", ("hang", "tokyo"), ODD),),
    )


def test_json_tells_each_result_with_its_reason_and_each_problem_with_its_line(
    report: Report, catalog: Catalog
) -> None:
    told = json.loads(as_json.text(report, catalog))
    assert told["summary"] == {
        "samples": 2,
        "passed": 1,
        "failed": 1,
        "skipped": 1,
        "on_record": 0,
    }
    ruby, sharp = told["samples"]
    assert (ruby["file"], ruby["language"]) == (f"samples/{RUBY_PATH}", "ruby")
    assert ruby["toolchains"][0]["isolation"] == "rebased"
    assert [(r["case"], r["verdict"], r["reason"]) for r in ruby["results"]] == [
        ("success", "passed", ""),
        ("hang", "failed", ODD),
    ]
    assert sharp["results"][0]["reason"] == "dotnet is not installed"
    assert told["problems"] == [
        {
            "file": f"samples/{RUBY_PATH}",
            "line": 42,
            "cases": ["hang", "tokyo"],
            "message": ODD,
        }
    ]


def test_junit_has_a_suite_for_each_sample_and_skipped_ones_say_why(
    report: Report, catalog: Catalog
) -> None:
    root = ET.fromstring(junit.text(report, catalog))  # noqa: S314 - we made it
    assert root.attrib == {"tests": "3", "failures": "1", "errors": "0", "skipped": "1"}
    ruby, sharp = root.findall("testsuite")
    assert (ruby.get("name"), ruby.get("tests")) == ("list-users/library/ruby", "2")
    toolchain = ruby.find("properties/property")
    assert toolchain is not None
    assert toolchain.get("value") == "ruby 3.1.2, ruby-jwt 2.5.0, rebased"
    failure = ruby.find("testcase[@name='hang']/failure")
    assert failure is not None
    # An escape character can be in no XML document.
    assert failure.get("message") == ODD.replace("\x1b", "\\x1b")
    skipped = sharp.find("testcase/skipped")
    assert skipped is not None
    assert skipped.get("message") == "dotnet is not installed"


def test_junit_counts_what_a_parser_refused_and_never_what_it_praised(
    report: Report, catalog: Catalog
) -> None:
    ruby, sharp = report.accounts
    faulty = replace(sharp.syntax[0], verdict="failed", reason="line 3: `;` is missing")
    spoilt = replace(report, accounts=(ruby, replace(sharp, syntax=(faulty,))))
    root = ET.fromstring(junit.text(spoilt, catalog))  # noqa: S314 - we made it
    assert (root.get("tests"), root.get("failures")) == ("4", "2")
    names = {case.get("name") for case in root.iter("testcase")}
    assert "tree-sitter" in names
    assert "tree-sitter" not in junit.text(report, catalog)


def test_github_marks_the_line_of_each_fault_and_escapes_what_its_syntax_needs(
    report: Report, catalog: Catalog
) -> None:
    error, notice = github.text(report, catalog).splitlines()
    assert error == (
        f"::error file=samples/{RUBY_PATH},line=42,title=hang (and 1 more case)::"
        "expected a, b: 100%25; seen <c> & \x1b[31m%0Ad"
    )
    assert notice == (
        f"::notice file=samples/{SHARP_PATH},title=list-users/library/csharp::"
        "not run: dotnet is not installed; well formed by tree-sitter"
    )


def test_html_is_one_document_with_a_matrix_and_the_problems(
    report: Report, catalog: Catalog
) -> None:
    text = html.text(report, catalog)
    assert text.startswith("<!doctype html>\n<html lang=")
    assert text.count("<table>") == 1
    assert "2 samples: 1 passed, 1 failed, 1 skipped" in text
    assert "&lt;c&gt; &amp;" in text
    assert "<c>" not in text
    assert "http" not in text.partition("<body>")[0]  # it loads nothing from elsewhere


# On the command line


def test_the_record_is_reported_without_a_run(
    project: Path, tabproof: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tabproof.sandbox.batch_runner.run_batch", lambda *_: pytest.fail("it ran"))
    count = len(records.read_record(project).results)
    ended = tabproof("report", "--format", "json")
    assert ended.exit_code == 0
    assert json.loads(ended.stdout)["summary"]["passed"] == count
    assert f"{count} passed, 0 failed, 0 skipped" in ended.stderr
    assert f"{count} passed, 0 failed, 0 skipped" in tabproof("report").stdout


def test_only_what_speaks_of_the_present_samples_is_reported(
    project: Path, tabproof: Callable[..., Ended]
) -> None:
    file = project / "samples" / RUBY_PATH
    file.write_text(file.read_text() + "# changed\n")
    told = json.loads(tabproof("report", "--format", "json").stdout)
    (ruby,) = [s for s in told["samples"] if s["file"] == f"samples/{RUBY_PATH}"]
    assert ruby["results"] == []
    assert "not run: no run is on record" in tabproof("report").stdout


BEGINNINGS = {"json": "{", "junit": "<?xml", "github": "", "html": "<!doctype html>"}


@pytest.mark.parametrize("form", formats.OF_THE_RECORD[1:])
def test_a_format_for_programs_is_alone_on_stdout(
    tabproof: Callable[..., Ended], form: str
) -> None:
    ended = tabproof("report", "--format", form)
    assert ended.stderr.startswith("28 samples: ")
    assert ended.stdout.startswith(BEGINNINGS[form])
    assert "28 samples: " not in ended.stdout.replace("<p>28 samples: ", "")


@pytest.mark.parametrize("form", formats.OF_A_RUN[1:])
def test_a_run_is_reported_in_the_same_formats(tabproof: Callable[..., Ended], form: str) -> None:
    chosen = ("--language", "ruby", "--case", "unset-api_key", "--scenario", "list-users")
    ended = tabproof("prove", *chosen, "--format", form)
    assert ended.stderr.startswith("2 samples: ")
    assert ended.stdout.startswith(BEGINNINGS[form])


def test_a_page_is_made_of_the_record_alone(tabproof: Callable[..., Ended]) -> None:
    ended = tabproof("prove", "--format", "html")
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "'html' is not one of 'table', 'json', 'junit', 'github'" in ended.stderr


@pytest.mark.parametrize("form", formats.OF_THE_RECORD)
def test_a_format_is_the_module_of_its_name(form: str) -> None:
    module = import_module(f"tabproof.proof.reports.{form}")
    assert callable(module.text)


def test_a_failure_on_record_is_a_problem_of_the_report(
    project: Path, tabproof: Callable[..., Ended]
) -> None:
    known = records.read_record(project)
    first = replace(known.results[0], verdict="failed", reason="expected a; seen b")
    records.write_record(project, Record((first, *known.results[1:])))
    ended = tabproof("report", "--format", "github")
    assert ended.stdout.count("::error file=samples/") == 1
    assert "::expected a; seen b" in ended.stdout
