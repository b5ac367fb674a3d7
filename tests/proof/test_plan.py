from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tabproof.model.case import Answer, Case, Wait
from tabproof.model.catalog import Catalog
from tabproof.model.command import Probe
from tabproof.model.language import Habits, Language, Library, Limit, Noise, Toolchain, Variant
from tabproof.model.result import ToolchainVersions
from tabproof.model.sample import Sample, SampleKey
from tabproof.model.scenario import Scenario
from tabproof.project.cases import cases_of
from tabproof.proof.prepare.plan import GRACE_SECONDS, plan_homes, plan_run
from tabproof.proof.prepare.runnable_sample import RunnableSample
from tabproof.proof.prepare.selection import Selection
from tabproof.sandbox.protocol import Home, Mount
from tabproof.toolchains.find import InstalledToolchain

TOOLCHAIN = Toolchain(
    runtime="tale",
    programs={"tale": "tale", "sync": "sync-trust"},
    version=Probe(run=("{tale}", "--version")),
    libraries={
        "tale-jwt": Library(run=("{tale}", "jwt")),
        "tale-http": Library(run=("{tale}", "http"), variants=("library", "stdlib")),
    },
    beside=("tale_modules",),
    environment={"TALE_CA": "{ca}"},
    run=("{tale}", "run", "{file}", "--as", "{stem}", "--built", "{build}", "--in", "{folder}"),
)
PLACES = {"tale": "/usr/bin/tale", "sync": "/usr/bin/sync-trust"}
LIBRARIES = {"tale-jwt": "9.1", "tale-http": "2.0"}


@pytest.fixture
def scenario(catalog: Catalog) -> Scenario:
    return catalog.scenarios["list-users"]


@pytest.fixture
def cases(catalog: Catalog, scenario: Scenario) -> dict[str, Case]:
    return {case.name: case for case in cases_of(scenario, catalog.cases)}


@pytest.fixture
def subject_with(
    scenario: Scenario, cases: dict[str, Case], language_with: Callable[..., Language]
) -> Callable[..., RunnableSample]:
    def make(
        variant: Variant = "stdlib", version: str = "3.1.2", **toolchain: Any
    ) -> RunnableSample:
        used = replace(TOOLCHAIN, **toolchain)
        key = SampleKey("list-users", variant, "tale")
        return RunnableSample(
            sample=Sample(key, f"list-users/{variant}/list-users.tale", "text", {}),
            scenario=scenario,
            language=language_with(used),
            file=f"/project-of-the-writer/samples/list-users/{variant}/list-users.tale",
            text="text",
            digest="0" * 64,
            cases=tuple(cases.values()),
            toolchain=InstalledToolchain(used, "/libraries/tale", version, PLACES, LIBRARIES, {}),
        )

    return make


@pytest.mark.parametrize(
    ("selection", "is_held"),
    [
        (Selection(), True),
        (Selection(scenarios=("list-users",)), True),
        (Selection(scenarios=("other", "list-users")), True),
        (Selection(scenarios=("other",)), False),
        (Selection(languages=("tale",), variants=("stdlib",)), True),
        (Selection(languages=("tale",), variants=("library",)), False),
        (Selection(languages=("ruby",), variants=("stdlib",)), False),
        (Selection(cases=("hang",)), True),
    ],
)
def test_a_selection_holds_the_samples_that_all_its_parts_name(
    subject_with: Callable[..., RunnableSample], selection: Selection, *, is_held: bool
) -> None:
    assert selection.holds(subject_with().sample) is is_held


def test_a_selection_holds_the_cases_that_it_names_or_all(cases: dict[str, Case]) -> None:
    assert Selection().holds_case(cases["hang"])
    assert Selection(cases=("success", "hang")).holds_case(cases["hang"])
    assert not Selection(cases=("success",)).holds_case(cases["hang"])


