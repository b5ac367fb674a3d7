"""What a page says below a tab of how its sample was proved."""

from __future__ import annotations

from pathlib import Path

import msgspec
from tests import records
from tests.pages.test_publishable import lines

from tabproof.model.isolation import REBASED, gap_when_rebased
from tabproof.model.result import SyntaxResult
from tabproof.project import catalog_reader
from tabproof.project.cases import cases_of
from tabproof.samples.record import Record


def test_a_tab_says_that_its_sample_was_not_run(project: Path) -> None:
    syntax = tuple(
        SyntaxResult(each.sample, each.sample_digest, "a parser", "passed", "", each.date)
        for each in records.read_record(project).results
        if each.case == "success"
    )
    records.write_record(project, Record((), syntax))
    assert lines(project) == ["Not run; well formed by a parser, 2026-11-24."] * 2


def test_a_tab_says_that_its_sample_was_rebased_and_in_how_many_cases_it_was_run(
    project: Path,
) -> None:
    catalog = catalog_reader.load(project)
    cases = cases_of(catalog.scenarios["list-users"], catalog.cases)
    impossible = {case.name for case in cases if gap_when_rebased(case)}
    box = msgspec.structs.replace(records.TOOLBOX, isolation=REBASED)
    results = tuple(
        msgspec.structs.replace(result, toolbox=box)
        for result in records.read_record(project).results
        if result.case not in impossible
    )
    records.write_record(project, Record(results))
    for language, said in zip(("python", "ruby"), lines(project), strict=True):
        own = [case for case in cases if not case.languages or language in case.languages]
        count = sum(case.name not in impossible for case in own)
        assert 0 < count < len(own)
        words = f"Run on 2026-11-24 in {count} of {len(own)} cases with runtime 1.0, rebased."
        assert said.startswith(words)
