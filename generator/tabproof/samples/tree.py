"""The edge to `samples/`: what should be there, what is there, and making it so."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from tabproof.samples import manifest as manifests
from tabproof.errors import InputError, MachineError
from tabproof.system.files import TEMPORARY_PREFIX, remove, remove_empty, write_if_changed
from tabproof.system.kept import FOLDER as KEPT
from tabproof.system.folder_listing import listing, refuse_obstacles
from tabproof.samples.manifest import Entry, entry_of
from tabproof.model.catalog import Fault
from tabproof.model.sample import Sample
from tabproof.project.template_files import is_hidden
from collections.abc import Collection, Iterable
from tabproof.errors import TabproofError, refuse_conflict

FOLDER, MANIFEST = manifests.FOLDER, manifests.MANIFEST
OWN = frozenset({MANIFEST, "proof.json"})
"""What is in `samples/` beside samples."""

NO_NEWLINE = "\n\\ No newline at end of file\n"


class Difference(msgspec.Struct, frozen=True):
    """One file of `samples/` that is not as it should be.

    Attributes:
        edited: whether the file on disk is neither what was generated before, as far as that is
            known, nor what it should be now: a person changed it.
    """

    path: str
    kind: Literal["missing", "changed", "orphaned"]
    expected: bytes
    on_disk: bytes
    edited: bool

    @property
    def by_line_ends(self) -> bool:
        """Whether it is what it should be but for CRLF, as Git may check out a file."""
        return self.kind == "changed" and with_line_feeds(self.on_disk) == self.expected

    def diff(self) -> str:
        """A unified diff from the file on disk to what it should be."""
        lines = difflib.unified_diff(
            self.on_disk.decode(errors="replace").splitlines(keepends=True),
            self.expected.decode().splitlines(keepends=True),
            f"{FOLDER}/{self.path} (on disk)" if self.kind != "missing" else "/dev/null",
            f"{FOLDER}/{self.path} (generated)" if self.kind != "orphaned" else "/dev/null",
        )
        return "".join(line if line.endswith("\n") else f"{line}{NO_NEWLINE}" for line in lines)


class Comparison(msgspec.Struct, frozen=True):
    """What `samples/` holds, against what it should.

    Attributes:
        differences: the files that are not as they should be, by path.
        foreign: the paths of files that are not this program's; they stay as they are.
        leftovers: the paths of temporary files of processes that ended in the middle.
        count: how many samples there should be.
        manifest: the manifest as it should be.
        blocks: scenario -> its lines in it.
        transition: the manifest while samples are written, with each of them as it was and as it
            will be: what is on disk is known for generated, wherever a run is ended.
    """

    differences: tuple[Difference, ...]
    foreign: tuple[str, ...]
    leftovers: tuple[str, ...]
    count: int
    manifest: bytes
    blocks: dict[str, bytes]
    transition: bytes


def read_sample(root: Path, path: str) -> bytes | None:
    """The bytes of a file below `samples/`; None where there is none.

    Raises:
        MachineError: it cannot be read, or a folder is in its place.
    """
    file = root / FOLDER / path
    try:
        return file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise MachineError(f"{FOLDER}/{path}: cannot be read: {error.strerror}.") from error


def compare(
    root: Path,
    samples: Iterable[Sample],
    parts: manifests.Parts | None = None,
    faults: Collection[Fault] = (),
) -> Comparison:
    """What is not as it should be in `samples/`, the manifest included; writes nothing.

    Args:
        root: the project's folder.
        samples: what should be there.
        parts: the manifest, where the samples of some scenarios are current, and none of those.
        faults: why other samples are not there; these stay as they are, in the manifest too.

    Raises:
        TabproofError: something that is no file, or no folder, is in a sample's way.
        InputError: two samples would be one file, or the manifest is none.
        MachineError: a file cannot be read.
    """
    samples = list(samples)
    _refuse_doubles(samples)
    settled = parts.settled if parts else {}
    found = listing(root, FOLDER, settled)
    entries = manifests.read_entries(root, parts)
    wanted = {sample.path: sample.content for sample in samples}
    held = _held(root, entries, wanted, faults)
    new = [*map(entry_of, samples), *held.values()]
    blocks = {**settled, **manifests.scenario_lines(new)}
    wanted[MANIFEST] = manifests.join_lines(blocks)
    for path in wanted:
        refuse_obstacles(path, found, FOLDER)
    known = _generated(entries)
    gone = known.keys() - wanted.keys() - held.keys()
    orphans = [path for path in known if path in gone and found.get(path) == "file"]

    def there(path: str) -> bytes | None:
        # The listing's names, not the disk's: some disks find `a.rb` under the name of `A.rb`.
        return read_sample(root, path) if path in found else None

    differences = [_difference(p, new, there(p), known) for p, new in wanted.items()]
    differences += [_difference(p, None, there(p), known) for p in orphans]
    ours = wanted.keys() | OWN | held.keys() | set(orphans)
    others = [p for p, kind in found.items() if kind != "folder" and p not in ours]
    changes = sorted(filter(None, differences), key=lambda difference: difference.path)
    transition = wanted[MANIFEST]
    if any(change.kind != "orphaned" for change in changes):
        both = {manifests.encode_entry(entry): entry for entry in (*entries, *new)}
        transition = manifests.join_lines({**settled, **manifests.scenario_lines(both.values())})
    return Comparison(
        tuple(changes),
        tuple(sorted(path for path in others if not is_hidden(Path(path)))),
        tuple(sorted(path for path in others if _is_leftover(path) and found[path] == "file")),
        len(samples) + (parts.count if parts else 0),
        wanted[MANIFEST],
        blocks,
        transition,
    )


def _held(
    root: Path, entries: Iterable[Entry], wanted: Collection[str], faults: Collection[Fault]
) -> dict[str, Entry]:
    """Return what stays as it is because of a fault, by path."""
    scenarios = {fault.scenario for fault in faults if fault.sample is None}
    single = {fault.sample for fault in faults}
    held: dict[str, Entry] = {}
    for entry in entries:
        if entry.path not in wanted and (entry.scenario in scenarios or entry.sample in single):
            found = read_sample(root, entry.path) if entry.path in held else None
            # Of a run that was ended there may be two lines; the file is as one of them.
            if entry.path not in held or (found is not None and sha256_of(found) == entry.sha256):
                held[entry.path] = entry
    return held


def difference(root: Path, sample: Sample) -> Difference | None:
    """How one sample on disk is not as it should be; None where it is.

    Raises:
        InputError: the manifest is none.
        MachineError: the file cannot be read.
    """
    known = _generated(manifests.read_entries(root))
    return _difference(sample.path, sample.content, read_sample(root, sample.path), known)


def differences(
    root: Path, samples: Iterable[Sample], entries: Iterable[Entry]
) -> list[Difference]:
    """Return how samples on disk are not as they should be.

    Args:
        root: the project's folder.
        samples: those to look at.
        entries: the manifest.

    Raises:
        MachineError: a file cannot be read.
    """
    known = _generated(entries)
    found = (_difference(s.path, s.content, read_sample(root, s.path), known) for s in samples)
    return [difference for difference in found if difference]


def _generated(entries: Iterable[Entry]) -> dict[str, set[str]]:
    """Path -> the digests of what runs gave the file, also of those that were ended."""
    known: dict[str, set[str]] = {}
    for entry in entries:
        known.setdefault(entry.path, set()).add(entry.sha256)
    return known


def _difference(
    path: str, wanted: bytes | None, found: bytes | None, known: Mapping[str, set[str]]
) -> Difference | None:
    if found == wanted:
        return None
    if found is None:
        return Difference(path, "missing", wanted or b"", b"", edited=False)
    plain = with_line_feeds(found)
    generated = known.get(path, set()) & {sha256_of(found), sha256_of(plain)}
    edited = path != MANIFEST and plain != wanted and not generated
    kind: Literal["changed", "orphaned"] = "orphaned" if wanted is None else "changed"
    return Difference(path, kind, wanted or b"", found, edited)


def _is_leftover(path: str) -> bool:
    return path.rpartition("/")[2].startswith(TEMPORARY_PREFIX)


def _refuse_doubles(samples: Iterable[Sample]) -> None:
    """Some file systems hold one file for `a.rb` and `A.rb`."""
    owners: dict[str, Sample] = {}
    for sample in samples:
        other = owners.setdefault(sample.path.casefold(), sample)
        if other is not sample:
            raise InputError(
                f"{other.key.language} and {sample.key.language} both make {FOLDER}/{sample.path}; "
                f"change `file_name` in templates/{sample.key.language}/language.yml."
            )


def write(root: Path, comparison: Comparison, *, alone: bool = True) -> None:
    """Make `samples/` as it should be; the manifest is written first and last.

    A run that is ended in the middle, even by SIGKILL, leaves each file whole, old or new, and
    the manifest knows both: the next run mends the rest.

    Args:
        root: the project's folder.
        comparison: what is to be mended.
        alone: whether no other process can be writing; else its temporary files are left.

    Raises:
        MachineError: a file cannot be written or removed.
    """
    folder = root / FOLDER
    changes = [d for d in comparison.differences if d.path != MANIFEST]
    if any(difference.kind != "orphaned" for difference in changes):
        write_if_changed(folder / MANIFEST, comparison.transition)
    if alone:
        temporary = (root / KEPT).glob(f"{TEMPORARY_PREFIX}*")
        for file in [*(folder / path for path in comparison.leftovers), *temporary]:
            remove(file)
    # First what goes: where case does not count, the new file may have the name of the old one.
    for difference in changes:
        if difference.kind == "orphaned":
            remove(folder / difference.path)
            remove_empty((folder / difference.path).parent, folder)
    for difference in changes:
        if difference.kind != "orphaned":
            write_if_changed(folder / difference.path, difference.expected)
    for difference in comparison.differences:
        if difference.path == MANIFEST:
            write_if_changed(folder / MANIFEST, difference.expected)


def with_line_feeds(content: bytes) -> bytes:
    """A file's bytes with LF for CRLF."""
    return content.replace(b"\r\n", b"\n")