def test_a_run_is_the_readers_command_beside_the_sample(
    subject_with: Callable[..., RunnableSample], cases: dict[str, Case]
) -> None:
    subject = subject_with()
    run = plan_run("an identity", subject, cases["success"], None)
    assert run.id == "an identity"
    assert run.command == (
        *("/usr/bin/tale", "run", "list-users.tale", "--as", "list-users"),
        *("--built", "/build", "--in", "/libraries/tale"),
    )
    assert run.mounts == (Mount(subject.file, "/project/list-users.tale"),)


def test_libraries_lie_beside_a_sample_of_the_variant_library_alone(
    subject_with: Callable[..., RunnableSample], cases: dict[str, Case]
) -> None:
    beside = Mount("/libraries/tale/tale_modules", "/project/tale_modules")
    assert beside in plan_run("x", subject_with("library"), cases["success"], None).mounts
    assert beside not in plan_run("x", subject_with("stdlib"), cases["success"], None).mounts


def test_what_was_built_is_shown_to_the_run(
    subject_with: Callable[..., RunnableSample], cases: dict[str, Case]
) -> None:
    run = plan_run("x", subject_with(), cases["success"], "/builds/0")
    assert Mount("/builds/0", "/build") in run.mounts


def test_a_run_gets_the_toolchains_the_cases_and_the_credentials_variables(
    subject_with: Callable[..., RunnableSample], cases: dict[str, Case]
) -> None:
    tokyo = plan_run("x", subject_with(), cases["tokyo"], None).environment
    assert tokyo == {
        "TALE_CA": "/etc/ssl/certs/ca-certificates.crt",
        "TZ": "Asia/Tokyo",
        "ZOOM_API_KEY": cases["tokyo"].credentials["ZOOM_API_KEY"],
        "ZOOM_API_SECRET": cases["tokyo"].credentials["ZOOM_API_SECRET"],
    }


def test_an_empty_credential_is_set_and_an_unset_one_is_not(
    subject_with: Callable[..., RunnableSample], cases: dict[str, Case]
) -> None:
    def environment(case: str) -> dict[str, str | None]:
        return plan_run("x", subject_with(), cases[case], None).environment

    assert environment("empty-api_secret")["ZOOM_API_SECRET"] == ""
    assert "ZOOM_API_SECRET" not in environment("unset-api_secret")
    assert environment("unset-api_secret")["ZOOM_API_KEY"]


def test_the_mock_api_does_what_the_case_says(
    subject_with: Callable[..., RunnableSample], cases: dict[str, Case]
) -> None:
    servers = {
        name: plan_run("x", subject_with(), case, None).server for name, case in cases.items()
    }
    proxied = servers.pop("proxied")
    assert proxied.proxy
    assert proxied.hosts == ("api.zoom.us", "elsewhere.example", proxied.proxy.host)
    for server in servers.values():
        assert (server.hosts, server.port) == (("api.zoom.us", "elsewhere.example"), 443)
        assert server.proxy is None
    assert not servers["connection-refused"].listens
    assert servers["unknown-certificate"].certificate == "unknown"
    assert servers["redirect-elsewhere"].actions == (
        Answer(302, {"Location": "https://elsewhere.example/"}, b"moved"),
    )
    wait, answer = servers["hang"].actions
    assert isinstance(wait, Wait)
    assert isinstance(answer, Answer)


def test_a_run_may_take_longer_than_the_mock_api_waits_and_the_api_than_the_sample(
    subject_with: Callable[..., RunnableSample], cases: dict[str, Case], scenario: Scenario
) -> None:
    run = plan_run("x", subject_with(), cases["hang"], None)
    (wait,) = [act for act in run.server.actions if isinstance(act, Wait)]
    assert wait.seconds > scenario.request.timeout_seconds
    assert run.kill_after_seconds == wait.seconds + GRACE_SECONDS


def test_a_toolchain_that_needs_one_gets_a_home_that_trusts_the_authority(
    subject_with: Callable[..., RunnableSample], cases: dict[str, Case]
) -> None:
    trusting = subject_with(trust=(("{sync}", "--user", "{ca}"),))
    homes = plan_homes([trusting, subject_with("library"), trusting])
    command = ("/usr/bin/sync-trust", "--user", "/etc/ssl/certs/ca-certificates.crt")
    assert homes == {"tale/tale": Home((command,), ())}
    assert plan_run("x", trusting, cases["success"], None).home == "tale/tale"
    assert plan_run("x", subject_with(), cases["success"], None).home == ""


