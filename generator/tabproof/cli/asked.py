"""What was asked of `tabproof prove`."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tabproof.proof.selection import Selection


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The values of its options.

    Attributes:
        fresh: whether all is run, whatever is on record.
        recording: whether the record is written.
        require: `all` where what cannot run here is an error.
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
    require: str | None
    jobs: int | None
    isolation: str
    executor: str
    form: str
    files: tuple[Path, ...]

    @property
    def selection(self) -> Selection:
        """Which samples, in which cases."""
        return Selection(self.scenarios, self.languages, self.variants, self.cases)
