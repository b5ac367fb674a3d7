"""Rows of `cases.yml` become cases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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


@pytest.mark.parametrize(
    ("for_each", "names"),
    [
        ("credential", ["user", "password", "signing_key"]),
        ("account", ["user", "password"]),
        ("signing_key", ["signing_key"]),
        ("variable", ["login", "signing_key"]),
        ("split", ["login"]),
        ("encoded", ["signing_key"]),
    ],
)
def test_a_row_makes_a_case_for_each_credential_that_it_is_for(
    known: Catalog, for_each: Any, names: list[str]
) -> None:
    plain = known.scenarios["list-users"]
    key = replace(plain.token.signing_key.credential, name="signing_key", encoding="hex")
    parts = tuple(replace(plain.leaves[0], name=name) for name in ("user", "password"))
    login = replace(plain.leaves[0], name="login", parts=parts, separator=":", environment="LOGIN")
    scenario = replace(
        plain,
        credentials={"login": login, "signing_key": key},
        token=replace(plain.token, signing_key=replace(plain.token.signing_key, credential=key)),
    )
    row = next(row for row in known.cases.cases if row.name == "as-typed-{credential}")
    table = replace(known.cases, cases=(replace(row, for_each=for_each),))
    assert [case.name for case in cases_of(scenario, table)] == [f"as-typed-{n}" for n in names]


def test_the_mock_api_answers_with_the_examples_of_the_scenario_or_what_a_row_writes_out(
    known: Catalog,
) -> None:
    for scenario in known.scenarios.values():
        cases = {case.name: case for case in cases_of(scenario, known.cases)}
        for name, status in (("success", scenario.request.success_status), ("status-401", 401)):
            answer = cases[name].answer
            assert isinstance(answer, Answer)
            example = scenario.responses[status]
            assert (answer.status, answer.body) == (status, example.content)
            assert answer.headers == example.headers
        written = cases["status-400"].answer
        assert isinstance(written, Answer)
        assert written.body.startswith(b'{"code":300,')