def test_a_sample_without_a_toolchain_cannot_be_planned(
    subject_with: Callable[..., RunnableSample], cases: dict[str, Case]
) -> None:
    subject = replace(subject_with(), toolchain="tale is not installed")
    with pytest.raises(TypeError, match="tale is not installed"):
        plan_run("x", subject, cases["success"], None)
    assert subject.toolbox is None
    assert subject.habits == Habits()
    assert subject.limit(cases["success"]) is None


def test_results_are_keyed_by_the_runtime_and_the_libraries_of_the_variant(
    subject_with: Callable[..., RunnableSample],
) -> None:
    assert subject_with("library").toolbox == ToolchainVersions(
        "tale", "3.1.2", LIBRARIES, "bubblewrap"
    )
    stdlib = ToolchainVersions("tale", "3.1.2", {"tale-http": "2.0"}, "bubblewrap")
    assert subject_with("stdlib").toolbox == stdlib


def test_noise_is_that_of_the_version(subject_with: Callable[..., RunnableSample]) -> None:
    noise = (
        Noise(versions="3.", stderr="three", reason="It is three."),
        Noise(versions="30.", stderr="thirty", reason="It is thirty."),
    )
    assert subject_with(noise=noise).habits.noise == (noise[0],)
    assert subject_with(noise=noise, version="30.1").habits.noise == (noise[1],)


def test_a_sample_with_two_toolchains_is_two_subjects(
    subject_with: Callable[..., RunnableSample], cases: dict[str, Case]
) -> None:
    one, other = subject_with(), subject_with(runtime="other-tale")
    assert one.identity != other.identity
    assert one.run_identity(cases["success"]) != other.run_identity(cases["success"])


@pytest.mark.parametrize(
    ("limit", "holds"),
    [
        (Limit(versions="3.", cases=("hang",), seen="x", reason="It is so."), True),
        (Limit(versions="3.1.2", cases=("success", "hang"), seen="x", reason="It is so."), True),
        (Limit(versions="4.", cases=("hang",), seen="x", reason="It is so."), False),
        (Limit(versions="3.", cases=("success",), seen="x", reason="It is so."), False),
        (
            Limit(
                versions="3.",
                libraries={"tale-http": "2."},
                cases=("hang",),
                seen="x",
                reason="So.",
            ),
            True,
        ),
        (
            Limit(
                versions="3.",
                libraries={"tale-http": "1."},
                cases=("hang",),
                seen="x",
                reason="So.",
            ),
            False,
        ),
        (
            Limit(
                versions="3.", libraries={"other": "1."}, cases=("hang",), seen="x", reason="So."
            ),
            False,
        ),
    ],
)
def test_a_limit_holds_for_its_versions_and_its_cases_alone(
    subject_with: Callable[..., RunnableSample],
    cases: dict[str, Case],
    limit: Limit,
    *,
    holds: bool,
) -> None:
    other = Limit(versions="9.", cases=("hang",), seen="x", reason="It is another.")
    subject = subject_with(limits=(other, limit))
    assert subject.limit(cases["hang"]) == (limit if holds else None)


def test_what_a_toolchain_needs_outside_the_system_is_shown(
    subject_with: Callable[..., RunnableSample], cases: dict[str, Case], tmp_path: Path
) -> None:
    program = tmp_path / "tale-3" / "bin" / "tale"
    program.parent.mkdir(parents=True)
    program.touch()
    subject = subject_with()
    assert isinstance(subject.toolchain, InstalledToolchain)
    found = replace(subject.toolchain, placeholders=PLACES | {"tale": str(program)})
    mounts = plan_run("x", replace(subject, toolchain=found), cases["success"], None).mounts
    around = str(tmp_path / "tale-3")
    assert Mount(around, around) in mounts
