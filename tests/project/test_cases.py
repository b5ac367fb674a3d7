"""Rows of `cases.yml` become cases."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tabproof.model.case import Answer, Case
from tabproof.model.case_file import Act, Reply, Server
from tabproof.model.catalog import Catalog
from tabproof.project import catalog_reader
from tabproof.project.cases import cases_of
from tabproof.sandbox.mock_api import response

replace = msgspec.structs.replace


@pytest.fixture(scope="module")
def known(pristine: Path) -> Catalog:
    return catalog_reader.load(pristine)


def test_what_an_answer_holds_is_no_placeholder(known: Catalog) -> None:
    body = "{status} {environment} {body} {0}"
    row = next(row for row in known.cases.cases if row.name == "status-401")
    acts = (Act(reply=Reply(status=401, body=body)),)
    table = replace(known.cases, cases=(replace(row, server=Server(acts=acts)),))
    (case,) = cases_of(known.scenarios["list-users"], table)
    assert case.expect.stderr == f"HTTP 401: {body}\n"


def test_a_body_that_is_sent_many_times_is_whole_where_it_is_sent_and_judged(
    known: Catalog,
) -> None:
    row = next(row for row in known.cases.cases if row.name == "body-large")
    scenario = known.scenarios["list-users"]

    def case_with(times: int, body: str = "{body} ") -> Case:
        acts = (Act(reply=Reply(status="success", body=body, times=times)),)
        table = replace(known.cases, cases=(replace(row, server=Server(acts=acts)),))
        (case,) = cases_of(scenario, table)
        return case

    once, twice = case_with(1), case_with(2)
    assert (once.full_expectation.stdout, twice.full_expectation.stdout) == (
        "{body} \n",
        "{body} {body} \n",
    )
    assert isinstance(twice.answer, Answer)
    assert response(twice.answer).endswith(b"Content-Length: 14\r\n\r\n{body} {body} ")
    others = (case_with(3), case_with(2, "{body}"), case_with(1, "{body} {body} "))
    assert len({case.digest for case in (once, twice, *others)}) == 5


def test_headers_that_say_nothing_have_the_size_that_the_case_states(known: Catalog) -> None:
    row = next(row for row in known.cases.cases if row.name == "headers-large")
    (case,) = cases_of(known.scenarios["list-users"], replace(known.cases, cases=(row,)))
    assert isinstance(case.answer, Answer)
    (act,) = case.actions
    assert isinstance(act, Answer)
    without = replace(act, delivery=replace(act.delivery, header_bytes=0))
    assert len(response(act)) - len(response(without)) == act.delivery.header_bytes == 15000


def test_an_account_is_any_credential_but_the_signing_key(known: Catalog) -> None:
    row = next(row for row in known.cases.cases if row.name == "zero-{credential}")
    cases = cases_of(known.scenarios["list-users"], replace(known.cases, cases=(row,)))
    assert [case.name for case in cases] == ["zero-api_key"]


def test_what_credentials_hold_tells_them_apart(known: Catalog) -> None:
    for scenario in known.scenarios.values():
        case = next(case for case in cases_of(scenario, known.cases) if case.name == "success")
        texts = [text for text in case.credentials.values() if text]
        assert len(texts) == len(scenario.leaves) > 1
        parts = [{text[i : i + 8] for i in range(len(text) - 7)} for text in texts]
        assert set.intersection(*parts) == set()
