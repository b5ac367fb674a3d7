"""Give each sample of a proof the toolchains of this machine that can run it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

import msgspec

from tabproof.errors import InputError
from tabproof.model.case import Case
from tabproof.model.catalog import Catalog
from tabproof.model.isolation import Isolation
from tabproof.model.sample import Sample
from tabproof.project.cases import cases_for_language, cases_of
from tabproof.proof.prepare.runnable_sample import RunnableSample
from tabproof.proof.prepare.selection import Selection, refuse_nothing
from tabproof.samples.tree import FOLDER, read_sample, sha256_of
from tabproof.sandbox.isolation_choice import IN_SANDBOX, IsolationChoice
from tabproof.toolchains import find


class ToolchainSurvey:
    """Look for the toolchains of this machine in the background, from its creation on."""

    def __init__(
        self,
        root: Path,
        catalog: Catalog,
        selection: Selection,
        apart: Callable[[], IsolationChoice],
    ) -> None:
        """Begin to look for the toolchains of this machine.

        Args:
            root: the project's folder.
            catalog: what its templates say.
            selection: which samples it is for.
            apart: chooses the isolation of the runs.
        """
        self._root, self._catalog, self._selection = root, catalog, selection
        # Each thread waits for another program.
        self._pool = ThreadPoolExecutor(len(catalog.languages) + 1)
        self._finds = {
            name: self._pool.submit(find.find_toolchains, language, root)
            for name, language in catalog.languages.items()
            if selection.holds_language(name)
        }
        self._apart = self._pool.submit(apart)

    def __enter__(self) -> Self:
        """Return itself; at the end of the context no program of it runs any more."""
        return self

    def __exit__(self, *_: object) -> None:
        """Wait for the programs that still run."""
        self._pool.shutdown(cancel_futures=True)

    @property
    def isolation(self) -> Isolation:
        """Return the isolation of the runs."""
        return self._apart.result().isolation

    @property
    def missing_sandbox(self) -> str:
        """Return why this machine has no sandbox; "" where it has one."""
        return self._apart.result().missing_reason

    def toolchains(self, language: str) -> list[find.InstalledToolchain | find.MissingToolchain]:
        """Return the toolchains of one of the selected languages."""
        return self._finds[language].result()

    def subjects(self, samples: Iterable[Sample]) -> tuple[RunnableSample, ...]:
        """Return the selected samples, each once for every toolchain that can run it.

        Args:
            samples: all samples, rendered; they may be rendered while this iterates over them.

        Raises:
            InputError: the selection names something that does not exist, or a sample is missing.
        """
        catalog, selection = self._catalog, self._selection
        cases = {
            name: cases_of(scenario, catalog.cases) for name, scenario in catalog.scenarios.items()
        }
        if catalog.scenarios:
            selection.check(catalog, {case.name for group in cases.values() for case in group})
        # All of them before any toolchain is waited for.
        chosen = [sample for sample in samples if selection.holds(sample)]
        refuse_nothing(catalog, chosen)
        return tuple(
            subject
            for sample in chosen
            for subject in self._subjects(sample, cases[sample.key.scenario])
        )

    def _subjects(self, sample: Sample, cases: tuple[Case, ...]) -> Iterator[RunnableSample]:
        content = read_sample(self._root, sample.path)
        if content is None:
            raise InputError(f"{FOLDER}/{sample.path}: is missing; run `tabproof generate`.")
        language = sample.key.language
        apart = self._apart.result()
        first = RunnableSample(
            sample=sample,
            scenario=self._catalog.scenarios[sample.key.scenario],
            language=self._catalog.languages[language],
            file=str((self._root / FOLDER / sample.path).resolve()),
            text=content.decode(errors="replace"),
            digest=sha256_of(content),
            cases=tuple(
                case
                for case in cases_for_language(self._catalog.languages[language], cases)
                if self._selection.holds_case(case)
            ),
            isolation=apart.isolation,
            missing_sandbox=apart.missing_reason,
            toolchain=apart.missing_reason,
            places=find.base_placeholders(self._catalog.languages[language], self._root),
        )
        found, variant = self.toolchains(language), sample.key.variant
        able = find.usable_toolchains(found, variant)
        if not able:
            yield msgspec.structs.replace(
                first, toolchain=find.missing_toolchain_reason(found, variant)
            )
        elif apart.missing_reason:
            yield first
        else:
            yield from (msgspec.structs.replace(first, toolchain=each) for each in able)


def runnable_samples(
    root: Path,
    catalog: Catalog,
    samples: Iterable[Sample],
    selection: Selection,
    apart: IsolationChoice = IN_SANDBOX,
) -> tuple[RunnableSample, ...]:
    """Return the selected samples of one `ToolchainSurvey`, and wait for it.

    Raises:
        InputError: the selection names something that is not there, or a sample is missing.
    """
    with ToolchainSurvey(root, catalog, selection, lambda: apart) as survey:
        return survey.subjects(samples)
