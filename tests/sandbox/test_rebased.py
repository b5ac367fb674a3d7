"""Run samples without a sandbox: copies that call this machine instead of the API."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.languages import LANGUAGES

from tabproof.model import isolation
from tabproof.model.case import Answer, Case, Clock, Situation
from tabproof.model.catalog import Catalog
from tabproof.model.command import Probe
from tabproof.model.isolation import BUBBLEWRAP, REBASED, STAND_IN
from tabproof.model.language import Language, Toolchain
from tabproof.model.result import Result, ToolchainVersions
from tabproof.model.sample import Sample, SampleKey
from tabproof.model.scenario import Request
from tabproof.project.cases import cases_of
from tabproof.proof.outcome import Outcome
from tabproof.proof.prepare import rebase, stage
from tabproof.proof.prepare.runnable_sample import RunnableSample
from tabproof.proof.prepare.selection import Selection
from tabproof.proof.prepare.toolchain_survey import runnable_samples
from tabproof.proof.prove import prove
from tabproof.render.renderer import Renderer
from tabproof.samples.record import Record
from tabproof.samples.status import status_of
from tabproof.sandbox import batch_runner, isolation_choice
from tabproof.sandbox.protocol import Batch, Exchange, Observation
from tabproof.sandbox.rebased_worker import replace_paths
from tabproof.toolchains.find import InstalledToolchain

PORT = 43210
KEY = SampleKey("list-users", "stdlib", "tale")
PATIENCE_SECONDS = 120
replace = msgspec.structs.replace


@pytest.fixture
def request_(catalog: Catalog) -> Request:
    return catalog.scenarios["list-users"].request


@pytest.fixture
def case(catalog: Catalog) -> Case:
    cases = cases_of(catalog.scenarios["list-users"], catalog.cases)
    return next(case for case in cases if case.name == "success")


# The text of a copy


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('url = "https://{h}/v2/users"', 'url = "https://{n}/v2/users"'),
        ('url = "https://{h}:443/v2/users"', 'url = "https://{n}/v2/users"'),
        ("host = '{h}'", "host = '{n}'"),
        ('"No answer from {h}: "', '"No answer from {n}: "'),
        ("See {h}. And {H}/v2", "See {n}. And {n}/v2"),
    ],
)
def test_the_api_is_replaced_wherever_it_is_named(request_: Request, old: str, new: str) -> None:
    host = request_.host
    text = old.replace("{h}", host).replace("{H}", host.upper())
    authority = f"{STAND_IN}:{PORT}"
    assert rebase.rebase_text(text, request_, PORT) == new.replace("{n}", authority)


@pytest.mark.parametrize("text", ["", "nothing here", "host = 'ap' + 'i.example'"])
def test_a_text_that_does_not_name_the_api_is_refused(request_: Request, text: str) -> None:
    with pytest.raises(rebase.NotRebased, match="does not occur"):
        rebase.rebase_text(text, request_, PORT)


@pytest.mark.parametrize("other", ["x.{h}", "{h}.example", "x-{h}", "{h}:8443", "{h}x"])
def test_a_text_that_would_still_call_the_api_is_refused(request_: Request, other: str) -> None:
    text = f"https://{request_.host}/ {other.replace('{h}', request_.host)}"
    with pytest.raises(rebase.NotRebased, match="part of something else"):
        rebase.rebase_text(text, request_, PORT)


def test_an_observation_is_restored_to_the_published_bytes(request_: Request) -> None:
    authority = f"{STAND_IN}:{PORT}"
    headers = (("Host", authority), ("X-Other", authority))
    exchange = Exchange(request_.host, "GET", "/", headers, b"", 0.0)
    observation = Observation(
        "x", 1, b"", f"No answer from {authority}: why".encode(), exchanges=(exchange,)
    )
    restored = rebase.restore_observation(observation, request_, PORT)
    assert restored.stderr.decode() == f"No answer from {request_.host}: why"
    assert restored.exchanges[0].headers == (("Host", request_.authority), ("X-Other", authority))


def test_a_path_of_the_sandbox_becomes_the_path_of_what_would_be_there() -> None:
    paths = {"/build": "/w/b", "/project": "/w/p", "/project/x": "/w/q"}
    arguments = ["/build/X.exe", "-out:/build/X", "/rebuild", "/build2", "a/project", "/project/x"]
    expected = ["/w/b/X.exe", "-out:/w/b/X", "/rebuild", "/build2", "a/project", "/w/q"]
    assert [replace_paths(argument, paths) for argument in arguments] == expected


# Which cases it can make


def test_the_sandbox_can_make_every_case(catalog: Catalog) -> None:
    for scenario in catalog.scenarios.values():
        for case in cases_of(scenario, catalog.cases):
            assert isolation.unsupported_reason(case, BUBBLEWRAP) == ""


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"resolves": "none"}, "names resolve"),
        ({"situation": Situation(hides=("jq",))}, "no program can be hidden"),
        ({"situation": Situation(environment={"https_proxy": "http://x"})}, "proxy"),
        (
            {"actions": (Answer(302, {"Location": "https://elsewhere.example/"}, b""),)},
            "no other host can be played",
        ),
    ],
)
def test_what_only_the_sandbox_gives_is_skipped_with_its_reason(
    case: Case, change: dict[str, Any], reason: str
) -> None:
    assert isolation.unsupported_reason(case, REBASED) == ""
    changed = replace(case, **change)
    assert isolation.unsupported_reason(changed, REBASED).startswith("rebased: ")
    assert reason in isolation.unsupported_reason(changed, REBASED)


@pytest.mark.parametrize(
    ("name", "missing_reason", "isolation_name"),
    [
        ("auto", "", BUBBLEWRAP),
        ("auto", "no namespaces", REBASED),
        ("rebased", "", REBASED),
        ("bubblewrap", "no namespaces", BUBBLEWRAP),
    ],
)
def test_auto_is_the_sandbox_where_there_can_be_one(
    monkeypatch: pytest.MonkeyPatch, name: str, missing_reason: str, isolation_name: str
) -> None:
    monkeypatch.setattr(isolation_choice, "missing_sandbox", lambda: missing_reason)
    assert isolation_choice.choose_isolation(name).isolation == isolation_name


# Real runs


def prove_rebased(root: Path, catalog: Catalog, language: str, *cases: str) -> Outcome:
    samples = list(Renderer(catalog).all())
    selection = Selection(("list-users",), (language,), ("stdlib",), cases)
    return prove(
        runnable_samples(
            root, catalog, samples, selection, isolation_choice.IsolationChoice(REBASED)
        ),
        Record(),
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_copy_of_each_language_passes_and_says_that_it_was_rebased(
    root: Path, catalog: Catalog, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolation_choice, "missing_sandbox", lambda: "no namespaces here")
    names = ("success", "status-401", "connection-refused", "unknown-certificate", "no-dns")
    outcome = prove_rebased(root, catalog, language, *names)
    for subject in outcome.subjects:
        if isinstance(subject.toolchain, str):
            pytest.skip(subject.toolchain)
    assert [problem.line() for problem in outcome.problems] == []
    # A sample without libraries runs on each of its language's toolchains.
    verdicts = dict.fromkeys(names, "passed") | {"no-dns": "skipped"}
    assert sorted((result.case, result.verdict) for result in outcome.results) == sorted(
        (name, verdict) for name, verdict in verdicts.items() for _subject in outcome.subjects
    )
    toolchains = [result.toolbox for result in outcome.results if result.toolbox]
    assert {toolchain.isolation for toolchain in toolchains} == {REBASED}
    assert all(toolchain.label().endswith(", rebased") for toolchain in toolchains)


@pytest.fixture
def tale(
    root: Path, catalog: Catalog, case: Case, tmp_path: Path, language_with: Callable[..., Language]
) -> Callable[..., RunnableSample]:
    """Make a runnable sample of a shell script."""
    shell = Toolchain(
        runtime="sh", programs={}, version=Probe(run=("sh",)), run=("/bin/sh", "{file}")
    )

    def make(text: str, name: str = "tale.sh") -> RunnableSample:
        file = tmp_path / name
        file.write_text(text)
        return RunnableSample(
            sample=Sample(KEY, "list-users/stdlib/tale.sh", text, {"request": (1, 1)}),
            scenario=catalog.scenarios["list-users"],
            language=language_with(shell),
            file=str(file),
            text=text,
            digest=sha256(text.encode()).hexdigest(),
            cases=(case,),
            toolchain=InstalledToolchain(shell, str(root), "1", {}, {}, {}),
            isolation=REBASED,
        )

    return make


def test_a_sample_that_cannot_be_rebased_is_never_run(
    tale: Callable[..., RunnableSample], tmp_path: Path
) -> None:
    marker = tmp_path / "it-ran"
    outcome = prove((tale(f"touch {marker}"),), Record())
    (result,) = outcome.results
    assert result.verdict == "failed"
    assert "a copy to run; seen none: it cannot be rebased" in result.reason
    assert not marker.exists()


def test_a_copy_finds_nothing_of_the_machines_home_and_environment(
    tale: Callable[..., RunnableSample], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_MINE", "x")
    out = tmp_path / "variables"
    script = f"env > {out}; pwd >> {out}; ls -A $HOME $TMPDIR >> {out} # api.zoom.us\n"
    prove((tale(script),), Record())
    variables = dict(line.split("=", 1) for line in out.read_text().splitlines() if "=" in line)
    assert "SECRET_OF_MINE" not in variables
    assert Path(variables["HOME"]) != Path.home()
    assert variables["HOME"] != variables["TMPDIR"]
    assert not Path(variables["HOME"]).exists()  # it was the run's own
    assert variables["PATH"] == os.environ["PATH"]


def test_what_a_copy_leaves_behind_is_seen(tale: Callable[..., RunnableSample]) -> None:
    script = "echo x >answer.json; echo x >$HOME/token; echo x >$TMPDIR/body # api.zoom.us\n"
    (result,) = prove((tale(script),), Record()).results
    left = "/home/reader/token, /project/answer.json, /tmp/body"
    assert f"beside the sample; seen {left}" in result.reason


@pytest.mark.parametrize(
    "leaves",
    [
        "sleep 1000 >/dev/null 2>&1 & echo $! > {file}",
        # In a session of its own, and a child of a process that has ended.
        "setsid sh -c 'sleep 1000 & echo $! > {file}' >/dev/null 2>&1; cat {file}",
    ],
)
def test_what_a_run_leaves_behind_is_ended_with_it(
    leaves: str, tale: Callable[..., RunnableSample], tmp_path: Path
) -> None:
    file = tmp_path / "pid"
    prove((tale(f"{leaves.format(file=file)} # api.zoom.us\n"),), Record())
    assert _is_soon_gone(int(file.read_text()))


def test_ending_the_proof_ends_its_runs(
    tale: Callable[..., RunnableSample], case: Case, tmp_path: Path
) -> None:
    file = tmp_path / "pid"
    slow = tale(f"echo $$ > {file}; exec sleep 1000 # api.zoom.us\n", "slow.sh")
    quick = tale(f"until [ -s {file} ]; do sleep 0.1; done # api.zoom.us\n", "quick.sh")
    runs = {"slow": (slow, case), "quick": (quick, case)}
    with (
        batch_runner.work_folder() as folder,
        stage.stage_runs(runs, folder, 2) as staged,
        contextlib.closing(
            batch_runner.run_batch(Batch(folder, 2, staged.homes, staged.runs), REBASED)
        ) as observations,
    ):
        assert next(observations).id == "quick"
        sleeping = int(file.read_text())
        os.kill(sleeping, 0)  # it is there
    assert _is_soon_gone(sleeping)


def _is_soon_gone(process: int) -> bool:
    for _ in range(PATIENCE_SECONDS * 10):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        state = Path(f"/proc/{process}/stat")
        if state.exists() and ") Z " in state.read_text():
            return True
        time.sleep(0.1)
    return False


# What is published


def test_a_sample_that_passed_all_that_can_be_rebased_is_publishable(
    case: Case,
) -> None:
    impossible = replace(case, name="no-dns", resolves="none")
    box = ToolchainVersions("sh", "1", {}, REBASED)
    passed = Result(KEY, case.name, "passed", "", "d", case.digest, box, "2026-11-25T00:00:00Z")
    status = status_of(KEY, "d", (case, impossible), Record((passed,)), ())
    assert (status.state, status.case_count) == ("proved", 1)
    sandboxed = replace(passed, toolbox=replace(box, isolation=BUBBLEWRAP))
    status = status_of(KEY, "d", (case, impossible), Record((sandboxed,)), ())
    assert status.state == "unproved"


@pytest.mark.parametrize(
    "change",
    [
        {"situation": Situation(clock=Clock(at_seconds=1))},
        {"situation": Situation(traced=True)},
        {"protocol": "tls-1.1"},
    ],
    ids=["libfaketime", "strace", "old-tls"],
)
def test_without_root_a_sample_may_lack_cases_that_need_a_tool_but_not_fail_them(
    case: Case, change: dict[str, Any]
) -> None:
    tooled = replace(case, name="tooled", **change)
    box = ToolchainVersions("sh", "1", {}, REBASED)
    passed = Result(KEY, case.name, "passed", "", "d", case.digest, box, "2026-11-25T00:00:00Z")
    failed = replace(passed, case="tooled", verdict="failed", case_digest=tooled.digest)

    def state(*results: Result) -> str:
        return status_of(KEY, "d", (case, tooled), Record(results), ()).state

    assert state(passed) == "proved"
    assert state(passed, failed) == "failed"
    assert state(replace(passed, toolbox=replace(box, isolation=BUBBLEWRAP))) == "unproved"