def sha256_of(content: bytes) -> str:
    """The SHA-256 of a file's bytes, in hex."""
    return hashlib.sha256(content).hexdigest()


NAMED = 5
"""How many files a message names."""
OVERWRITE = "`tabproof generate --overwrite`"


def refuse_hand_edits(differences: Iterable[Difference]) -> None:
    """Refuse samples that were edited by hand: `generate` would not overwrite them.

    Raises:
        InputError: one holds the marks of a merge conflict; with the line of the first.
        TabproofError: a person changed them.
    """
    edited = [difference for difference in differences if difference.edited]
    for each in edited:
        place = f"{FOLDER}/{each.path}"
        refuse_conflict(place, each.on_disk, f"resolve it in templates/, and run {OVERWRITE}")
    if edited:
        raise TabproofError(f"{_edited(edited)}.")


def edit_notes(differences: Collection[Difference]) -> list[str]:
    """Return what is said of samples that are run although they are not as they should be."""
    edited = [difference for difference in differences if difference.edited]
    stale = [difference for difference in differences if not difference.edited]
    return [
        *([f"{_edited(edited)}. These results are for the edit."] if edited else []),
        *(
            [f"{_names(stale)}: not what the templates make now; run `tabproof generate`."]
            if stale
            else []
        ),
    ]


def _edited(differences: list[Difference]) -> str:
    return (
        f"{_names(differences)}: edited by hand since it was generated; make the change in "
        f"templates/, or run {OVERWRITE} to lose it"
    )


def _names(differences: list[Difference]) -> str:
    names = [f"{FOLDER}/{difference.path}" for difference in differences]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
