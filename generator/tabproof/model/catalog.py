"""Everything that is known before a sample is rendered."""

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
    "templates/scenarios: there is no scenario; begin one with `tabproof new scenario NAME`."
)


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with one scenario, or with one of its samples; all others can do without it.

    Attributes:
        scenario: its name; of a file whose name is none of a scenario, the nearest one that is.
        error: with the place, and how to mend it.
        sample: the one sample that cannot be rendered; None where none can.
    """

    scenario: str
    error: InputError
    sample: SampleKey | None = None

    def concerns(self, sample: SampleKey) -> bool:
        """Whether there is no such sample because of it."""
        return sample == self.sample if self.sample else sample.scenario == self.scenario


class Catalog(msgspec.Struct, frozen=True):
    """A project's scenarios, languages, cases and templates.

    Attributes:
        languages: those that the project has samples in, in the order of the tabs.
        sources: template name (`ruby/sample.rb.jinja`) -> its text.
        places: template name -> the file it came from, as messages show it.
        variants: those that the project has samples in.
        unused_languages: the languages that it has no samples in; cases may name them.
        compiled: where the bytecode of a language's templates is kept, if it is.
        faults: the scenarios that are not right, and so are not among `scenarios`.
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

    def faults_of(self, scenario: str) -> list[InputError]:
        """Return what is wrong with a scenario."""
        return [fault.error for fault in self.faults if fault.scenario == scenario]

    def __post_init__(self) -> None:
        """Refuse rows that name a language or a runtime that is not there.

        Raises:
            InputError: such a row would never be run, or without its options.
        """
        known = self.languages | self.unused_languages
        runtimes = {
            toolchain.runtime
            for language in known.values()
            for toolchain in language.data.toolchains
        }
        for row in self.cases.cases:
            place = f"templates/cases.yml: case '{row.name}'"
            _check(place, "language", row.languages, known)
            _check(place, "runtime", row.options, runtimes)


def _check(place: str, what: str, names: Collection[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            raise InputError(f"{place}: unknown {what} '{name}'; {choose(known)}.")
