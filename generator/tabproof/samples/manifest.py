"""Read and write the manifest of `samples/`: what was generated last, a line for each sample."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Annotated

import msgspec

from tabproof.errors import InputError, refuse_conflict
from tabproof.model.language import VARIANTS, Variant
from tabproof.model.sample import Sample, SampleKey

FOLDER = "samples"
MANIFEST = "manifest.json"
PLACE = f"{FOLDER}/{MANIFEST}"
RECORD = f"{FOLDER}/proof.json"
"""The results of all samples; see `tabproof.samples.record`."""
GIT_PATTERNS = (*(f"{FOLDER}/*/{variant}/**" for variant in VARIANTS), PLACE, RECORD)
"""The files that Tabproof writes, as `.gitattributes` names them; others may be beside them."""
OPENING, SEPARATOR, CLOSING = b"[\n", b",\n", b"\n]\n"

SamplePath = Annotated[
    str, msgspec.Meta(pattern=r"^[a-z0-9-]+/(library|stdlib)(/[^./\\][^/\\]*)+$")
]
"""Nothing else is ever removed, whatever a manifest lists."""


class Entry(msgspec.Struct, frozen=True):
    """Hold a line of the manifest: a sample, its digests and the line range of each section."""

    path: SamplePath
    scenario: str
    variant: Variant
    language: str
    sha256: str
    steps: dict[str, tuple[int, int]]
    skeleton: str = ""

    @property
    def sample(self) -> SampleKey:
        """Return the key of the sample."""
        return SampleKey(self.scenario, self.variant, self.language)


class Parts(msgspec.Struct, frozen=True):
    """Hold a manifest in two parts.

    Attributes:
        settled: scenario -> its lines, for those that need not be checked.
        others: a manifest of the other scenarios.
    """

    settled: Mapping[str, bytes]
    others: bytes

    @property
    def count(self) -> int:
        """Return the number of samples of the settled scenarios."""
        return sum(lines.count(b"\n") + 1 for lines in self.settled.values())


def entry_of(sample: Sample) -> Entry:
    """Return the manifest entry of a sample."""
    key = sample.key
    return Entry(
        sample.path,
        *(key.scenario, key.variant, key.language),
        sample.digest,
        sample.steps,
        sample.skeleton,
    )


def encode_entry(entry: Entry) -> bytes:
    """Encode an entry as a line of the file."""
    return msgspec.json.encode(entry)


def scenario_lines(entries: Iterable[Entry]) -> dict[str, bytes]:
    """Return scenario -> its lines, in the order of their samples' paths."""
    grouped: dict[str, list[bytes]] = {}
    for entry in sorted(entries, key=lambda entry: entry.path):
        grouped.setdefault(entry.scenario, []).append(encode_entry(entry))
    return {name: SEPARATOR.join(lines) for name, lines in grouped.items()}


def join_lines(lines: Mapping[str, bytes]) -> bytes:
    """Return the manifest of these scenarios: JSON, one line for each sample, sorted by path."""
    return OPENING + SEPARATOR.join(lines[name] for name in sort_scenarios(lines)) + CLOSING


def sort_scenarios(names: Iterable[str]) -> list[str]:
    """Sort scenarios as their samples' paths, which begin with the name and a slash."""
    return sorted(names, key=lambda name: f"{name}/")


def split_parts(content: bytes, lengths: Mapping[str, int], settled: Collection[str]) -> Parts:
    """Split a manifest into the lines of settled scenarios and the rest.

    Args:
        content: the manifest.
        lengths: scenario -> the length of its lines in bytes, for all of its scenarios.
        settled: the settled scenarios.
    """
    start, settled_lines, others = len(OPENING), dict[str, bytes](), list[bytes]()
    for name in sort_scenarios(lengths):
        lines = content[start : start + lengths[name]]
        start += len(lines) + len(SEPARATOR)
        if name in settled:
            settled_lines[name] = lines
        else:
            others.append(lines)
    return Parts(settled_lines, OPENING + SEPARATOR.join(others) + CLOSING)


def decode_entries(lines: bytes) -> list[Entry]:
    """Decode the lines of a scenario."""
    return msgspec.json.decode(OPENING + lines + CLOSING, type=list[Entry])


def encode_manifest(samples: Iterable[Sample]) -> bytes:
    """Return the manifest of these samples."""
    return join_lines(scenario_lines(map(entry_of, samples)))


def read_manifest(root: Path, parts: Parts | None = None) -> dict[str, Entry]:
    """Return what was generated last, by path; see `read_entries`."""
    return {entry.path: entry for entry in read_entries(root, parts)}


def read_entries(root: Path, parts: Parts | None = None) -> list[Entry]:
    """Read the entries of the manifest; there are none before samples were generated.

    A sample that an interrupted run was about to write has two entries: the old and the new one.

    Args:
        root: the project's folder.
        parts: the manifest in parts, where the entries that are not settled suffice.

    Raises:
        InputError: it is not a manifest (merge-conflict markers, for example).
    """
    content = b""
    try:
        content = parts.others if parts else (root / PLACE).read_bytes()
        entries = msgspec.json.decode(content, type=list[Entry])
    except FileNotFoundError:
        return []
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        refuse_conflict(PLACE, content, "take either side as a whole and run `tabproof generate`")
        raise InputError(
            f"{PLACE}: is not a manifest ({error}); delete it and run `tabproof generate`."
        ) from error
    except OSError as error:
        raise InputError(f"{PLACE}: cannot be read: {error.strerror}.") from error
    return entries
