"""Find the scenarios whose samples are up to date, so that they need not be rendered again.

A scenario is settled while its file and its samples are as they were when the samples were up to
date. As in Git's index, a file with the same times, size and inode as before is not read; only one
that may have been written during the run that noted it, or later, is compared by its digest.
Templates, settings and this program have one digest for all scenarios.

The notes are local to this machine, in `.tabproof/`. Without them everything is checked.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

import msgspec

from tabproof.errors import MachineError
from tabproof.model.catalog import Fault
from tabproof.model.sample import Sample
from tabproof.project.project_folder import SCENARIOS
from tabproof.samples import tree
from tabproof.samples.manifest import PLACE, Parts, split_parts
from tabproof.samples.tree import Comparison
from tabproof.system.files import write_if_changed
from tabproof.system.kept import FOLDER

NOTES = f"{FOLDER}/settled"
MARGIN_NANOSECONDS = 2_000_000_000
"""Some disks tell times in steps of two seconds."""


class Files(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Hold the state of files, and of the folders around them.

    Attributes:
        files: their paths from the project's folder.
        folders: the folders where a new file would be a change.
        signs: the hash of what the file system says of them all: sizes, times, inodes.
        digest: the digest of the files' digests.
        old: whether they had all been unchanged for so long that equal `signs` prove equal files.
    """

    files: tuple[str, ...]
    folders: tuple[str, ...]
    signs: int
    digest: str
    old: bool

    def again(self, root: str) -> Files | None:
        """Return the same files as they are now; None if they have changed."""
        started_ns = time.time_ns()
        try:
            signs = _signs(root, (*self.files, *self.folders))
            if _hash(signs) != self.signs:
                return None
            if self.old:
                return self
            found = [tree.sha256_of(Path(root, file).read_bytes()) for file in self.files]
        except OSError:
            return None
        if _united(found) != self.digest:
            return None
        return msgspec.structs.replace(self, old=_newest(signs) < started_ns - MARGIN_NANOSECONDS)


class Notes(msgspec.Struct, frozen=True, array_like=True):
    """Hold what a run stores for the next one.

    Attributes:
        basis: what all samples depend on beside their scenario.
        manifest: the file.
        lengths: each scenario in it -> how many bytes its lines are.
        scenarios: by name.
        proof: the digest of the record.
        publishable: the scenarios all samples of which that record proves.
        partly: of these, scenario -> a line for each sample that passed less than all cases.
    """

    basis: str = ""
    manifest: Files | None = None
    lengths: dict[str, int] = {}
    scenarios: dict[str, Files] = {}
    proof: str = ""
    publishable: frozenset[str] = frozenset()
    partly: dict[str, list[str]] = {}


