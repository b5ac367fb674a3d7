"""Plan how the sandbox runs a sample in a case. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from tabproof.model.case import Case, Wait
from tabproof.model.command import fill_command
from tabproof.proof.prepare.runnable_sample import RunnableSample
from tabproof.sandbox.bubblewrap import BUNDLE
from tabproof.sandbox.protocol import ELSEWHERE, HOME, PROJECT, Home, Mount, Run, ServerPlan
from tabproof.toolchains import case_tools
from tabproof.toolchains.find import InstalledToolchain

BUILD = "/build"
GRACE_SECONDS = 120
"""How long a run may take in addition to the time that the mock API makes it wait."""

TERMINAL_SECONDS = 60
"""The same on a terminal, where a sample that waits for a key would wait for ever."""


def plan_run(identity: str, subject: RunnableSample, case: Case, build: str | None) -> Run:
    """Return how the sandbox runs a sample in a case.

    Args:
        identity: what the observation will carry.
        subject: the sample; its toolchain is there.
        case: the case.
        build: the folder that its `prepare` commands filled, None where it has none.
    """
    installed, situation = _installed(subject), case.situation
    file_name = subject.file.rpartition("/")[2]
    places = sandbox_paths(installed) | {
        "file": f"{PROJECT}/{file_name}" if situation.elsewhere else file_name,
        "stem": file_name.rpartition(".")[0],
    }
    command = fill_command(installed.toolchain.run, places)
    command[1:1] = situation.options.get(installed.toolchain.runtime, ())
    command += situation.arguments
    waiting = sum(action.seconds for action in case.actions if isinstance(action, Wait))
    waiting += case.stall.seconds if case.stall else 0
    return Run(
        id=identity,
        mounts=tuple(_mounts(subject, installed, file_name, build)),
        command=tuple(command),
        environment=_environment(installed, case, places),
        home=home_key(subject),
        server=ServerPlan(
            hosts=(subject.scenario.request.host, *case.other_hosts, *_proxy_host(case)),
            port=subject.scenario.request.port,
            listens=case.listens,
            certificate=case.certificate,
            protocol=case.protocol,
            actions=case.actions,
            resolves=case.resolves,
            stall=case.stall,
            proxy=case.proxy,
        ),
        kill_after_seconds=waiting + (TERMINAL_SECONDS if situation.on_terminal else GRACE_SECONDS),
        folder=ELSEWHERE if situation.elsewhere else PROJECT,
        files={_target(path): content for path, content in situation.files.items()}
        | {f"{ELSEWHERE}/{path}": content for path, content in situation.elsewhere.items()},
        hides=situation.hides,
        breaks=situation.breaks,
        hidden=installed.hidden_folders(),
        tracer=case_tools.tracer() if situation.traced else (),
        reader_pause_seconds=situation.reader_pause_seconds,
        on_terminal=situation.on_terminal,
    )


def _proxy_host(case: Case) -> Iterator[str]:
    if case.proxy:
        yield case.proxy.host


def _mounts(
    subject: RunnableSample, installed: InstalledToolchain, file_name: str, build: str | None
) -> Iterator[Mount]:
    yield from installed.mounts()
    yield Mount(subject.file, f"{PROJECT}/{file_name}")
    if subject.sample.key.variant == "library":
        for name in installed.toolchain.beside:
            yield Mount(f"{installed.folder}/{name}", f"{PROJECT}/{name}")
    if build:
        yield Mount(build, BUILD)


def _environment(
    installed: InstalledToolchain, case: Case, places: Mapping[str, str]
) -> dict[str, str | None]:
    own = installed.toolchain.environment.items()
    environment: dict[str, str | None] = {key: value.format_map(places) for key, value in own}
    environment |= case_tools.clock_environment(case.situation.clock)
    environment |= case.situation.environment
    return environment | {
        key: value for key, value in case.credentials.items() if value is not None
    }


def _target(path: str) -> str:
    """Return where a case's file is in the sandbox."""
    return f"{HOME}/{path[2:]}" if path.startswith("~/") else f"{PROJECT}/{path}"


def plan_homes(subjects: Collection[RunnableSample]) -> dict[str, Home]:
    """Return the home folders that trust the sandbox's authority, for toolchains that need one."""
    homes = {}
    for subject in subjects:
        key = home_key(subject)
        if key and key not in homes:
            installed = _installed(subject)
            commands = tuple(
                tuple(fill_command(command, sandbox_paths(installed)))
                for command in installed.toolchain.trust
            )
            homes[key] = Home(commands, tuple(installed.mounts()))
    return homes


def home_key(subject: RunnableSample) -> str:
    """Return the name of the home folder that a subject's runs start with; "" for an empty one."""
    toolchain = _installed(subject).toolchain
    return f"{subject.language.name}/{toolchain.runtime}" if toolchain.trust else ""


def sandbox_paths(installed: InstalledToolchain) -> dict[str, str]:
    """Return the placeholders' values inside the sandbox."""
    return installed.placeholders | {"folder": installed.folder, "ca": BUNDLE, "build": BUILD}


def _installed(subject: RunnableSample) -> InstalledToolchain:
    if isinstance(subject.toolchain, str):
        raise TypeError(f"{subject.file} has no toolchain: {subject.toolchain}")
    return subject.toolchain
