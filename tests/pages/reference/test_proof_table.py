from __future__ import annotations

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest
from markdown import Markdown

from tabproof.model.case import Case
from tabproof.model.catalog import Catalog
from tabproof.model.isolation import REBASED, unsupported_reason
from tabproof.model.language import VARIANTS
from tabproof.model.result import Result, SyntaxResult, ToolchainVersions, Verdict
from tabproof.model.sample import SampleKey
from tabproof.pages.extension import FenceError
from tabproof.pages.reference import proof_table
from tabproof.pages.reference.proof_table import ProofTable
from tabproof.project.cases import cases_for_language, cases_of
from tabproof.project.catalog_reader import load
from tabproof.samples.record import Record

ROOT = Path(__file__).parents[3]
NODE = SampleKey("list-users", "stdlib", "node")
BOX = ToolchainVersions("node", "20.1.0", {}, "bubblewrap")
DATE = "2026-11-25T08:00:00Z"
replace = msgspec.structs.replace


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load(ROOT)


@pytest.fixture(scope="module")
def cases(catalog: Catalog) -> tuple[Case, ...]:
    return cases_of(catalog.scenarios["list-users"], catalog.cases)


def result(
    case: Case, verdict: Verdict, reason: str = "", box: ToolchainVersions | None = BOX
) -> Result:
    return Result(NODE, case.name, verdict, reason, "d", case.digest, box, DATE)


def made(
    catalog: Catalog,
    cases: tuple[Case, ...],
    *results: Result,
    syntax: tuple[SyntaxResult, ...] = (),
) -> ProofTable:
    digests = {
        SampleKey(scenario, variant, language): "d"
        for scenario in catalog.scenarios
        for variant in VARIANTS
        for language in catalog.languages
    }
    scenario = catalog.scenarios["list-users"]
    # The digest of a result is that of the case for its language.
    shared = {case.digest: case.name for case in cases}
    own = {c.name: c.digest for c in cases_for_language(catalog.languages["node"], cases)}
    on_record = (
        replace(r, case_digest=own[shared[r.case_digest]]) if r.case_digest in shared else r
        for r in results
    )
    return proof_table.proof_table(
        scenario, cases, catalog.languages, digests, Record(tuple(on_record), syntax)
    )


def cell(table: ProofTable, case: str = "success") -> tuple[str, str]:
    found = table.cells[case, NODE]
    return found.outcome, found.reason


def test_there_is_a_row_for_each_case_and_a_column_for_each_sample_of_the_scenario(
    catalog: Catalog, cases: tuple[Case, ...]
) -> None:
    table = made(catalog, cases)
    assert [case.name for case in table.cases] == [case.name for case in cases]
    titles = [language.data.title for language in catalog.languages.values()]
    assert [column.title for column in table.columns[::2]] == titles
    assert [column.key.variant for column in table.columns[:2]] == list(VARIANTS)
    assert len(table.cells) == len(cases) * 2 * len(catalog.languages)


def test_each_cell_says_what_became_of_it_and_why(
    catalog: Catalog, cases: tuple[Case, ...]
) -> None:
    case = next(case for case in cases if case.name == "success")
    box = replace(BOX, isolation=REBASED)
    expectations: list[tuple[tuple[Result, ...], str, str]] = [
        ((result(case, "passed"),), "passed", "node 20.1.0; 2026-11-25"),
        ((result(case, "failed", "it hung"),), "failed", "node 20.1.0; 2026-11-25; it hung"),
        ((result(case, "skipped", "no node", None),), "skipped", "no node"),
        ((result(case, "passed", box=box),), "rebased", "node 20.1.0, rebased; 2026-11-25"),
        ((), "skipped", "no result for these bytes"),
        ((replace(result(case, "passed"), sample_digest="old"),), "skipped", "no result for these"),
        ((replace(result(case, "passed"), case_digest="old"),), "skipped", "no result for these"),
        # One machine's failure is not outweighed by another's success.
        ((result(case, "passed", box=box), result(case, "failed", "x")), "failed", "node 20.1.0"),
        ((result(case, "passed", box=box), result(case, "passed")), "passed", "node 20.1.0"),
    ]
    for results, outcome, words in expectations:
        found = cell(made(catalog, cases, *results))
        assert found[0] == outcome
        assert found[1].startswith(words)


def test_what_a_parser_said_is_no_pass(catalog: Catalog, cases: tuple[Case, ...]) -> None:
    said = SyntaxResult(NODE, "d", "node --check", "passed", "", DATE)
    table = made(catalog, cases, syntax=(said,))
    assert cell(table) == ("skipped", "not run; well formed by node --check")
    faulty = replace(said, verdict="failed", reason="line 3")
    table = made(catalog, cases, syntax=(faulty,))
    assert cell(table) == ("failed", "node --check: line 3")


def test_what_cannot_be_rebased_says_so(catalog: Catalog, cases: tuple[Case, ...]) -> None:
    impossible = next(case for case in cases if unsupported_reason(case, REBASED))
    success = next(case for case in cases if case.name == "success")
    passed = result(success, "passed", box=replace(BOX, isolation=REBASED))
    outcome, words = cell(made(catalog, cases, passed), impossible.name)
    assert (outcome, words) == ("skipped", unsupported_reason(impossible, REBASED))


def test_a_case_of_other_languages_is_not_asked(catalog: Catalog, cases: tuple[Case, ...]) -> None:
    other = next(case for case in cases if case.languages and "node" not in case.languages)
    assert cell(made(catalog, cases), other.name) == ("absent", "not a case for Node")