class Settled:
    """Hold what is settled when a run begins; made before the run reads anything."""

    def __init__(self, root: Path, basis: str) -> None:
        """Check everything that was noted.

        Args:
            root: the project's folder.
            basis: a digest of what all samples depend on beside their scenario.
        """
        self._root = root
        self._begun = time.time_ns()
        self._basis = basis
        self._sources = dict(_sources(root))
        notes = _read(root)
        self._noted = notes if notes.basis == basis else Notes()
        self._lines, self._manifest = self._read_manifest()
        self._known = dict(self._again()) if self._manifest else {}
        # What is read after this may be another text, and then does not stand the next time.
        self._digests: dict[str, str] = {}
        for name in self._sources.keys() - self._known.keys():
            with suppress(OSError):
                self._digests[name] = tree.sha256_of((root / self._sources[name]).read_bytes())

    def _read_manifest(self) -> tuple[bytes, Files | None]:
        """Read the manifest, before checking that it is the one that was noted."""
        if self._noted.manifest is None:
            return b"", None
        with suppress(OSError):
            content = (self._root / PLACE).read_bytes()
            return content, self._noted.manifest.again(str(self._root))
        return b"", None

    def _again(self) -> Iterator[tuple[str, Files]]:
        root = str(self._root)
        for name, noted in self._noted.scenarios.items():
            if self._sources.get(name) == noted.files[0] and (found := noted.again(root)):
                yield name, found

    @property
    def current(self) -> frozenset[str]:
        """Return the scenarios whose samples are current."""
        return frozenset(self._known)

    def parts(self, names: Collection[str]) -> Parts | None:
        """Split the manifest into the lines of these scenarios and of the others."""
        return split_parts(self._lines, self._noted.lengths, names) if names else None

    def publishable(self, proof: str) -> frozenset[str]:
        """Return the settled scenarios whose samples are publishable.

        Args:
            proof: the digest of the record.
        """
        return self.current & self._noted.publishable if proof == self._noted.proof else frozenset()

    def partly(self, names: Collection[str]) -> dict[str, list[str]]:
        """Return what was noted of samples that passed less than all of their cases."""
        return {name: lines for name, lines in self._noted.partly.items() if name in names}

    def note(
        self,
        samples: Iterable[Sample],
        found: Comparison,
        proof: str = "",
        faults: Iterable[Fault] = (),
        partly: Mapping[str, list[str]] | None = None,
    ) -> None:
        """Store for the next run what this one found, once all samples are current.

        Args:
            samples: those that were rendered; all others are settled.
            found: what was not as it should be; it is mended.
            proof: the digest of a record that proves all samples; "" if it was not looked at.
            faults: why samples are missing; scenarios that lack any are looked at again.
            partly: scenario -> a line for each sample that passed less than all cases; None where
                the record was not looked at.
        """
        aside = {path.partition("/")[0] for path in (*found.foreign, *found.leftovers)}
        aside |= {fault.scenario for fault in faults}
        grouped: dict[str, list[Sample]] = {}
        for sample in samples:
            grouped.setdefault(sample.key.scenario, []).append(sample)
        scenarios = dict(self._known)
        for name, group in grouped.items():
            if name in self._digests and name not in aside:
                digests = {self._sources[name]: self._digests[name]}
                digests |= {f"{tree.FOLDER}/{sample.path}": sample.digest for sample in group}
                self._add(scenarios, name, digests)
        manifest = {PLACE: self._manifest} if self._manifest else {}
        if not manifest or any(each.path == tree.MANIFEST for each in found.differences):
            self._add(manifest, PLACE, {PLACE: tree.sha256_of(found.manifest)})
        lengths = {name: len(lines) for name, lines in found.blocks.items()}
        if proof:
            publishable = frozenset(scenarios)
        else:
            proof, publishable = self._noted.proof, self._noted.publishable & self.current
        lines = self._noted.partly if partly is None else dict(partly)
        notes = Notes(
            *(self._basis, manifest.get(PLACE), lengths, scenarios), proof, publishable, lines
        )
        if notes != self._noted:
            with suppress(MachineError):
                write_if_changed(self._root / NOTES, msgspec.msgpack.encode(notes))

    def _add(self, known: dict[str, Files], name: str, digests: Mapping[str, str]) -> None:
        files = tuple(digests)
        folders = tuple(sorted({folder for file in files[1:] for folder in _around(file)}))
        with suppress(OSError):  # then it is looked at again
            signs = _signs(str(self._root), (*files, *folders))
            old = _newest(signs) < self._begun - MARGIN_NANOSECONDS
            known[name] = Files(files, folders, _hash(signs), _united(digests.values()), old)


def _around(file: str) -> Iterator[str]:
    """Yield the folders around a sample, up to that of its scenario."""
    while file.count("/") > 1:
        file = file.rpartition("/")[0]
        yield file


def _sources(root: Path) -> Iterator[tuple[str, str]]:
    """Yield name and file of each scenario that has one file."""
    with suppress(OSError), os.scandir(root / SCENARIOS) as entries:
        # What a link leads to has signs of its own.
        names = [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
        counts = Counter(name.rpartition(".")[0] for name in names)
        for name in names:
            stem, _dot, suffix = name.rpartition(".")
            if suffix in ("yml", "yaml") and counts[stem] == 1:
                yield stem, f"{SCENARIOS}/{name}"


Sign: TypeAlias = tuple[int, int, int, int]
"""Two times in nanoseconds, a size, a number: one changes when a file does, or a folder's names."""


def _signs(root: str, paths: Iterable[str]) -> list[Sign]:
    """Return the sign of each file or folder.

    Raises:
        OSError: one is not there.
    """
    stats = [os.lstat(f"{root}/{path}") for path in paths]
    return [(s.st_ctime_ns, s.st_mtime_ns, s.st_size, s.st_ino) for s in stats]


def _hash(signs: list[Sign]) -> int:
    """Hash all signs; the hash of numbers is the same in each process."""
    return hash(tuple(signs))


def _newest(signs: list[Sign]) -> int:
    return max(max(changed, written) for changed, written, _size, _number in signs)


def _united(digests: Iterable[str]) -> str:
    return tree.sha256_of("".join(digests).encode())


def _read(root: Path) -> Notes:
    with suppress(OSError, msgspec.MsgspecError):
        return msgspec.msgpack.decode((root / NOTES).read_bytes(), type=Notes)
    return Notes()
