"""Read and write results: the committed record, and this machine's own cache."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path

import msgspec

from tabproof.errors import InputError, refuse_conflict
from tabproof.project.cases import FindCases
from tabproof.samples import manifest
from tabproof.samples.proof_rows import EMPTY, FORM, ProofFile, encode, proof_file_of
from tabproof.samples.record import Current, Record
from tabproof.samples.run_dates import is_date, latest_date
from tabproof.system.files import exclusive, write_if_changed

RECORD = manifest.RECORD
CACHE = ".tabproof/results.json"
RESOLUTION = "take either side as a whole and run `tabproof prove --record`"
OLD_FORM = re.compile(rb'\s*\{\s*"results":')


class ReplaceableRecordError(InputError):
    """Says that a record is refused until a fresh run of everything replaces it."""


class _Form(msgspec.Struct, frozen=True):
    form: int


def read(root: Path, name: str = RECORD) -> ProofFile:
    """Read a record; return an empty one where there is no file.

    Raises:
        InputError: it is not a record (merge-conflict markers, for example).
        ReplaceableRecordError: an earlier version of Tabproof wrote it, or a clock that is ahead,
            or a person who changed a date.
    """
    content = b""
    try:
        content = (root / name).read_bytes()
        found = msgspec.json.decode(content, type=ProofFile)
    except FileNotFoundError:
        return EMPTY
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        refuse_conflict(name, content, RESOLUTION)
        if OLD_FORM.match(content):
            raise ReplaceableRecordError(
                f"{name}: was written by an earlier version of Tabproof, and proves nothing to "
                "this one; run `tabproof prove --fresh --record`, which replaces it."
            ) from error
        with suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            _refuse_later_form(name, msgspec.json.decode(content, type=_Form).form)
        raise InputError(
            f"{name}: is not a record of results ({error}); delete it and run "
            "`tabproof prove --record`."
        ) from error
    except OSError as error:
        raise InputError(f"{name}: cannot be read: {error.strerror}.") from error
    _refuse_later_form(name, found.form)
    latest = max(found.dates, default="")
    if latest > latest_date():
        raise ReplaceableRecordError(
            f"{name}: has results of {latest}, which is in the future; set the clock of the "
            "machine that wrote it, and run `tabproof prove --fresh --record` there."
        )
    for date in found.dates:
        if not is_date(date):
            raise ReplaceableRecordError(
                f"{name}: has results of {date!r}, which is not a date as Tabproof writes it; run "
                "`tabproof prove --fresh --record`, which replaces it."
            )
    return found


def _refuse_later_form(name: str, form: int) -> None:
    if form != FORM:
        raise InputError(
            f"{name}: was written by a later version of Tabproof; install that version."
        )


def read_cache(root: Path) -> Record:
    """Read this machine's own results; what cannot be read is worked out again.

    So is what a clock dated that was ahead: it would make the committed record unreadable.
    """
    with suppress(OSError, msgspec.MsgspecError, RecursionError):
        own = msgspec.json.decode((root / CACHE).read_bytes(), type=Record)
        latest = latest_date()
        return Record(
            tuple(
                result
                for result in own.results
                if result.date <= latest
                and (not (past := result.failure) or (is_date(past.date) and past.date <= latest))
            ),
            tuple(parsed for parsed in own.syntax if parsed.date <= latest),
        )
    return Record()


def read_all(root: Path, find_cases: FindCases) -> Record:
    """Read the committed results and this machine's own.

    Raises:
        InputError: the committed record is invalid.
    """
    return read(root).record(find_cases).union(read_cache(root))


def sha256_of_file(root: Path, name: str) -> str:
    """Return the SHA-256 of a record's bytes, in hex; "" where it cannot be read."""
    with suppress(OSError):
        return hashlib.sha256((root / name).read_bytes()).hexdigest()
    return ""


def update_cache(root: Path, ran: Record, current: Current) -> None:
    """Add the results of a run to this machine's own: another run may have ended since it began.

    Raises:
        MachineError: they cannot be written.
    """
    with exclusive(root):
        own = read_cache(root).union(ran).within(current, with_excused=True)
        in_order = sorted(own.results, key=lambda result: (result.sample, result.case, result.date))
        own = Record(tuple(in_order), own.syntax)
        write_if_changed(root / CACHE, msgspec.json.encode(own))


def update(
    root: Path, current: Current, change: Callable[[Record], Record], *, replace: bool = False
) -> Record:
    """Change the committed record as it is on disk now: another run may have changed it.

    Rows of scenarios that cannot be read at present stay as long as the bytes do.

    Args:
        root: the project's folder.
        current: the samples and cases as they are now.
        change: takes the results on record and returns those to write.
        replace: whether a record that is refused until everything is proved afresh is replaced.

    Returns:
        The results as written.

    Raises:
        InputError: the file on disk is not a record.
        MachineError: it cannot be written.
    """
    with exclusive(root):
        try:
            on_disk = read(root)
        except ReplaceableRecordError:
            if not replace:
                raise
            on_disk = EMPTY
        changed = change(on_disk.record(current.find_cases)).within(current)
        unread = [
            row
            for row in on_disk.rows
            if row.key.scenario in current.unread and current.holds_bytes(row.key, row.bytes)
        ]
        # Results of such scenarios in the cache stay there: their cases cannot be told now.
        readable = (r for r in changed.results if r.sample.scenario not in current.unread)
        told = Record(tuple(readable), changed.syntax)
        content = encode(proof_file_of(told, current.find_cases, unread))
        write_if_changed(root / RECORD, content)
    return changed


def samples_on_record(root: Path) -> list[str]:
    """Return the names of all samples that have results on record or in the cache, sorted.

    Raises:
        InputError: the committed record is invalid.
    """
    on_record, own = read(root), read_cache(root)
    names = {row.sample for row in on_record.rows}
    names |= {result.sample.name for result in own.results}
    return sorted(names | {parsed.sample.name for parsed in (*on_record.syntax, *own.syntax)})


def forget(root: Path, samples: Collection[str]) -> None:
    """Remove all results of samples, from the record and from the cache.

    Args:
        root: the project's folder.
        samples: their names.

    Raises:
        InputError: the committed record is invalid.
        MachineError: it cannot be written.
    """
    with exclusive(root):
        on_disk, own = read(root), read_cache(root)
        rows = tuple(row for row in on_disk.rows if row.sample not in samples)
        syntax = tuple(parsed for parsed in on_disk.syntax if parsed.sample.name not in samples)
        results = tuple(result for result in own.results if result.sample.name not in samples)
        parsed = tuple(parsed for parsed in own.syntax if parsed.sample.name not in samples)
        write_if_changed(root / CACHE, msgspec.json.encode(Record(results, parsed)))
        write_if_changed(root / RECORD, encode(ProofFile(FORM, rows, syntax)))
