"""Rows of `cases.yml` become cases."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tabproof import catalog
from tabproof.cases import cases_of
from tabproof.model.case_file import Act, Reply, Server
from tabproof.model.catalog import Catalog

replace = msgspec.structs.replace


@pytest.fixture(scope="module")
def known(pristine: Path) -> Catalog:
    return catalog.load(pristine)


def test_what_an_answer_holds_is_no_placeholder(known: Catalog) -> None:
    body = "{status} {environment} {body} {0}"
    row = next(row for row in known.cases.cases if row.name == "status-401")
    acts = (Act(reply=Reply(status=401, body=body)),)
    table = replace(known.cases, cases=(replace(row, server=Server(acts=acts)),))
    (case,) = cases_of(known.scenarios["list-users"], table)
    assert case.expect.stderr == f"HTTP 401: {body}\n"
