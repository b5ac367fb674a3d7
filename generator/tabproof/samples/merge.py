"""Merge the records of several machines. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from tabproof.errors import InputError
from tabproof.model.result import Failure
from tabproof.samples.record import Current, Record, toolchain_parts

Named = Mapping[str, Record]
"""Records by the names of their files."""


class Claim(msgspec.Struct, frozen=True):
    """Hold one verdict of one file.

    Attributes:
        key: equal for verdicts on the same run.
        subject: the sample, the case and the toolchain, for messages.
    """

    key: tuple[object, ...]
    subject: str
    file: str
    verdict: str
    reason: str
    earlier_failure: Failure | None = None

    def label(self) -> str:
        """Return `passed in a.json`, or `failed in b.json (the reason)`."""
        reason = f" ({self.reason})" if self.reason else ""
        return f"{self.verdict} in {self.file}{reason}"


def merge(records: Named, current: Current) -> Record:
    """Merge records: of each toolchain series, keep the result of a sample in a case that counts.

    A failure counts, unless a pass knows of it; then the latest.

    Args:
        records: the record of each file; skipped results, and those of other bytes and other
            cases, are left out.
        current: the samples and cases as they are now.

    Raises:
        InputError: the same run passed in one file and failed in another.
    """
    valid = {name: record.within(current) for name, record in records.items()}
    contradictions = list(_contradictions(_claims(valid)))
    if contradictions:
        one, other = contradictions[0]
        more = f", and {len(contradictions) - 1} more" if len(contradictions) > 1 else ""
        files = " and ".join(sorted({one.file, other.file}))
        raise InputError(
            f"{files}: contradict each other on {one.subject}: {one.label()}, {other.label()}"
            f"{more}; prove it again on both machines with "
            "`tabproof prove --fresh --record`, and merge those records."
        )
    return Record().union(*valid.values())


def _claims(records: Named) -> Iterator[Claim]:
    for file, record in records.items():
        for result in record.results:
            box = result.toolbox.label() if result.toolbox else "no toolchain"
            subject = f"{result.sample.name}, case {result.case}, {box}"
            key: tuple[object, ...] = (
                *(result.sample, result.case, result.case_digest),
                toolchain_parts(result),
            )
            yield Claim(key, subject, file, result.verdict, result.reason, result.earlier_failure)
        for parsed in record.syntax:
            # A parser that is missing on one machine does not contradict another.
            if parsed.verdict != "skipped":
                key = (parsed.sample, "parsed by", (parsed.parser,))
                subject = f"{parsed.sample.name}, parser {parsed.parser}"
                yield Claim(key, subject, file, parsed.verdict, parsed.reason)


def _contradictions(claims: Iterable[Claim]) -> Iterator[tuple[Claim, Claim]]:
    same_run: dict[tuple[object, ...], list[Claim]] = {}
    for claim in claims:
        same_run.setdefault(claim.key, []).append(claim)
    for first, *others in same_run.values():
        other = next((claim for claim in others if claim.verdict != first.verdict), None)
        if other and not any(claim.earlier_failure for claim in (first, *others)):
            yield first, other
