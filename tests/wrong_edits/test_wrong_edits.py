"""Small wrong changes of samples, written without knowledge of the cases, are noticed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.languages import LANGUAGES
from tests.wrong_edits.edits import FOLDER, WrongEdit, edited, message_of, read_edits

from tabproof.model.case import Case
from tabproof.model.catalog import Catalog
from tabproof.model.sample import Sample
from tabproof.proof.prepare.runnable_sample import RunnableSample
from tabproof.proof.prepare.selection import Selection
from tabproof.proof.prepare.toolchain_survey import runnable_samples
from tabproof.proof.run import local
from tabproof.render.renderer import Renderer

ALL_EDITS = "TABPROOF_ALL_EDITS"
"""Set in the environment, each edit is made: some minutes for a language."""

EDITS = {name: read_edits(FOLDER / f"{name}.yml") for name in LANGUAGES}
NOT_NOTICED_AT_MOST = 0.05
"""The share of edits from which a reader would suffer and that nothing notices."""


@pytest.fixture(scope="module")
def samples(catalog: Catalog) -> list[Sample]:
    return list(Renderer(catalog).all())


def _runs(
    edits: list[WrongEdit], subjects: tuple[RunnableSample, ...], folder: Path
) -> Iterator[tuple[str, RunnableSample, Case]]:
    """Yield a name, the changed sample and the case that must notice it."""
    for edit in edits:
        for subject in edited(edit, subjects, folder):
            case = next(case for case in subject.cases if case.name == edit.notices)
            yield f"{edit.id}: {subject.identity}", subject, case


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_wrong_edit_is_noticed_by_the_case_that_it_names(
    language: str, catalog: Catalog, samples: list[Sample], root: Path, tmp_path: Path
) -> None:
    chosen = [
        edit
        for edit in EDITS[language]
        if edit.notices and (edit.in_gate or ALL_EDITS in os.environ)
    ]
    subjects = runnable_samples(root, catalog, samples, Selection(languages=(language,)))
    able = tuple(s for s in subjects if not isinstance(s.toolchain, str))
    if not able:
        pytest.skip(str(subjects[0].toolchain))
    runs = {name: (subject, case) for name, subject, case in _runs(chosen, able, tmp_path)}
    assert runs
    noticed, unavailable = set(), []
    with closing(local.run_locally(runs)) as outcomes:
        for name, outcome in outcomes:
            message = message_of(outcome, *runs[name])
            if message.startswith("not run: "):
                unavailable.append(f"{name}: {message}")
            elif message:
                noticed.add(name)
    assert unavailable == []
    assert sorted(runs.keys() - noticed) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_edit_says_what_notices_it_or_why_nothing_does(language: str) -> None:
    edits = EDITS[language]
    assert len({edit.id for edit in edits}) == len(edits)
    for edit in edits:
        assert sum(map(bool, (edit.notices, edit.survives, edit.equivalent))) == 1, edit.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_edit_changes_a_sample_that_there_is(language: str, samples: list[Sample]) -> None:
    own = [sample for sample in samples if sample.key.language == language]
    for edit in EDITS[language]:
        changed = [
            sample
            for sample in own
            if sample.key.scenario == edit.scenario and sample.key.variant in edit.variants
        ]
        assert changed, edit.id
        assert all(sample.text.count(edit.find) == 1 for sample in changed), edit.id


def test_few_edits_are_noticed_by_nothing() -> None:
    harmful = [edit for edits in EDITS.values() for edit in edits if not edit.equivalent]
    survivors = [edit.id for edit in harmful if edit.survives]
    assert len(survivors) <= NOT_NOTICED_AT_MOST * len(harmful)