class Table(HTMLParser):
    """The cells of a table: tag, attributes, text; fails on tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.cells: list[tuple[str, dict[str, str | None], str]] = []
        self.titles: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        given = dict(attrs)
        if tag in ("th", "td"):
            self.cells.append((tag, given, ""))
        if tag == "abbr":
            self.titles.append(given["title"] or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"th", "td"} & set(self.open):
            tag, given, text = self.cells[-1]
            self.cells[-1] = tag, given, text + data


def test_the_table_is_accessible(catalog: Catalog, cases: tuple[Case, ...]) -> None:
    case = cases[0]
    text = proof_table.html(made(catalog, cases, result(case, "failed", 'a "<b>" & c')))
    table = Table(text)
    heads = [given for tag, given, _text in table.cells if tag == "th"]
    assert {given["scope"] for given in heads} == {"col", "colgroup", "row"}
    assert text.count("<caption>") == 1
    # Colour is not the only sign: every outcome has a mark of its own, and every cell its reason.
    marks = [text for tag, _given, text in table.cells if tag == "td"]
    assert "✗ failed" in marks
    assert len(set(proof_table.MARKS.values())) == len(proof_table.MARKS)
    assert all(marks)
    assert len(table.titles) == len(marks) + len(cases)
    assert all(table.titles)
    assert any('a "<b>" & c' in title for title in table.titles)


def test_what_did_not_pass_is_said_in_words_below(
    catalog: Catalog, cases: tuple[Case, ...]
) -> None:
    first, second = cases[:2]
    text = proof_table.html(
        made(catalog, cases, result(first, "passed"), result(second, "failed", "x"))
    )
    (note,) = re.findall("<li>(Node, stdlib: .*)</li>", text)
    assert note.startswith(f"Node, stdlib: 1 of {len(_asked(cases, 'node'))} cases passed")
    assert f"<strong>Failed</strong>: {second.name}: node 20.1.0; 2026-11-25; x." in note


def _asked(cases: tuple[Case, ...], language: str) -> list[Case]:
    return [case for case in cases if not case.languages or language in case.languages]


# The fences


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("templates", "samples"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "docs").mkdir()
    return tmp_path


def html(text: str, root: Path) -> str:
    extensions: list[Any] = ["admonition", "toc", "pymdownx.superfences", "tabproof"]
    options = {"tabproof": {"root": str(root)}}
    return Markdown(extensions=extensions, extension_configs=options).convert(text)


def test_the_proof_fence_becomes_a_heading_and_a_table_for_each_scenario(
    project: Path, catalog: Catalog
) -> None:
    page = html("# Proof\n\n```tabproof-proof\n```\n", project)
    for scenario in catalog.scenarios.values():
        assert re.search(rf"<h2 id=[^>]*>{scenario.title}</h2>\s*<p>[^<]*</p>\s*<table>", page)
    assert page.count("<table>") == len(catalog.scenarios)
    assert "<p><table>" not in page


def test_the_cases_fence_lists_every_row_with_its_reason(project: Path, catalog: Catalog) -> None:
    page = html("```tabproof-cases\n```", project)
    rows = re.findall(r'<th scope="row"><code>(.*?)</code></th><td>(.*?)</td>', page)
    assert [name for name, _reason in rows] == [case.name for case in catalog.cases.cases]
    assert all(reason for _name, reason in rows)
    assert f"{len(rows)} rows of templates/cases.yml" in page


def test_a_table_stands_in_an_admonition_too(project: Path) -> None:
    page = html("!!! note\n\n    ```tabproof-cases\n    ```\n\nafter", project)
    assert re.search(r'<div class="admonition note">.*<table>.*</table>\s*</div>', page, re.DOTALL)


@pytest.mark.parametrize("name", ["tabproof-proof", "tabproof-cases"])
def test_a_key_in_these_fences_is_refused_with_its_line(project: Path, name: str) -> None:
    text = f"# Page\n\n```{name}\nscenario: list-users\n```"
    (project / "docs/page.md").write_text(text)
    with pytest.raises(FenceError) as raised:
        html(text, project)
    assert raised.value.message == (
        f"docs/page.md:3: a `{name}` fence has no keys; remove what is in it."
    )


def test_an_example_of_these_fences_is_shown_as_it_is(project: Path) -> None:
    page = html("````text\n```tabproof-proof\n```\n````", project)
    assert "<table>" not in page
    assert "```tabproof-proof" in page


def test_what_is_no_longer_on_record_is_gone_from_the_next_page(project: Path) -> None:
    text = "```tabproof-proof\n```"
    assert '<td class="passed">' in html(text, project)
    (project / "samples/proof.json").unlink()
    assert '<td class="passed">' not in html(text, project)


@pytest.mark.parametrize(("undici", "held"), [("5.15.0", True), ("6.24.1", False)])
def test_a_limit_of_a_runtime_is_the_reason_only_with_the_libraries_that_have_it(
    catalog: Catalog, cases: tuple[Case, ...], undici: str, *, held: bool
) -> None:
    node = catalog.languages["node"].data
    limit = next(each for chain in node.toolchains for each in chain.limits if each.libraries)
    box = ToolchainVersions("node", "18.19.0", {"undici": undici}, "bubblewrap")
    success = next(case for case in cases if case.name == "success")
    table = made(catalog, cases, result(success, "passed", box=box))
    limited = next(case.name for case in cases if limit.covers(case.name))
    words = f"a limit of the runtime: {limit.reason}" if held else "no result for these bytes"
    assert cell(table, limited) == ("skipped", words)
