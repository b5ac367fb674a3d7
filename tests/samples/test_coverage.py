"""What a project proves less than it could is said: by `check`, by reports and on pages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import markdown
import msgspec
import pytest
from click.testing import Result as Ended
from tests.pages.rendered import ALTERNATE, EXTENSIONS, FENCE
from tests.records import TOOLBOX, all_passed, read_record, write_record

from tabproof.project import catalog_reader
from tabproof.render.renderer import Renderer
from tabproof.samples.record import Record

Tabproof = Callable[..., Ended]
CASES = "templates/cases.yml"


def _without_case(project: Path, name: str) -> None:
    text = (project / CASES).read_text(encoding="utf-8")
    changed = re.sub(rf"(?ms)^  - name: {name}\n.*?(?=^  - name: |^  # )", "", text)
    assert changed != text
    (project / CASES).write_text(changed, encoding="utf-8")


def _prove_again(project: Path) -> None:
    """Let the record say that the samples passed all cases that there are now."""
    catalog = catalog_reader.load(project)
    write_record(project, all_passed(catalog, list(Renderer(catalog).all())))


def _skip(project: Path, case: str) -> None:
    """Let the record lack a case of the Ruby samples, as a limit of the runtime does."""
    language = project / "templates/ruby/language.yml"
    text = language.read_text(encoding="utf-8")
    limit = f'      - {{versions: "", cases: [{case}], seen: late, always: false, reason: R.}}\n'
    assert text.count("    limits:\n") == 1
    language.write_text(text.replace("    limits:\n", f"    limits:\n{limit}"), encoding="utf-8")
    _prove_again(project)
    record = read_record(project)
    toolbox = msgspec.structs.replace(TOOLBOX, runtime="ruby")
    results = tuple(
        msgspec.structs.replace(result, toolbox=toolbox)
        for result in record.results
        if not (result.sample.language == "ruby" and result.case == case)
    )
    write_record(project, Record(results))


@pytest.fixture
def own_cases(project: Path, monkeypatch: pytest.MonkeyPatch, root: Path) -> Path:
    """A project whose cases lack one of the packaged ones."""
    monkeypatch.setattr(catalog_reader, "packaged_templates", lambda: root / "templates")
    _without_case(project, "tokyo")
    _prove_again(project)
    return project


def test_check_names_the_cases_that_a_project_replaced(own_cases: Path, tabproof: Tabproof) -> None:
    assert own_cases
    ended = tabproof("check")
    assert ended.exit_code == 0
    assert re.search(
        r"^own cases: templates/cases\.yml has \d+ rows; of Tabproof's cases it lacks tokyo$",
        ended.stderr,
        re.MULTILINE,
    )


def test_every_report_names_the_cases_that_a_project_replaced(
    own_cases: Path, tabproof: Tabproof
) -> None:
    assert own_cases
    assert "it lacks tokyo\n" in tabproof("report").stdout
    assert "it lacks tokyo" in json.loads(tabproof("report", "--format", "json").stdout)["notes"][0]
    assert "it lacks tokyo</p>" in tabproof("report", "--format", "html").stdout


def test_a_page_says_that_the_cases_are_the_sites_own(
    own_cases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(own_cases)
    html = markdown.markdown(FENCE, extensions=EXTENSIONS, extension_configs=ALTERNATE)
    assert re.search(r"in (\d+) of \1 of this site's own cases with", html)
    assert "it lacks tokyo" in markdown.markdown("```tabproof-proof\n```", extensions=EXTENSIONS)


def test_a_case_with_another_expectation_is_not_tabproofs(
    own_cases: Path, tabproof: Tabproof
) -> None:
    text = (own_cases / CASES).read_text(encoding="utf-8")
    changed = text.replace("  refused:\n    exit_status: 1", "  refused:\n    exit_status: 0", 1)
    assert changed != text
    (own_cases / CASES).write_text(changed, encoding="utf-8")
    _prove_again(own_cases)
    line = next(row for row in tabproof("check").stderr.splitlines() if row.startswith("own cases"))
    assert "status-401, status-429, redirect-elsewhere, tokyo, " in line
    assert re.search(r" and \d+ more$", line)


def test_the_packaged_cases_are_nobodys_own(project: Path, tabproof: Tabproof) -> None:
    assert project
    ended = tabproof("check")
    assert ended.stderr == "28 samples are current and publishable\n"


def test_languages_that_are_left_out_are_named(
    project: Path, tabproof: Tabproof, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tabproof("--languages", "ruby,python", "generate").exit_code == 0
    ended = tabproof("--languages", "ruby,python", "check")
    assert "\nleft out by the settings: Node, cURL, PHP, C#, Go\n" in ended.stderr
    report = tabproof("--languages", "ruby,python", "report").stdout
    assert "left out by the settings: Node, cURL, PHP, C#, Go\n" in report
    (project / "tabproof.toml").write_text('languages = ["ruby", "python"]\n', encoding="utf-8")
    monkeypatch.chdir(project)
    page = markdown.markdown("```tabproof-proof\n```", extensions=EXTENSIONS)
    assert "left out by the settings: Node, cURL, PHP, C#, Go" in page


def test_a_sample_that_a_limit_excuses_is_named_with_its_number_of_cases(
    project: Path, tabproof: Tabproof
) -> None:
    _skip(project, "hang")
    for _time in ("first", "settled"):
        ended = tabproof("check")
        assert ended.exit_code == 0, ended.output
        line = ended.stderr.splitlines()[1]
        assert re.match(
            r"not in all of their cases: list-users/library/ruby \((\d+) of (\d+)\), ", line
        )
    skipped = next(row for row in tabproof("report").stdout.splitlines() if "hang" in row)
    assert skipped.endswith("skipped in hang: a limit of the runtime: R.")
