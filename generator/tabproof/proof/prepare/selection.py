"""Select the samples to prove, and the cases to run them in. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Literal, TypeAlias

import msgspec

from tabproof.errors import InputError, choose
from tabproof.model.case import Case
from tabproof.model.catalog import NO_SCENARIO, Catalog, Fault
from tabproof.model.sample import Sample

Freshness: TypeAlias = Literal["no", "selected cases", "all cases"]
"""Which runs are made although their results are on record."""


class Selection(msgspec.Struct, frozen=True):
    """Hold what to prove; an empty tuple means all."""

    scenarios: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()

    def holds(self, sample: Sample) -> bool:
        """Return whether a sample is selected."""
        key = sample.key
        return (
            _in(key.scenario, self.scenarios)
            and _in(key.language, self.languages)
            and _in(key.variant, self.variants)
        )

    def faults(self, faults: Iterable[Fault]) -> list[Fault]:
        """Return the faults because of which a selected sample is missing."""
        return [
            fault
            for fault in faults
            if _in(fault.scenario, self.scenarios)
            and (
                fault.sample is None
                or (
                    _in(fault.sample.language, self.languages)
                    and _in(fault.sample.variant, self.variants)
                )
            )
        ]

    def holds_language(self, name: str) -> bool:
        """Return whether samples of a language are selected."""
        return _in(name, self.languages)

    def holds_case(self, case: Case) -> bool:
        """Return whether a case is selected."""
        return _in(case.name, self.cases)

    def check(self, catalog: Catalog, cases: Collection[str]) -> None:
        """Refuse names that do not exist.

        Raises:
            InputError: with the choices.
        """
        faulty = [fault.scenario for fault in catalog.faults]
        options = (
            ("scenario", self.scenarios, {*catalog.scenarios, *faulty}),
            ("language", self.languages, catalog.languages),
            ("variant", self.variants, catalog.variants),
            ("case", self.cases, cases),
        )
        for what, chosen, choices in options:
            for name in chosen:
                if name not in choices:
                    raise InputError(f"unknown {what} '{name}'; {choose(choices, name)}.")


def refuse_nothing(catalog: Catalog, samples: Sequence[Sample]) -> None:
    """Refuse a selection without any sample: that nothing failed would be no success.

    Args:
        catalog: what the templates say.
        samples: those that are selected.

    Raises:
        InputError: there is none.
    """
    if not catalog.scenarios:
        raise InputError(NO_SCENARIO)
    if not samples:
        raise InputError(
            "there is no sample in this selection; `tabproof config` says which languages and "
            "variants the project has."
        )


def _in(name: str, chosen: Collection[str]) -> bool:
    return not chosen or name in chosen
