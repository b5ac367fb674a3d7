"""The edge to results on disk: the committed record and this machine's own cache.

Both are JSON with one sorted line for each result, so that a change reads as a diff.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from tabproof import isolation
from tabproof.errors import InputError, refuse_conflict
from tabproof.files import exclusive, write_if_changed
from tabproof.isolation import REBASED
from tabproof.model.case import Case
from tabproof.model.language import Toolchain
from tabproof.model.result import Result, SyntaxResult, Toolbox
from tabproof.model.sample import SampleKey

RECORD = "samples/proof.json"
CACHE = ".tabproof/results.json"
MEND = "take either side whole and run `tabproof prove --record`"

State: TypeAlias = Literal["proved", "parsed", "failed", "unproved"]
Digests: TypeAlias = Mapping[SampleKey, str]
CaseDigests: TypeAlias = Mapping[tuple[str, str], str]


class Record(msgspec.Struct, frozen=True, dict=True):
    """Results, and what parsers said of samples that could not be run."""

    results: tuple[Result, ...] = ()
    syntax: tuple[SyntaxResult, ...] = ()

    @cached_property
    def by_sample(self) -> dict[SampleKey, list[Result]]:
        """The results of each sample."""
        found: dict[SampleKey, list[Result]] = defaultdict(list)
        for result in self.results:
            found[result.sample].append(result)
        return dict(found)

    def with_renewed(self, new: Record) -> Record:
        """This record with other results added; each replaces that of its toolchain's series."""
        results = {_place(result): result for result in (*self.results, *new.results)}
        syntax = {(s.sample, s.parser): s for s in (*self.syntax, *new.syntax)}
        return Record(tuple(results.values()), tuple(syntax.values()))

    def adds_to(self, other: Record) -> bool:
        """Whether it says anything that the other does not: a run, or a parser's words."""
        ran = any(result.toolbox for result in self.results)
        return ran or any(said not in other.syntax for said in self.syntax)

    def under(self, isolation: str) -> Record:
        """The part that was seen under an isolation, and what parsers said."""
        results = (r for r in self.results if r.toolbox and r.toolbox.isolation == isolation)
        return Record(tuple(results), self.syntax)

    def present(
        self, samples: Digests, cases: CaseDigests, *, with_excused: bool = False
    ) -> Record:
        """The part that speaks of samples and cases as they are now.

        Args:
            samples: the SHA-256 of each sample's bytes.
            cases: the digest of each case, by scenario and name.
            with_excused: whether runs that a limit excused stay; they prove nothing.
        """
        return Record(
            tuple(
                result
                for result in self.results
                if (result.verdict != "skipped" or (with_excused and result.toolbox))
                and samples.get(result.sample) == result.sample_digest
                and cases.get((result.sample.scenario, result.case)) == result.case_digest
            ),
            tuple(s for s in self.syntax if samples.get(s.sample) == s.sample_digest),
        )


class Standing(msgspec.Struct, frozen=True):
    """What the record says of one sample as it is now.

    Attributes:
        state: `proved` (passed every case that it can somewhere, failed nowhere), `parsed` (well
            formed, never run), `failed`, or `unproved`.
        reason: for people, where it is not proved.
        toolboxes: what it was proved with.
        date: the latest result's.
        case_count: how many cases it passed.
    """

    state: State
    reason: str = ""
    toolboxes: tuple[Toolbox, ...] = ()
    date: str = ""
    case_count: int = 0

    @property
    def publishable(self) -> bool:
        """Whether a page may show the sample."""
        return self.state in ("proved", "parsed")


