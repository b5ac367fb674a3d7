"""The edge to `samples/`: what should be there, what is there, and making it so."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from tabproof.errors import InputError, MachineError
from tabproof.files import TEMPORARY_PREFIX, remove, write_if_changed
from tabproof.model.language import Step, Variant
from tabproof.model.sample import Sample

FOLDER = "samples"
MANIFEST = "manifest.json"
NO_NEWLINE = "\n\\ No newline at end of file\n"

SamplePath = Annotated[
    str, msgspec.Meta(pattern=r"^[a-z0-9-]+/(library|stdlib)(/[^./\\][^/\\]*)+$")
]
"""Nothing else is ever removed, whatever a manifest says."""


class Entry(msgspec.Struct, frozen=True):
    """A line of the manifest: a sample, its digest and the line range of each step."""

    path: SamplePath
    scenario: str
    variant: Variant
    language: str
    sha256: str
    steps: dict[Step, tuple[int, int]]


class Difference(msgspec.Struct, frozen=True):
    """One file of `samples/` that is not as it should be.

    Attributes:
        edited: whether the file on disk is neither what was generated last, as far as that is
            known, nor what it should be now: a person changed it.
    """

    path: str
    kind: Literal["missing", "changed", "orphaned"]
    wanted: bytes
    found: bytes
    edited: bool

    def diff(self) -> str:
        """A unified diff from the file on disk to what it should be."""
        lines = difflib.unified_diff(
            self.found.decode(errors="replace").splitlines(keepends=True),
            self.wanted.decode().splitlines(keepends=True),
            f"{FOLDER}/{self.path} (on disk)" if self.kind != "missing" else "/dev/null",
            f"{FOLDER}/{self.path} (generated)" if self.kind != "orphaned" else "/dev/null",
        )
        return "".join(line if line.endswith("\n") else f"{line}{NO_NEWLINE}" for line in lines)


def manifest(samples: Iterable[Sample]) -> bytes:
    """The manifest of these samples: JSON, one line for each, in the order of their paths."""
    entries = [
        Entry(s.path, s.key.scenario, s.key.variant, s.key.language, s.digest, s.steps)
        for s in sorted(samples, key=lambda sample: sample.path)
    ]
    lines = ",\n".join(msgspec.json.encode(entry).decode() for entry in entries)
    return f"[\n{lines}\n]\n".encode()


def read_manifest(root: Path) -> dict[str, Entry]:
    """What was generated last, by path; empty where nothing was.

    Raises:
        InputError: the manifest is not one (merge-conflict marks, say).
    """
    path = root / FOLDER / MANIFEST
    try:
        entries = msgspec.json.decode(path.read_bytes(), type=list[Entry])
    except FileNotFoundError:
        return {}
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InputError(
            f"{FOLDER}/{MANIFEST}: is no manifest ({error}); delete it and run `tabproof generate`."
        ) from error
    except OSError as error:
        raise InputError(f"{FOLDER}/{MANIFEST}: cannot be read: {error.strerror}.") from error
    return {entry.path: entry for entry in entries}


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


def compare(root: Path, samples: Iterable[Sample]) -> list[Difference]:
    """What is not as it should be in `samples/`, the manifest included; writes nothing."""
    samples = list(samples)
    known = read_manifest(root)
    wanted = {sample.path: sample.content for sample in samples}
    wanted[MANIFEST] = manifest(samples)
    differences = []
    for path, content in wanted.items():
        found = read_sample(root, path)
        if found is None:
            differences.append(Difference(path, "missing", content, b"", edited=False))
        elif found != content:
            generated = path == MANIFEST or (path in known and digest(found) == known[path].sha256)
            differences.append(Difference(path, "changed", content, found, not generated))
    for path, entry in known.items():
        found = read_sample(root, path) if path not in wanted else None
        if found is not None:
            edited = digest(found) != entry.sha256
            differences.append(Difference(path, "orphaned", b"", found, edited))
    return sorted(differences, key=lambda difference: difference.path)


def write(root: Path, differences: Iterable[Difference]) -> None:
    """Make `samples/` as it should be; the manifest is written last.

    Raises:
        MachineError: a file cannot be written; each file is then whole, old or new.
    """
    folder = root / FOLDER
    for leftover in folder.rglob(f"{TEMPORARY_PREFIX}*"):
        remove(leftover)
    for difference in sorted(differences, key=lambda d: (d.path == MANIFEST, d.path)):
        if difference.kind == "orphaned":
            remove(folder / difference.path)
            _remove_empty(folder, (folder / difference.path).parent)
        else:
            write_if_changed(folder / difference.path, difference.wanted)


def _remove_empty(top: Path, folder: Path) -> None:
    while folder != top and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def digest(content: bytes) -> str:
    """The SHA-256 of a file's bytes, in hex."""
    return hashlib.sha256(content).hexdigest()
