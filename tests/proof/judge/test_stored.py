"""The same observations get the same verdict from each judge of the same version."""

from __future__ import annotations

import pytest
from tests.proof.judge.stored import Stored, findings_of, read_scenario, read_stored

from tabproof.model.case import JUDGE_VERSION

STORED, SCENARIO = read_stored(), read_scenario()
HOW_TO_MEND = (
    "the judge finds something else than it did: raise JUDGE_VERSION in "
    "generator/tabproof/model/case.py, then run `python -m tests.proof.judge.stored`"
)


def test_what_is_stored_comes_from_the_judge_of_this_version() -> None:
    assert {stored.judge_version for stored in STORED} == {JUDGE_VERSION}, HOW_TO_MEND


def test_samples_that_passed_and_samples_that_failed_are_stored() -> None:
    assert sum(not stored.findings for stored in STORED) > 40
    assert sum(bool(stored.findings) for stored in STORED) > 40


@pytest.mark.parametrize("stored", STORED, ids=lambda stored: stored.what)
def test_the_judge_finds_what_it_found_when_the_record_was_made(stored: Stored) -> None:
    assert findings_of(stored, SCENARIO) == stored.findings, HOW_TO_MEND
