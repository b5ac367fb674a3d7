"""Hold a sample with everything that its runs need. Pure."""

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
from tabproof.samples.record import Record
from tabproof.toolchains.find import InstalledToolchain


class RunnableSample(msgspec.Struct, frozen=True):
    """Hold a sample as it is on disk, with all that its runs need.

    Attributes:
        sample: the sample as it is rendered; its steps locate what is wrong.
        file: the path of the file that runs.
        digest: the SHA-256 of that file's bytes.
        toolchain: the toolchain, or why this machine cannot run it.
        isolation: how its runs are kept apart from this machine.
        missing_sandbox: why neither it nor a parser can be kept apart like this here; "" where they
            can.
        places: placeholder -> its value, for those that do not depend on a program.
        original: of a mutant, the sample whose build it begins with, if any.
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
    missing_sandbox: str = ""
    places: dict[str, str] = {}
    original: RunnableSample | None = None

    @property
    def identity(self) -> str:
        """Name it by its file and its runtime: each toolchain that runs a sample has its own."""
        runtime = "" if isinstance(self.toolchain, str) else self.toolchain.toolchain.runtime
        return f"{self.file}@{runtime}"

    def run_identity(self, case: Case) -> str:
        """Name its run in a case."""
        runtime = "" if isinstance(self.toolchain, str) else self.toolchain.toolchain.runtime
        return f"{self.sample.path}@{runtime}#{case.name}"

    @property
    def toolbox(self) -> ToolchainVersions | None:
        """Return the versions that results of this sample are keyed by."""
        if isinstance(self.toolchain, str):
            return None
        libraries = self.toolchain.libraries_for(self.sample.key.variant)
        runtime = self.toolchain.toolchain.runtime
        return ToolchainVersions(runtime, self.toolchain.version, libraries, self.isolation)

    @property
    def habits(self) -> Habits:
        """Return what this version of the runtime does by itself."""
        if isinstance(self.toolchain, str):
            return Habits()
        toolchain, version = self.toolchain.toolchain, self.toolchain.version
        noise = tuple(n for n in toolchain.noise if version.startswith(n.versions))
        leftovers = tuple(file for file in toolchain.leaves if version.startswith(file.versions))
        obeys_proxy = self.sample.key.variant in toolchain.obeys_proxy
        return Habits(noise, toolchain.exposes, leftovers, toolchain.wording, obeys_proxy)

    def limit(self, case: Case) -> Limit | None:
        """Return the limit because of which this runtime cannot pass a case, if any."""
        if isinstance(self.toolchain, str):
            return None
        installed, variant = self.toolchain, self.sample.key.variant
        # A library excuses nothing of a sample that does without it.
        libraries = installed.libraries_for(variant)
        return installed.toolchain.limit(case.name, variant, installed.version, libraries)

    def refuses(self, case: Case) -> bool:
        """Return whether its runtime has a limit that makes the sample itself refuse in a case."""
        limit = self.limit(case)
        return limit is not None and limit.refuses

    def expected_case(self, case: Case) -> Case:
        """Return a case as this sample must pass it: with its refusal, where it must refuse."""
        if not self.refuses(case) or case.refused is msgspec.UNSET:
            return case
        return msgspec.structs.replace(case, expect=case.refused)

    def results_in(self, record: Record) -> dict[str, Result]:
        """Return case -> the result of these bytes in this toolchain's series.

        A result of another version is no reason not to run, but its failure counts.
        """
        box = self.toolbox
        return {
            result.case: result
            for result in record.results_of(self.sample.key, self.cases)
            if box and result.toolbox and result.toolbox.series == box.series
            if result.sample_digest == self.digest
        }

    def result(self, case: Case, verdict: Verdict, reason: str, date: str) -> Result:
        """Return its result in a case."""
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
