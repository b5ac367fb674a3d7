"""A sample that is to be run in some cases, and what is known of it before that. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import msgspec

from tabproof.model.case import Case
from tabproof.model.isolation import BUBBLEWRAP, Isolation
from tabproof.model.language import Habits, Language, Limit
from tabproof.model.result import Result, ToolchainVersions, Verdict
from tabproof.model.sample import Sample
from tabproof.model.scenario import Scenario
from tabproof.toolchains.find import InstalledToolchain


class RunnableSample(msgspec.Struct, frozen=True):
    """A sample as it is on disk, with all that its runs need.

    Attributes:
        sample: the sample as it is rendered; its steps locate what is wrong.
        file: the path of the file that runs.
        digest: the SHA-256 of that file's bytes.
        toolchain: the toolchain, or why this machine cannot run it.
        isolation: how its runs are kept apart from this machine.
        places: placeholder -> its value, of what is known before any program is found.
    """

    sample: Sample
    scenario: Scenario
    language: Language
    file: str
    text: str
    digest: str
    cases: tuple[Case, ...]
    toolchain: InstalledToolchain | str
    isolation: Isolation = BUBBLEWRAP
    places: dict[str, str] = {}

    @property
    def identity(self) -> str:
        """Its file and its runtime: a sample is a subject for each toolchain that runs it."""
        runtime = "" if isinstance(self.toolchain, str) else self.toolchain.toolchain.runtime
        return f"{self.file}@{runtime}"

    def run_identity(self, case: Case) -> str:
        """Name its run in a case."""
        runtime = "" if isinstance(self.toolchain, str) else self.toolchain.toolchain.runtime
        return f"{self.sample.path}@{runtime}#{case.name}"

    @property
    def toolbox(self) -> ToolchainVersions | None:
        """What results of this sample are keyed by."""
        if isinstance(self.toolchain, str):
            return None
        libraries = self.toolchain.libraries_for(self.sample.key.variant)
        runtime = self.toolchain.toolchain.runtime
        return ToolchainVersions(runtime, self.toolchain.version, libraries, self.isolation)

    @property
    def habits(self) -> Habits:
        """What this version of the runtime does by itself."""
        if isinstance(self.toolchain, str):
            return Habits()
        toolchain, version = self.toolchain.toolchain, self.toolchain.version
        noise = tuple(n for n in toolchain.noise if version.startswith(n.versions))
        return Habits(noise, toolchain.exposes, toolchain.wording)

    def limit(self, case: Case) -> Limit | None:
        """Why this runtime cannot pass a case, if it cannot."""
        if isinstance(self.toolchain, str):
            return None
        found = self.toolchain
        return found.toolchain.limit(case.name, found.version, found.libraries)

    def result(self, case: Case, verdict: Verdict, reason: str, date: str) -> Result:
        """What became of it in a case."""
        return Result(
            self.sample.key,
            case.name,
            verdict,
            reason,
            self.digest,
            case.digest,
            self.toolbox,
            date,
        )


RequestedRuns: TypeAlias = Mapping[str, tuple[RunnableSample, Case]]
"""The run's identity -> what is run in which case."""
