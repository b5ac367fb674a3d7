"""The edge to results on disk: the committed record and this machine's own cache.

Both are JSON with one sorted line for each result, so that a change reads as a diff.
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

from tabproof import manifest
from tabproof.errors import InputError, refuse_conflict
from tabproof.files import exclusive, write_if_changed
from tabproof.model.result import Result, SyntaxResult
from tabproof.model.sample import SampleKey

RECORD = manifest.RECORD
CACHE = ".tabproof/results.json"
MEND = "take either side whole and run `tabproof prove --record`"

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
