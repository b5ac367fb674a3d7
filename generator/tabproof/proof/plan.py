"""Which samples are run in which cases, and how. Pure, but for what it is given."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from tabproof.model.case import Answer, Case
from tabproof.model.language import Language, Limit, Noise
from tabproof.model.result import Toolbox
from tabproof.model.sample import Sample
from tabproof.model.scenario import Scenario
from tabproof.proof.toolchains import Found, fill
from tabproof.sandbox.bubblewrap import BUNDLE, PROJECT
from tabproof.sandbox.protocol import AnswerPlan, Home, Mount, Run, ServerPlan, WaitPlan

ISOLATION = "bubblewrap"
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

    def holds_case(self, case: Case) -> bool:
        """Whether a case is selected."""
        return _in(case.name, self.cases)


class Subject(msgspec.Struct, frozen=True):
    """A sample as it is on disk, with all that its runs need.

    Attributes:
        sample: the sample as it is rendered; its steps locate what is wrong.
        file: the path of the file that runs.
        digest: the SHA-256 of that file's bytes.
        found: the toolchain, or why there is none.
    """

    sample: Sample
    scenario: Scenario
    language: Language
    file: str
    text: str
    digest: str
    cases: tuple[Case, ...]
    found: Found | str

    @property
    def toolbox(self) -> Toolbox | None:
        """What results of this sample are keyed by."""
        if isinstance(self.found, str):
            return None
        libraries = self.found.libraries_for(self.sample.key.variant)
        runtime = self.found.toolchain.runtime
        return Toolbox(runtime, self.found.version, libraries, ISOLATION)

    @property
    def noise(self) -> list[Noise]:
        """What this version of the runtime writes by itself."""
        if isinstance(self.found, str):
            return []
        version = self.found.version
        return [n for n in self.found.toolchain.noise if version.startswith(n.versions)]

    def limit(self, case: Case) -> Limit | None:
        """Why this runtime cannot pass a case, if it cannot."""
        if isinstance(self.found, str):
            return None
        limits = (limit for limit in self.found.toolchain.limits if case.name in limit.cases)
        return next((limit for limit in limits if _holds(limit, self.found)), None)


def run_of(identity: str, subject: Subject, case: Case, build: str | None) -> Run:
    """How the sandbox runs a sample in a case.

    Args:
        identity: what the observation will carry.
        subject: the sample; its toolchain is there.
        case: the case.
        build: the folder that its `prepare` commands filled, None where it has none.
    """
    found = _found(subject)
    file_name = subject.file.rpartition("/")[2]
    places = run_places(found) | {"file": file_name, "stem": file_name.rpartition(".")[0]}
    mounts = [*found.mounts(), Mount(subject.file, f"{PROJECT}/{file_name}")]
    if subject.sample.key.variant == "library":
        beside = found.toolchain.beside
        mounts += [Mount(f"{found.folder}/{name}", f"{PROJECT}/{name}") for name in beside]
    if build:
        mounts.append(Mount(build, BUILD))
    toolchain = found.toolchain.environment
    environment = {key: value.format_map(places) for key, value in toolchain.items()}
    environment |= case.environment
    environment |= {key: value for key, value in case.credentials.items() if value is not None}
    acts = tuple(AnswerPlan.of(a) if isinstance(a, Answer) else WaitPlan.of(a) for a in case.acts)
    waiting = sum(act.seconds for act in acts if isinstance(act, WaitPlan))
    return Run(
        id=identity,
        mounts=tuple(mounts),
        command=tuple(fill(found.toolchain.run, places)),
        environment=environment,
        home=home_key(subject),
        server=ServerPlan(
            hosts=(subject.scenario.request.host, *case.other_hosts),
            port=subject.scenario.request.port,
            listens=case.listens,
            certificate=case.certificate,
            acts=acts,
        ),
        kill_after_seconds=waiting + GRACE_SECONDS,
    )


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


def _holds(limit: Limit, found: Found) -> bool:
    versions = found.libraries
    return found.version.startswith(limit.versions) and all(
        versions.get(name, "").startswith(version) for name, version in limit.libraries.items()
    )
