from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from tabproof.model.result import Finding
from tabproof.proof.judge.compare import ComparedRun, differences
from tabproof.sandbox.protocol import Exchange, Observation

LANGUAGES = ("csharp", "curl", "node", "php", "python", "ruby")


def bearer(header: Mapping[str, object], claims: Mapping[str, object]) -> dict[str, str]:
    parts = [base64.urlsafe_b64encode(json.dumps(p).encode()) for p in (header, claims)]
    token = ".".join([*(part.rstrip(b"=").decode() for part in parts), "c2lnbmVk"])
    return {"Authorization": f"Bearer {token}"}


HEADER = {"alg": "HS256", "typ": "JWT"}
CLAIMS: dict[str, object] = {"iss": "x", "iat": 1, "exp": 2}
HEADERS = {
    "Host": "api.example.com",
    "Accept": "application/json",
    "User-Agent": "tale/1.0",
    **bearer(HEADER, CLAIMS),
}
SENT = Exchange(
    host="api.example.com",
    method="GET",
    target="/v2/users?status=active",
    headers=tuple(HEADERS.items()),
    body=b"",
    received_at=0.0,
)


def with_headers(headers: Mapping[str, str]) -> Exchange:
    return replace(SENT, headers=tuple((HEADERS | dict(headers)).items()))


def seen(
    language: str, sent: Exchange = SENT, case: str = "success", scenario: str = "list-users"
) -> ComparedRun:
    observation = Observation(
        id=language, exit_status=0, stdout=b"{}\n", exchanges=(sent,), connections=1
    )
    return ComparedRun(language, scenario, case, observation)


def doing(run: ComparedRun, **otherwise: Any) -> ComparedRun:
    return replace(run, observation=replace(run.observation, **otherwise))


def beside(*odd: ComparedRun) -> list[ComparedRun]:
    """Some runs, and the other languages, which all do the same."""
    return [*(seen(name) for name in LANGUAGES[: -len(odd)]), *odd]


def difference(runs: list[ComparedRun]) -> tuple[str, Finding]:
    (found,) = differences(runs)
    return found


def test_languages_that_do_the_same_do_not_differ() -> None:
    assert list(differences(beside(seen("ruby")))) == []


def test_nothing_and_one_run_alone_do_not_differ() -> None:
    assert list(differences([])) == []
    assert list(differences([seen("ruby")])) == []


def test_the_one_language_that_sends_a_header_is_named() -> None:
    odd = seen("ruby", with_headers({"Content-Type": "text/plain"}))
    identity, finding = difference(beside(odd))
    assert (identity, finding.step) == ("ruby", "request")
    assert finding.message() == (
        "expected Content-Type [[]] as in the other languages; seen [['text/plain']]"
    )


def test_the_one_language_that_opens_two_connections_is_named() -> None:
    identity, finding = difference(beside(doing(seen("ruby"), connections=2)))
    assert identity == "ruby"
    assert finding.message() == "expected connections 1 as in the other languages; seen 2"


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        (with_headers({"Accept": "*/*"}), "Accept"),
        (with_headers({"Host": "api.example.com:443"}), "Host"),
        (replace(SENT, method="HEAD"), "request lines"),
        (replace(SENT, target="/v2/users?status=%61ctive"), "request lines"),
        (replace(SENT, host="elsewhere.example"), "request lines"),
        (replace(SENT, body=b"x"), "request bodies"),
        (with_headers(bearer({"alg": "HS256"}, CLAIMS)), "tokens"),
        (with_headers(bearer(HEADER, CLAIMS | {"nbf": 1})), "tokens"),
        (with_headers(bearer(HEADER, CLAIMS | {"exp": 2.0})), "tokens"),
    ],
)
def test_what_one_language_sends_differently_is_named(sent: Exchange, name: str) -> None:
    identity, finding = difference(beside(seen("ruby", sent)))
    assert identity == "ruby"
    assert finding.expected.startswith(f"{name} ")
    assert finding.expected.endswith(" as in the other languages")


@pytest.mark.parametrize(
    ("odd", "name"),
    [
        (doing(seen("ruby"), exit_status=2), "exit status"),
        (doing(seen("ruby"), stdout=b"{ }\n"), "stdout"),
    ],
)
def test_another_outcome_is_named(odd: ComparedRun, name: str) -> None:
    identity, finding = difference(beside(odd))
    assert identity == "ruby"
    assert finding.expected.startswith(f"{name} ")


def test_a_second_request_is_a_difference_in_all_that_is_sent() -> None:
    runs = beside(doing(seen("ruby"), exchanges=(SENT, SENT)))
    names = [finding.expected.partition(" [")[0] for _, finding in differences(runs)]
    assert names == [
        *("request lines", "request bodies", "tokens", "Host", "Accept", "Content-Type")
    ]


@pytest.mark.parametrize(
    "sent",
    [
        replace(SENT, headers=tuple(reversed(SENT.headers))),
        replace(SENT, headers=tuple((name.lower(), value) for name, value in SENT.headers)),
        with_headers({"User-Agent": "other", "Accept-Language": "*", "Connection": "close"}),
        with_headers(bearer({"typ": "JWT", "alg": "HS256"}, {"exp": 9, "iat": 8, "iss": "y"})),
        replace(SENT, received_at=5.0),
    ],
    ids=[
        *("order-of-headers", "case-of-headers", "clients-own-headers"),
        *("values-and-order-of-claims", "time"),
    ],
)
def test_what_languages_may_send_in_their_own_ways_is_no_difference(sent: Exchange) -> None:
    assert list(differences(beside(seen("ruby", sent)))) == []


@pytest.mark.parametrize(
    "own",
    [
        doing(seen("ruby"), stdout=b"{}"),
        doing(seen("ruby"), stderr=b"a word of its own\n"),
        doing(seen("ruby"), started_at=4.0),
    ],
    ids=["last-newline", "words-on-stderr", "time"],
)
def test_what_languages_may_do_in_their_own_ways_is_no_difference(own: ComparedRun) -> None:
    assert list(differences(beside(own))) == []


def test_only_runs_of_one_scenario_in_one_case_are_compared() -> None:
    runs = [
        seen("ruby"),
        doing(seen("ruby", case="status-401"), exit_status=1, stdout=b""),
        seen("ruby", replace(SENT, target="/other"), scenario="other"),
    ]
    assert list(differences(runs)) == []


def test_two_languages_that_differ_in_two_ways_are_both_named() -> None:
    runs = beside(
        doing(seen("python"), connections=2),
        seen("ruby", with_headers({"Content-Type": "text/plain"})),
    )
    found = [
        (identity, finding.expected.partition(" ")[0]) for identity, finding in differences(runs)
    ]
    assert found == [("python", "connections"), ("ruby", "Content-Type")]
