"""Read and write results: the committed record and this machine's own cache.

Both are JSON with one line for each result, sorted, so that diffs are readable.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

import msgspec

from tabproof.errors import InputError, refuse_conflict
from tabproof.model.result import Result, SyntaxResult
from tabproof.model.sample import SampleKey
from tabproof.samples import manifest
from tabproof.system.files import exclusive, write_if_changed

RECORD = manifest.RECORD
CACHE = ".tabproof/results.json"
RESOLUTION = "take either side as a whole and run `tabproof prove --record`"

SampleDigests: TypeAlias = Mapping[SampleKey, str]
CaseDigests: TypeAlias = Mapping[tuple[str, str], str]


class CurrentDigests(msgspec.Struct, frozen=True):
    """Hold the digests of samples and cases as they are now; results of others are outdated.

    Attributes:
        samples: the SHA-256 of each sample's bytes.
        cases: the digest of each case, by scenario and name.
        unread: scenarios that cannot be read at present. Whether their cases have changed is
            unknown, so the results of their samples stay as long as the bytes do.
    """

    samples: SampleDigests
    cases: CaseDigests
    unread: frozenset[str] = frozenset()

    def covers(self, result: Result) -> bool:
        """Return whether a result is about the bytes and the case that there are now."""
        scenario = result.sample.scenario
        return self.samples.get(result.sample) == result.sample_digest and (
            scenario in self.unread or self.cases.get((scenario, result.case)) == result.case_digest
        )

    def covers_syntax(self, result: SyntaxResult) -> bool:
        """Return whether a parser's result is about the bytes that there are now."""
        return self.samples.get(result.sample) == result.sample_digest


class Record(msgspec.Struct, frozen=True, dict=True):
    """Hold results, and parsers' results for samples that could not be run."""

    results: tuple[Result, ...] = ()
    syntax: tuple[SyntaxResult, ...] = ()

    @cached_property
    def by_sample(self) -> dict[SampleKey, list[Result]]:
        """Return the results of each sample."""
        grouped: dict[SampleKey, list[Result]] = defaultdict(list)
        for result in self.results:
            grouped[result.sample].append(result)
        return dict(grouped)

    def with_run(self, new: Record) -> Record:
        """Return this record with the results of a run added.

        Each replaces the one of the same bytes, case and toolchain series, and nothing else. A
        skipped result does not replace one that passed: a limit of the runtime excuses a fault
        that not every run shows, and a parser may be missing on one machine.
        """
        results: dict[object, Result] = {}
        for result in (*self.results, *new.results):
            key = _key(result)
            earlier = results.get(key)
            if not (earlier and earlier.verdict == "passed" and result.verdict == "skipped"):
                results[key] = result
        syntax: dict[object, SyntaxResult] = {}
        for parsed in (*self.syntax, *new.syntax):
            parse = (parsed.sample, parsed.sample_digest, parsed.parser)
            if parsed.verdict != "skipped" or parse not in syntax:
                syntax[parse] = parsed
        return Record(tuple(results.values()), tuple(syntax.values()))

    def union(self, *others: Record) -> Record:
        """Return the union with other records.

        Of the results of the same bytes, case and toolchain series, the latest stays, whichever
        record it is in.
        """
        records = (self, *others)
        results = [result for record in records for result in record.results]
        syntax = [parsed for record in records for parsed in record.syntax]
        # The order of the records must not matter: of results of the same time, failures stay.
        results.sort(key=lambda result: (result.date, toolchain_parts(result), _rank(result)))
        syntax.sort(key=lambda parsed: (parsed.date, _rank(parsed), parsed.reason))
        return Record().with_run(Record(tuple(results), tuple(syntax)))

    def adds_to(self, other: Record) -> bool:
        """Return whether it has anything that the other lacks: a run, or a parser's result."""
        ran = any(result.toolbox for result in self.results)
        return ran or any(parsed not in other.syntax for parsed in self.syntax)

    def with_isolation(self, isolation: str) -> Record:
        """Return the results of runs with this isolation, and those of parsers."""
        results = (r for r in self.results if r.toolbox and r.toolbox.isolation == isolation)
        return Record(tuple(results), self.syntax)

    def within(self, current: CurrentDigests, *, with_excused: bool = False) -> Record:
        """Return the part that is about samples and cases as they are now.

        Args:
            current: the samples and cases as they are now.
            with_excused: whether to keep runs that a limit excused; they prove nothing.
        """
        return Record(
            tuple(
                result
                for result in self.results
                if (result.verdict != "skipped" or (with_excused and result.toolbox))
                and current.covers(result)
            ),
            tuple(parsed for parsed in self.syntax if current.covers_syntax(parsed)),
        )


