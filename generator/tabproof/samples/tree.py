"""Compare `samples/` with what should be there, and write it."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from tabproof.errors import InputError, MachineError, TabproofError, listed, refuse_conflict
from tabproof.model.catalog import Fault
from tabproof.model.sample import Sample
from tabproof.project.template_files import is_hidden
from tabproof.samples import manifest as manifests
from tabproof.samples.manifest import Entry, entry_of
from tabproof.system.files import TEMPORARY_PREFIX, remove, remove_empty, write_if_changed
from tabproof.system.folder_listing import listing, refuse_obstacles
from tabproof.system.kept import FOLDER as KEPT

FOLDER, MANIFEST = manifests.FOLDER, manifests.MANIFEST
OWN = frozenset({MANIFEST, "proof.json"})
"""The files of `samples/` that are not samples."""

NO_NEWLINE = "\n\\ No newline at end of file\n"


class Difference(msgspec.Struct, frozen=True):
    """Describe one file of `samples/` that is not as it should be.

    Attributes:
        edited: whether a person changed it: the file on disk is neither what was generated
            before, as far as that is known, nor what it should be now.
    """

    path: str
    kind: Literal["missing", "changed", "orphaned"]
    expected: bytes
    on_disk: bytes
    edited: bool

    @property
    def by_line_ends(self) -> bool:
        """Return whether it differs only by CRLF, as Git may check out a file."""
        return self.kind == "changed" and with_line_feeds(self.on_disk) == self.expected

    def diff(self) -> str:
        """Return a unified diff from the file on disk to what it should be."""
        lines = difflib.unified_diff(
            self.on_disk.decode(errors="replace").splitlines(keepends=True),
            self.expected.decode().splitlines(keepends=True),
            f"{FOLDER}/{self.path} (on disk)" if self.kind != "missing" else "/dev/null",
            f"{FOLDER}/{self.path} (generated)" if self.kind != "orphaned" else "/dev/null",
        )
        return "".join(line if line.endswith("\n") else f"{line}{NO_NEWLINE}" for line in lines)


class Comparison(msgspec.Struct, frozen=True):
    """Hold how `samples/` differs from what it should be.

    Attributes:
        differences: the files that are not as they should be, sorted by path.
        foreign: the paths of files that Tabproof did not write; they stay as they are.
        leftovers: the paths of temporary files of processes that were killed.
        count: how many samples there should be.
        manifest: the manifest as it should be.
        blocks: scenario -> its lines in it.
        transition: the manifest while samples are written, with both the old and the new entry of
            each: wherever a run is killed, the files on disk are known to be generated.
    """

    differences: tuple[Difference, ...]
    foreign: tuple[str, ...]
    leftovers: tuple[str, ...]
    count: int
    manifest: bytes
    blocks: dict[str, bytes]
    transition: bytes


def read_sample(root: Path, path: str) -> bytes | None:
    """Read a file below `samples/`; return None where there is none.

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
    """Compare `samples/`, including the manifest, with what should be there; write nothing.

    Args:
        root: the project's folder.
        samples: what should be there.
        parts: the manifest in parts, where some scenarios are settled; `samples` has none of those.
        faults: why other samples were not rendered; these stay as they are, in the manifest too.

    Raises:
        TabproofError: a folder is in the place of a sample, or a file in the place of a folder.
        InputError: two samples would be one file, or the manifest is not valid.
        MachineError: a file cannot be read.
    """
    samples = list(samples)
    _refuse_collisions(samples)
    settled = parts.settled if parts else {}
    paths = listing(root, FOLDER, settled)
    entries = manifests.read_entries(root, parts)
    expected = {sample.path: sample.content for sample in samples}
    retained = _retained(root, entries, expected, faults)
    new = [*map(entry_of, samples), *retained.values()]
    blocks = {**settled, **manifests.scenario_lines(new)}
    expected[MANIFEST] = manifests.join_lines(blocks)
    for path in expected:
        refuse_obstacles(path, paths, FOLDER)
    generated = _generated(entries)
    gone = generated.keys() - expected.keys() - retained.keys()
    orphans = [path for path in generated if path in gone and paths.get(path) == "file"]

    def on_disk(path: str) -> bytes | None:
        # By the names in the listing: some file systems open `a.rb` under the name of `A.rb` too.
        return read_sample(root, path) if path in paths else None

    differences = [_difference(p, new, on_disk(p), generated) for p, new in expected.items()]
    differences += [_difference(p, None, on_disk(p), generated) for p in orphans]
    ours = expected.keys() | OWN | retained.keys() | set(orphans)
    others = [p for p, kind in paths.items() if kind != "folder" and p not in ours]
    changes = sorted(filter(None, differences), key=lambda difference: difference.path)
    transition = expected[MANIFEST]
    if any(change.kind != "orphaned" for change in changes):
        both = {manifests.encode_entry(entry): entry for entry in (*entries, *new)}
        transition = manifests.join_lines({**settled, **manifests.scenario_lines(both.values())})
    return Comparison(
        tuple(changes),
        tuple(sorted(path for path in others if not is_hidden(Path(path)))),
        tuple(sorted(path for path in others if _is_leftover(path) and paths[path] == "file")),
        len(samples) + (parts.count if parts else 0),
        expected[MANIFEST],
        blocks,
        transition,
    )