def standing(
    sample: SampleKey,
    digest: str,
    cases: Collection[Case],
    record: Record,
    toolchains: Collection[Toolchain],
) -> Standing:
    """What a record says of a sample with these bytes in these cases.

    A sample that was only ever run without a sandbox need not have passed what that cannot make,
    nor one that no runtime has run without a limit what that limit is about.

    Args:
        sample: which one.
        digest: the SHA-256 of its bytes.
        cases: all that it must pass.
        record: results of all samples.
        toolchains: those of its language, with their limits.
    """
    wanted = {case.name: case.digest for case in cases}
    results = [
        result
        for result in record.by_sample.get(sample, ())
        if result.sample_digest == digest and wanted.get(result.case) == result.case_digest
    ]
    failed = [result for result in results if result.verdict == "failed"]
    if failed:
        return Standing("failed", f"failed in case {failed[0].case}: {failed[0].reason}")
    passed = [result for result in results if result.verdict == "passed"]
    date = max((result.date for result in passed), default="")
    toolboxes = {r.toolbox.shown(): r.toolbox for r in passed if r.toolbox}
    names = {result.case for result in passed}
    rebased = all(box.isolation == REBASED for box in toolboxes.values())
    lacking = [
        case.name
        for case in cases
        if case.name not in names
        and not (rebased and isolation.lacking(case, REBASED))
        and not _limited(case, toolboxes.values(), toolchains)
    ]
    if passed and not lacking:
        return Standing("proved", "", tuple(toolboxes.values()), date, len(names))
    if passed:
        return Standing("unproved", f"not proved in {len(lacking)} cases, such as {lacking[0]}")
    return _parsed(sample, digest, record)


def _limited(case: Case, toolboxes: Iterable[Toolbox], toolchains: Collection[Toolchain]) -> bool:
    """Whether each runtime has a limit that keeps it from passing a case."""
    return all(
        any(
            toolchain.limit(case.name, box.version, box.libraries)
            for toolchain in toolchains
            if toolchain.runtime == box.runtime
        )
        for box in toolboxes
    )


def _parsed(sample: SampleKey, digest: str, record: Record) -> Standing:
    said = [s for s in record.syntax if s.sample == sample and s.sample_digest == digest]
    failed = [s for s in said if s.verdict == "failed"]
    if failed:
        return Standing("failed", f"{failed[0].parser}: {failed[0].reason}")
    clean = [s for s in said if s.verdict == "passed"]
    if clean:
        return Standing("parsed", f"not run; well formed by {clean[0].parser}", (), clean[0].date)
    return Standing("unproved", "not proved for its present bytes")


def read(root: Path, name: str) -> Record:
    """Read a record; an empty one where there is none.

    Raises:
        InputError: it is no record (merge-conflict marks, say).
    """
    content = b""
    try:
        content = (root / name).read_bytes()
        return msgspec.json.decode(content, type=Record)
    except FileNotFoundError:
        return Record()
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        refuse_conflict(name, content, MEND)
        raise InputError(
            f"{name}: is no record of results ({error}); delete it and run "
            "`tabproof prove --record`."
        ) from error
    except OSError as error:
        raise InputError(f"{name}: cannot be read: {error.strerror}.") from error


def digest(root: Path, name: str) -> str:
    """The SHA-256 of a record's bytes, in hex; "" where there is none that can be read."""
    with suppress(OSError):
        return hashlib.sha256((root / name).read_bytes()).hexdigest()
    return ""


def write(root: Path, name: str, record: Record) -> None:
    """Write a record, sorted, one line for each result.

    Raises:
        MachineError: it cannot be written.
    """
    with exclusive(root):
        _write(root, name, record)


def update(root: Path, name: str, change: Callable[[Record], Record]) -> None:
    """Change a record as it is on disk then: another run may have written since this one began.

    Args:
        root: the project's folder.
        name: the record's file in it.
        change: takes the record on disk and returns the one to write.

    Raises:
        InputError: what is on disk is no record.
        MachineError: it cannot be written.
    """
    with exclusive(root):
        _write(root, name, change(read(root, name)))


def _write(root: Path, name: str, record: Record) -> None:
    results = sorted(record.results, key=lambda r: (r.sample, r.case, _series(r)))
    syntax = sorted(record.syntax, key=lambda s: (s.sample, s.parser))
    text = f'{{"results": [{_lines(results)}],\n"syntax": [{_lines(syntax)}]}}\n'
    write_if_changed(root / name, text.encode())


def _lines(rows: Iterable[Result | SyntaxResult]) -> str:
    lines = ",\n".join(msgspec.json.encode(row).decode() for row in rows)
    return f"\n{lines}\n" if lines else ""


def _series(result: Result) -> tuple[str, str, str]:
    return result.toolbox.series if result.toolbox else ("", "", "")


def _place(result: Result) -> tuple[SampleKey, str, tuple[str, str, str]]:
    return result.sample, result.case, _series(result)
