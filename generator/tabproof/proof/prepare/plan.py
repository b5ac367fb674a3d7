"""How samples are run in cases. Pure, but for what it is given."""

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
"""How long a run may take beyond what the mock API keeps it waiting."""


def plan_run(identity: str, subject: RunnableSample, case: Case, build: str | None) -> Run:
    """How the sandbox runs a sample in a case.

    Args:
        identity: what the observation will carry.
        subject: the sample; its toolchain is there.
        case: the case.
        build: the folder that its `prepare` commands filled, None where it has none.
    """
    found, situation = _found(subject), case.situation
    file_name = subject.file.rpartition("/")[2]
    places = sandbox_paths(found) | {
        "file": f"{PROJECT}/{file_name}" if situation.elsewhere else file_name,
        "stem": file_name.rpartition(".")[0],
    }
    command = fill_command(found.toolchain.run, places)
    command[1:1] = situation.options.get(found.toolchain.runtime, ())
    waiting = sum(action.seconds for action in case.actions if isinstance(action, Wait))
    return Run(
        id=identity,
        mounts=tuple(_mounts(subject, found, file_name, build)),
        command=tuple(case_tools.trace_command(command) if situation.traced else command),
        environment=_environment(found, case, places),
        home=home_key(subject),
        server=ServerPlan(
            hosts=(subject.scenario.request.host, *case.other_hosts),
            port=subject.scenario.request.port,
            listens=case.listens,
            certificate=case.certificate,
            actions=case.actions,
            resolves=case.resolves,
        ),
        kill_after_seconds=waiting + GRACE_SECONDS,
        folder=ELSEWHERE if situation.elsewhere else PROJECT,
        files={_target(path): content for path, content in situation.files.items()}
        | {f"{ELSEWHERE}/{path}": content for path, content in situation.elsewhere.items()},
        hides=situation.hides,
        hidden=(found.root,) if found.root else (),
        traces=situation.traced,
    )


def _mounts(
    subject: RunnableSample, found: InstalledToolchain, file_name: str, build: str | None
) -> Iterator[Mount]:
    yield from found.mounts()
    yield Mount(subject.file, f"{PROJECT}/{file_name}")
    if subject.sample.key.variant == "library":
        for name in found.toolchain.beside:
            yield Mount(f"{found.folder}/{name}", f"{PROJECT}/{name}")
    if build:
        yield Mount(build, BUILD)


def _environment(
    found: InstalledToolchain, case: Case, places: Mapping[str, str]
) -> dict[str, str | None]:
    own = found.toolchain.environment.items()
    environment: dict[str, str | None] = {key: value.format_map(places) for key, value in own}
    environment |= case_tools.clock_environment(case.situation.clock)
    environment |= case.situation.environment
    return environment | {
        key: value for key, value in case.credentials.items() if value is not None
    }


def _target(path: str) -> str:
    """Where a case's file is in the sandbox."""
    return f"{HOME}/{path[2:]}" if path.startswith("~/") else f"{PROJECT}/{path}"


def plan_homes(subjects: Collection[RunnableSample]) -> dict[str, Home]:
    """The home folders that trust the sandbox's authority, for toolchains that need one."""
    homes = {}
    for subject in subjects:
        key = home_key(subject)
        if key and key not in homes:
            found = _found(subject)
            commands = tuple(
                tuple(fill_command(command, sandbox_paths(found)))
                for command in found.toolchain.trust
            )
            homes[key] = Home(commands, tuple(found.mounts()))
    return homes


def home_key(subject: RunnableSample) -> str:
    """Names the home folder that a subject's runs start with; "" for an empty one."""
    found = _found(subject)
    if not found.toolchain.trust:
        return ""
    return f"{subject.language.name}/{found.toolchain.runtime}"


def sandbox_paths(found: InstalledToolchain) -> dict[str, str]:
    """Placeholders as they are inside the sandbox."""
    return found.placeholders | {"folder": found.folder, "ca": BUNDLE, "build": BUILD}


def _found(subject: RunnableSample) -> InstalledToolchain:
    if isinstance(subject.toolchain, str):
        raise TypeError(f"{subject.file} has no toolchain: {subject.toolchain}")
    return subject.toolchain
