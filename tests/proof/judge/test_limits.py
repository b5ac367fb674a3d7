from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tabproof.model.catalog import Catalog
from tabproof.model.language import Limit, Variant
from tabproof.model.result import Finding, Result, ToolchainVersions, Verdict
from tabproof.model.sample import Sample, SampleKey
from tabproof.project.cases import cases_of
from tabproof.proof.judge.apply_limit import LimitedFindings, apply_limit, is_still_valid
from tabproof.proof.prepare.runnable_sample import RunnableSample
from tabproof.toolchains.find import InstalledToolchain

LATE = Finding("request", (), "exit status 1", "0: it outlasted its timeout")
STDOUT = Finding("response", (), "stdout empty", "'{}'")
TOKEN = Finding("token", (), "a HS256 signature", "another")
BROKEN = Finding("install", (), "a run", "none: the worker ended early")
EXCUSE = "a limit of the runtime: It forgets."


def limit(**changes: Any) -> Limit:
    usual: dict[str, Any] = {
        "versions": "",
        "cases": ("hang",),
        "seen": "outlasted its timeout$",
        "entails": ("^expected stdout empty;",),
        "reason": "It forgets.",
    }
    return msgspec.convert(usual | changes, Limit)


@pytest.mark.parametrize(
    ("found", "rest", "excuse"),
    [
        pytest.param([LATE], [], EXCUSE, id="what-it-names"),
        pytest.param([STDOUT, LATE], [], EXCUSE, id="what-comes-of-it"),
        pytest.param([STDOUT], [STDOUT], "", id="what-comes-of-something-else"),
        pytest.param([LATE, TOKEN], [TOKEN], EXCUSE, id="another-fault-beside-it"),
        pytest.param([TOKEN], [TOKEN], "", id="another-fault"),
        pytest.param([BROKEN], [BROKEN], "", id="no-run"),
    ],
)
def test_a_limit_excuses_what_it_names_and_what_comes_of_it(
    found: list[Finding], rest: list[Finding], excuse: str
) -> None:
    assert apply_limit(found, limit()) == LimitedFindings(rest, excuse)
    assert apply_limit(found, None) == LimitedFindings(found)


def test_a_limit_is_unneeded_where_nothing_is_wrong_though_it_shows_in_every_run() -> None:
    assert apply_limit([], limit()).unneeded
    assert not apply_limit([], limit(always=False)).unneeded
    assert not apply_limit([TOKEN], limit()).unneeded
    assert not apply_limit([], None).unneeded


def test_a_limit_that_refuses_excuses_nothing_and_is_the_reason_of_a_right_refusal() -> None:
    refuses = limit(refuses=True, seen="", entails=())
    assert apply_limit([], refuses) == LimitedFindings([], EXCUSE)
    assert apply_limit([LATE, TOKEN], refuses) == LimitedFindings([LATE, TOKEN])
    with pytest.raises(msgspec.ValidationError, match="needs neither `seen` nor `entails`"):
        limit(refuses=True)


def kept(verdict: Verdict, reason: str) -> Result:
    key, toolbox = (
        SampleKey("list-users", "stdlib", "go"),
        ToolchainVersions("go", "1.19.8", {}, "bubblewrap"),
    )
    return Result(key, "hang", verdict, reason, "a" * 64, "b" * 64, toolbox, "2026-11-25T00:00:00Z")


@pytest.mark.parametrize(
    ("result", "given", "holds"),
    [
        pytest.param(kept("passed", ""), None, True, id="passed"),
        pytest.param(kept("failed", "why"), None, False, id="failed"),
        pytest.param(kept("skipped", EXCUSE), limit(), True, id="excused"),
        pytest.param(kept("skipped", EXCUSE), None, False, id="the-limit-is-gone"),
        pytest.param(kept("skipped", EXCUSE), limit(reason="Else."), False, id="another-limit"),
        pytest.param(kept("skipped", EXCUSE), limit(always=False), False, id="may-pass-next-time"),
    ],
)
def test_a_kept_result_stands_where_a_run_would_come_to_the_same(
    result: Result, given: Limit | None, *, holds: bool
) -> None:
    assert is_still_valid(result, lambda: given) is holds


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seen": ""}, "`seen`: the pattern '' matches every text"),
        ({"seen": ".*"}, "`seen`: the pattern '.*' matches every text"),
        ({"entails": ["", "x"]}, "`entails`: the pattern '' matches every text"),
        ({"seen": "("}, "`seen` is not a regular expression: missing )"),
    ],
)
def test_a_limit_that_would_excuse_everything_is_refused(
    change: dict[str, Any], words: str
) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        limit(**change)
    assert words in str(caught.value)


def test_no_limit_excuses_a_run_that_did_not_take_place(catalog: Catalog) -> None:
    broken = [
        BROKEN,
        Finding("install", (), "mono to build it", "an error"),
        Finding("request", ("timeout",), "an end", "none: it still ran after 150 s"),
    ]
    limits = [
        each
        for language in catalog.languages.values()
        for toolchain in language.data.toolchains
        for each in toolchain.limits
    ]
    assert limits
    for each in limits:
        assert apply_limit(broken, each).findings == broken


def test_the_undici_of_debian_12_is_excused_for_its_forgotten_timeout_alone(
    catalog: Catalog,
) -> None:
    (node,) = catalog.languages["node"].data.toolchains
    (forgets,) = (limit for limit in node.limits if "undici" in limit.libraries)
    late = Finding(
        "request", (), "exit status 1", "0: it outlasted its timeout and took the late answer"
    )
    answer = Finding("response", (), "stdout empty", "'{\"users\":[]}\\n'")
    silent = Finding("response", (), "a message of 1 to 6 lines on stderr", "0: empty")
    assert apply_limit([late, answer, silent], forgets).findings == []
    assert apply_limit([late, answer, silent, TOKEN], forgets).findings == [TOKEN]


@pytest.mark.parametrize(("variant", "excused"), [("library", True), ("stdlib", False)])
def test_a_library_excuses_nothing_of_a_sample_that_does_without_it(
    variant: Variant, catalog: Catalog, *, excused: bool
) -> None:
    ruby = catalog.languages["ruby"]
    plain = ruby.data.toolchains[0]
    toolchain = msgspec.structs.replace(plain, limits=(limit(libraries={"ruby-jwt": "2."}),))
    scenario = catalog.scenarios["list-users"]
    case = next(case for case in cases_of(scenario, catalog.cases) if case.name == "hang")
    subject = RunnableSample(
        sample=Sample(SampleKey("list-users", variant, "ruby"), "a.rb", "", {}),
        scenario=scenario,
        language=ruby,
        file="a.rb",
        text="",
        digest="",
        cases=(case,),
        toolchain=InstalledToolchain(toolchain, "", "3.1.2", {}, {"ruby-jwt": "2.5.0"}, {}),
    )
    assert (subject.limit(case) is not None) == excused