def cache_update(own: Record, ran: Record, current: CurrentDigests) -> Record:
    """Return this machine's own results after a run.

    Args:
        own: the results before it.
        ran: the results of the run.
        current: the samples and cases as they are now.
    """
    return own.with_run(ran).within(current, with_excused=True)


def record_update(recorded: Record, own: Record, ran: Record, current: CurrentDigests) -> Record:
    """Return the committed record after a run.

    Args:
        recorded: the record before it.
        own: earlier results of this machine; of two results of the same run the later one counts.
        ran: the results of the run.
        current: the samples and cases as they are now.
    """
    return recorded.union(own).with_run(ran).within(current)


def read(root: Path, name: str) -> Record:
    """Read a record; return an empty one where there is no file.

    Raises:
        InputError: it is not a record (merge-conflict markers, for example).
    """
    content = b""
    try:
        content = (root / name).read_bytes()
        return msgspec.json.decode(content, type=Record)
    except FileNotFoundError:
        return Record()
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        refuse_conflict(name, content, RESOLUTION)
        raise InputError(
            f"{name}: is not a record of results ({error}); delete it and run "
            "`tabproof prove --record`."
        ) from error
    except OSError as error:
        raise InputError(f"{name}: cannot be read: {error.strerror}.") from error


def sha256_of_file(root: Path, name: str) -> str:
    """Return the SHA-256 of a record's bytes, in hex; "" where it cannot be read."""
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


def read_all(root: Path) -> Record:
    """Read the committed results and this machine's own.

    Raises:
        InputError: a record is invalid.
    """
    return read(root, RECORD).union(read(root, CACHE))


def update(root: Path, name: str, change: Callable[[Record], Record]) -> Record:
    """Change a record as it is on disk now: another run may have changed it since this one began.

    Args:
        root: the project's folder.
        name: the record's file in it.
        change: takes the record on disk and returns the one to write.

    Returns:
        The record as written.

    Raises:
        InputError: the file on disk is not a record.
        MachineError: it cannot be written.
    """
    with exclusive(root):
        changed = change(read(root, name))
        _write(root, name, changed)
    return changed


def _write(root: Path, name: str, record: Record) -> None:
    results = sorted(record.results, key=lambda r: (r.sample, r.case, _series(r), r.case_digest))
    syntax = sorted(record.syntax, key=lambda s: (s.sample, s.parser))
    text = f'{{"results": [{_lines(results)}],\n"syntax": [{_lines(syntax)}]}}\n'
    write_if_changed(root / name, text.encode())


def _lines(rows: Iterable[Result | SyntaxResult]) -> str:
    lines = ",\n".join(msgspec.json.encode(row).decode() for row in rows)
    return f"\n{lines}\n" if lines else ""


def _series(result: Result) -> tuple[str, str, str]:
    return result.toolbox.series if result.toolbox else ("", "", "")


def _key(result: Result) -> tuple[object, ...]:
    """Return the key of a result: two with the same key are about the same run."""
    digests = result.sample_digest, result.case_digest
    return result.sample, result.case, digests, _series(result)


def toolchain_parts(result: Result) -> tuple[str, str, tuple[tuple[str, str], ...], str]:
    """Return the toolchain of a result, as a tuple that can be compared and sorted."""
    box = result.toolbox
    if box is None:
        return "", "", (), ""
    return box.runtime, box.version, tuple(sorted(box.libraries.items())), box.isolation


def _rank(result: Result | SyntaxResult) -> int:
    return ("skipped", "passed", "failed").index(result.verdict)
