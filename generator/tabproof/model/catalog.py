"""Hold a project's scenarios, languages, cases and templates."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

import msgspec

from tabproof.errors import InputError, choose
from tabproof.model.case_file import CasesFile
from tabproof.model.language import VARIANTS, Language, Variant
from tabproof.model.sample import SampleKey
from tabproof.model.scenario import Scenario

if TYPE_CHECKING:
    from jinja2 import BytecodeCache

NO_SCENARIO = (
    "templates/scenarios: there is no scenario; create one with `tabproof new scenario NAME`."
)


class Fault(msgspec.Struct, frozen=True):
    """Hold an error in one scenario, or in one of its samples; it concerns no other scenario.

    Attributes:
        scenario: its name; the nearest valid one where the file's name is not valid.
        error: with the place and the fix.
        sample: the one sample that cannot be rendered; None where that holds for all of them.
    """

    scenario: str
    error: InputError
    sample: SampleKey | None = None

    def concerns(self, sample: SampleKey) -> bool:
        """Return whether a sample is missing because of this error."""
        return sample == self.sample if self.sample else sample.scenario == self.scenario


class Catalog(msgspec.Struct, frozen=True):
    """Hold a project's scenarios, languages, cases and templates.

    Attributes:
        languages: the languages that the project has samples in, in the order of the tabs.
        sources: template name (`ruby/sample.rb.jinja`) -> its text.
        places: template name -> the file it came from, as messages show it.
        variants: the variants that the project has samples in.
        unused_languages: the other languages; cases may name them.
        compiled: a language -> the cache of its templates' bytecode, None without one.
        faults: the errors of scenarios that are not in `scenarios`.
        lacking_cases: the names of packaged cases that a project's own `cases.yml` lacks, or has
            otherwise.
    """

    scenarios: dict[str, Scenario]
    languages: dict[str, Language]
    cases: CasesFile
    sources: dict[str, str]
    places: dict[str, str]
    variants: tuple[Variant, ...] = VARIANTS
    unused_languages: dict[str, Language] = {}
    compiled: Callable[[Language], BytecodeCache | None] = lambda _language: None
    faults: tuple[Fault, ...] = ()
    lacking_cases: tuple[str, ...] = ()

    def faults_of(self, scenario: str) -> list[InputError]:
        """Return the errors of a scenario."""
        return [fault.error for fault in self.faults if fault.scenario == scenario]

    def __post_init__(self) -> None:
        """Refuse cases that name an unknown language or runtime.

        Raises:
            InputError: a row of `cases.yml` would never run, or run without its options.
        """
        languages = self.languages | self.unused_languages
        runtimes = {
            toolchain.runtime
            for language in languages.values()
            for toolchain in language.data.toolchains
        }
        for row in self.cases.cases:
            place = f"templates/cases.yml: case '{row.name}'"
            _check(place, "language", row.languages, languages)
            _check(place, "runtime", row.options, runtimes)


def _check(place: str, what: str, names: Collection[str], choices: Collection[str]) -> None:
    for name in names:
        if name not in choices:
            raise InputError(f"{place}: unknown {what} '{name}'; {choose(choices)}.")