def _retained(
    root: Path, entries: Iterable[Entry], expected: Collection[str], faults: Collection[Fault]
) -> dict[str, Entry]:
    """Return what stays as it is because of a fault, by path."""
    scenarios = {fault.scenario for fault in faults if fault.sample is None}
    single = {fault.sample for fault in faults}
    retained: dict[str, Entry] = {}
    for entry in entries:
        if entry.path not in expected and (entry.scenario in scenarios or entry.sample in single):
            content = read_sample(root, entry.path) if entry.path in retained else None
            # A run that was killed may leave two entries; the file is as one of them says.
            matches = content is not None and sha256_of(content) == entry.sha256
            if entry.path not in retained or matches:
                retained[entry.path] = entry
    return retained


def difference(root: Path, sample: Sample) -> Difference | None:
    """Return how one sample on disk differs from what it should be; None where it does not.

    Raises:
        InputError: the manifest is not valid.
        MachineError: the file cannot be read.
    """
    generated = _generated(manifests.read_entries(root))
    return _difference(sample.path, sample.content, read_sample(root, sample.path), generated)


def differences(
    root: Path, samples: Iterable[Sample], entries: Iterable[Entry]
) -> list[Difference]:
    """Return how samples on disk are not as they should be.

    Args:
        root: the project's folder.
        samples: the samples to compare.
        entries: the manifest.

    Raises:
        MachineError: a file cannot be read.
    """
    generated = _generated(entries)
    compared = (
        _difference(s.path, s.content, read_sample(root, s.path), generated) for s in samples
    )
    return [difference for difference in compared if difference]


def _generated(entries: Iterable[Entry]) -> dict[str, set[str]]:
    """Return path -> the digests of all that runs wrote there, including those that were killed."""
    digests: dict[str, set[str]] = {}
    for entry in entries:
        digests.setdefault(entry.path, set()).add(entry.sha256)
    return digests


def _difference(
    path: str, expected: bytes | None, on_disk: bytes | None, generated: Mapping[str, set[str]]
) -> Difference | None:
    if on_disk == expected:
        return None
    if on_disk is None:
        return Difference(path, "missing", expected or b"", b"", edited=False)
    plain = with_line_feeds(on_disk)
    is_generated = generated.get(path, set()) & {sha256_of(on_disk), sha256_of(plain)}
    edited = path != MANIFEST and plain != expected and not is_generated
    kind: Literal["changed", "orphaned"] = "orphaned" if expected is None else "changed"
    return Difference(path, kind, expected or b"", on_disk, edited)


def _is_leftover(path: str) -> bool:
    return path.rpartition("/")[2].startswith(TEMPORARY_PREFIX)


def _refuse_collisions(samples: Iterable[Sample]) -> None:
    """Refuse samples that are one file on file systems that ignore case: `a.rb` and `A.rb`."""
    owners: dict[str, Sample] = {}
    for sample in samples:
        other = owners.setdefault(sample.path.casefold(), sample)
        if other is not sample:
            raise InputError(
                f"{other.key.language} and {sample.key.language} both make {FOLDER}/{sample.path}; "
                f"change `file_name` in templates/{sample.key.language}/language.yml."
            )


def write(root: Path, comparison: Comparison, *, alone: bool = True) -> None:
    """Bring `samples/` up to date; write the manifest first and last.

    A run that is killed, even by SIGKILL, leaves each file complete, either old or new, and a
    manifest with both entries: the next run completes the work.

    Args:
        root: the project's folder.
        comparison: the differences to resolve.
        alone: whether no other process can be writing; if not, temporary files are left alone.

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
    # Remove first: where case is ignored, a new file may have the name of an old one.
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
    """Return a file's bytes with LF in place of CRLF."""
    return content.replace(b"\r\n", b"\n")


def sha256_of(content: bytes) -> str:
    """Return the SHA-256 of a file's bytes, in hex."""
    return hashlib.sha256(content).hexdigest()


OVERWRITE = "`tabproof generate --overwrite`"


def refuse_hand_edits(differences: Iterable[Difference]) -> None:
    """Refuse samples that were edited by hand: `generate` would not overwrite them.

    Raises:
        InputError: one contains merge-conflict markers; names the line of the first.
        TabproofError: a person changed them.
    """
    edited = [difference for difference in differences if difference.edited]
    for difference in edited:
        place = f"{FOLDER}/{difference.path}"
        refuse_conflict(place, difference.on_disk, f"resolve it in templates/, and run {OVERWRITE}")
    if edited:
        raise TabproofError(f"{_edit_message(edited)}.")


def edit_notes(differences: Collection[Difference]) -> list[str]:
    """Return notes on samples that are run although they are not up to date."""
    edited = [difference for difference in differences if difference.edited]
    stale = [difference for difference in differences if not difference.edited]
    return [
        *([f"{_edit_message(edited)}. These results are for the edit."] if edited else []),
        *(
            [f"{_names(stale)}: not what the templates make now; run `tabproof generate`."]
            if stale
            else []
        ),
    ]


def _edit_message(differences: list[Difference]) -> str:
    return (
        f"{_names(differences)}: edited by hand since it was generated; make the change in "
        f"templates/, or run {OVERWRITE} to discard it"
    )


def _names(differences: list[Difference]) -> str:
    return listed(f"{FOLDER}/{difference.path}" for difference in differences)
