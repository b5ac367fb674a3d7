"""What was asked of `tabproof prove`."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import msgspec

from tabproof.errors import InputError, choose
from tabproof.proof.selection import Selection

ALL = "all"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The values of its options.

    Attributes:
        fresh: whether all is run, whatever is on record.
        recording: whether the record is written.
        require: languages whose samples must run; `all` stands for each of them.
        jobs: how many runs there may be at the same time; None where nobody says.
        isolation: one of `isolation.CHOICES`.
        executor: which machines make the runs.
        form: the format of the report.
        files: records.
    """

    scenarios: tuple[str, ...]
    languages: tuple[str, ...]
    variants: tuple[str, ...]
    cases: tuple[str, ...]
    fresh: bool
    recording: bool
    require: tuple[str, ...]
    jobs: int | None
    isolation: str
    executor: str
    form: str
    files: tuple[Path, ...]

    def check(self, languages: Collection[str]) -> None:
        """Refuse to require a language that there is not.

        Raises:
            InputError: its name is unknown.
        """
        for name in self.require:
            if name not in (ALL, *languages):
                raise InputError(f"--require: unknown language '{name}'; {choose(languages)}.")

    def requires(self, language: str) -> bool:
        """Whether it is an error that a sample of this language cannot run here."""
        return ALL in self.require or language in self.require

    @property
    def selection(self) -> Selection:
        """Which samples, in which cases."""
        return Selection(self.scenarios, self.languages, self.variants, self.cases)
