"""Records of several machines become one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from tabproof.errors import InputError
from tabproof.samples.record import CurrentDigests, Record, toolchain_parts

Named = Mapping[str, Record]
"""Records by the names of their files."""


class Claim(msgspec.Struct, frozen=True):
    """One verdict in one file.

    Attributes:
        key: what makes two verdicts speak of the same run.
        subject: the sample, the case and the toolchain, for people.
    """

    key: tuple[object, ...]
    subject: str
    file: str
    verdict: str
    reason: str

    def label(self) -> str:
        """`passed in a.json`, `failed in b.json (why)`."""
        why = f" ({self.reason})" if self.reason else ""
        return f"{self.verdict} in {self.file}{why}"


def merge(records: Named, current: CurrentDigests) -> Record:
    """Unite records: of one toolchain series, the latest result of each sample in each case.

    Args:
        records: what each file holds; skipped results, and those of other bytes and other cases,
            are left out.
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
            f"{more}; prove it once more on both machines with "
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
            yield Claim(key, subject, file, result.verdict, result.reason)
        for said in record.syntax:
            # That a parser is missing on one machine contradicts nothing.
            if said.verdict != "skipped":
                key = (said.sample, "parsed by", (said.parser,))
                subject = f"{said.sample.name}, parser {said.parser}"
                yield Claim(key, subject, file, said.verdict, said.reason)


def _contradictions(claims: Iterable[Claim]) -> Iterator[tuple[Claim, Claim]]:
    first: dict[tuple[object, ...], Claim] = {}
    for claim in claims:
        known = first.setdefault(claim.key, claim)
        if known.verdict != claim.verdict:
            yield known, claim
