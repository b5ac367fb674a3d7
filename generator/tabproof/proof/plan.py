"""Which samples are run in which cases, and how. Pure, but for what it is given."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import msgspec

from tabproof.errors import InputError, choose
from tabproof.isolation import BUBBLEWRAP, Isolation
from tabproof.model.case import Case, Wait
from tabproof.model.catalog import Catalog
from tabproof.model.language import Exposure, Language, Limit, Noise
from tabproof.model.result import Toolbox
from tabproof.model.sample import Sample
from tabproof.model.scenario import Scenario
from tabproof.proof import instruments
from tabproof.proof.toolchains import Found, fill
from tabproof.sandbox.bubblewrap import BUNDLE
from tabproof.sandbox.protocol import ELSEWHERE, HOME, PROJECT, Home, Mount, Run, ServerPlan

BUILD = "/build"
GRACE_SECONDS = 120
"""How long a run may take beyond what the mock API keeps it waiting."""


class Selection(msgspec.Struct, frozen=True):
    """What to prove; an empty tuple means all."""

    scenarios: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()

    def holds(self, sample: Sample) -> bool:
        """Whether a sample is selected."""
        key = sample.key
        return (
            _in(key.scenario, self.scenarios)
            and _in(key.language, self.languages)
            and _in(key.variant, self.variants)
        )

    def holds_language(self, name: str) -> bool:
        """Whether samples of a language are selected."""
        return _in(name, self.languages)

    def holds_case(self, case: Case) -> bool:
        """Whether a case is selected."""
        return _in(case.name, self.cases)

    def check(self, catalog: Catalog, cases: Collection[str]) -> None:
        """Refuse what is not there.

        Raises:
            InputError: with the choices.
        """
        known = (
            ("scenario", self.scenarios, catalog.scenarios),
            ("language", self.languages, catalog.languages),
            ("variant", self.variants, catalog.variants),
            ("case", self.cases, cases),
        )
        for what, chosen, choices in known:
            for name in chosen:
                if name not in choices:
                    raise InputError(f"unknown {what} '{name}'; {choose(choices)}.")


class Subject(msgspec.Struct, frozen=True):
    """A sample as it is on disk, with all that its runs need.

    Attributes:
        sample: the sample as it is rendered; its steps locate what is wrong.
        file: the path of the file that runs.
        digest: the SHA-256 of that file's bytes.
        found: the toolchain, or why this machine cannot run it.
        isolation: how its runs are kept apart from this machine.
    """

    sample: Sample
    scenario: Scenario
    language: Language
    file: str
    text: str
    digest: str
    cases: tuple[Case, ...]
    found: Found | str
    isolation: Isolation = BUBBLEWRAP

    @property
    def toolbox(self) -> Toolbox | None:
        """What results of this sample are keyed by."""
        if isinstance(self.found, str):
            return None
        libraries = self.found.libraries_for(self.sample.key.variant)
        runtime = self.found.toolchain.runtime
        return Toolbox(runtime, self.found.version, libraries, self.isolation)

    @property
    def noise(self) -> list[Noise]:
        """What this version of the runtime writes by itself."""
        if isinstance(self.found, str):
            return []
        version = self.found.version
        return [n for n in self.found.toolchain.noise if version.startswith(n.versions)]

    @property
    def exposures(self) -> tuple[Exposure, ...]:
        """Programs that are known to take the secret as an argument."""
        return () if isinstance(self.found, str) else self.found.toolchain.exposes

    def limit(self, case: Case) -> Limit | None:
        """Why this runtime cannot pass a case, if it cannot."""
        if isinstance(self.found, str):
            return None
        found = self.found
        return found.toolchain.limit(case.name, found.version, found.libraries)


def run_of(identity: str, subject: Subject, case: Case, build: str | None) -> Run:
    """How the sandbox runs a sample in a case.

    Args:
        identity: what the observation will carry.
        subject: the sample; its toolchain is there.
        case: the case.
        build: the folder that its `prepare` commands filled, None where it has none.
    """
    found, situation = _found(subject), case.situation
    file_name = subject.file.rpartition("/")[2]
    places = run_places(found) | {
        "file": f"{PROJECT}/{file_name}" if situation.elsewhere else file_name,
        "stem": file_name.rpartition(".")[0],
    }
    command = fill(found.toolchain.run, places)
    command[1:1] = situation.options.get(found.toolchain.runtime, ())
    waiting = sum(action.seconds for action in case.actions if isinstance(action, Wait))
    return Run(
        id=identity,
        mounts=tuple(_mounts(subject, found, file_name, build)),
        command=tuple(instruments.traced(command) if situation.traced else command),
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


def _mounts(subject: Subject, found: Found, file_name: str, build: str | None) -> Iterator[Mount]:
    yield from found.mounts()
    yield Mount(subject.file, f"{PROJECT}/{file_name}")
    if subject.sample.key.variant == "library":
        for name in found.toolchain.beside:
            yield Mount(f"{found.folder}/{name}", f"{PROJECT}/{name}")
    if build:
        yield Mount(build, BUILD)


def _environment(found: Found, case: Case, places: Mapping[str, str]) -> dict[str, str | None]:
    own = found.toolchain.environment.items()
    environment: dict[str, str | None] = {key: value.format_map(places) for key, value in own}
    environment |= instruments.environment(case.situation.clock)
    environment |= case.situation.environment
    return environment | {
        key: value for key, value in case.credentials.items() if value is not None
    }


def _target(path: str) -> str:
    """Where a case's file is in the sandbox."""
    return f"{HOME}/{path[2:]}" if path.startswith("~/") else f"{PROJECT}/{path}"


def homes_of(subjects: Collection[Subject]) -> dict[str, Home]:
    """The home folders that trust the sandbox's authority, for toolchains that need one."""
    homes = {}
    for subject in subjects:
        key = home_key(subject)
        if key and key not in homes:
            found = _found(subject)
            commands = tuple(
                tuple(fill(command, run_places(found))) for command in found.toolchain.trust
            )
            homes[key] = Home(commands, tuple(found.mounts()))
    return homes


def home_key(subject: Subject) -> str:
    """Names the home folder that a subject's runs start with; "" for an empty one."""
    found = _found(subject)
    if not found.toolchain.trust:
        return ""
    return f"{subject.language.name}/{found.toolchain.runtime}"


def run_places(found: Found) -> dict[str, str]:
    """Placeholders as they are inside the sandbox."""
    return found.places | {"folder": found.folder, "ca": BUNDLE, "build": BUILD}


def _found(subject: Subject) -> Found:
    if isinstance(subject.found, str):
        raise TypeError(f"{subject.file} has no toolchain: {subject.found}")
    return subject.found


def _in(name: str, chosen: Collection[str]) -> bool:
    return not chosen or name in chosen
