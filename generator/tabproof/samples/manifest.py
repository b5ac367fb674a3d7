"""The manifest of `samples/`: what was generated last, a line for each sample."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Annotated

import msgspec

from tabproof.errors import InputError, refuse_conflict
from tabproof.model.language import VARIANTS, Step, Variant
from tabproof.model.sample import Sample, SampleKey

FOLDER = "samples"
MANIFEST = "manifest.json"
PLACE = f"{FOLDER}/{MANIFEST}"
RECORD = f"{FOLDER}/proof.json"
"""The results of all samples; see `tabproof.samples.record`."""
GIT_PATTERNS = (*(f"{FOLDER}/*/{variant}/**" for variant in VARIANTS), PLACE, RECORD)
"""What Tabproof writes, as `.gitattributes` names it: other files may stand beside it."""
OPENING, SEPARATOR, CLOSING = b"[\n", b",\n", b"\n]\n"

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

    @property
    def sample(self) -> SampleKey:
        """Which sample it is."""
        return SampleKey(self.scenario, self.variant, self.language)


class Parts(msgspec.Struct, frozen=True):
    """A manifest in parts.

    Attributes:
        settled: scenario -> its lines, for those that need not be looked at.
        others: a manifest of the others.
    """

    settled: Mapping[str, bytes]
    others: bytes

    @property
    def count(self) -> int:
        """How many samples the settled scenarios have."""
        return sum(lines.count(b"\n") + 1 for lines in self.settled.values())


def entry_of(sample: Sample) -> Entry:
    """Return the line of a sample."""
    key = sample.key
    return Entry(sample.path, key.scenario, key.variant, key.language, sample.digest, sample.steps)


def encode_entry(entry: Entry) -> bytes:
    """Return the line as it stands in the file."""
    return msgspec.json.encode(entry)


def scenario_lines(entries: Iterable[Entry]) -> dict[str, bytes]:
    """Scenario -> its lines, in the order of their samples' paths."""
    grouped: dict[str, list[bytes]] = {}
    for entry in sorted(entries, key=lambda entry: entry.path):
        grouped.setdefault(entry.scenario, []).append(encode_entry(entry))
    return {name: SEPARATOR.join(lines) for name, lines in grouped.items()}


def join_lines(parts: Mapping[str, bytes]) -> bytes:
    """The manifest of these scenarios: JSON, one line for each sample, in the order of paths."""
    return OPENING + SEPARATOR.join(parts[name] for name in sort_scenarios(parts)) + CLOSING


def sort_scenarios(names: Iterable[str]) -> list[str]:
    """Scenarios in the order of their samples' paths, which begin with the name and a slash."""
    return sorted(names, key=lambda name: f"{name}/")


def split_parts(content: bytes, lengths: Mapping[str, int], settled: Collection[str]) -> Parts:
    """Part a manifest.

    Args:
        content: the manifest.
        lengths: each of its scenarios -> how many bytes its lines are.
        settled: those whose lines are kept.
    """
    start, kept, others = len(OPENING), dict[str, bytes](), list[bytes]()
    for name in sort_scenarios(lengths):
        lines = content[start : start + lengths[name]]
        start += len(lines) + len(SEPARATOR)
        if name in settled:
            kept[name] = lines
        else:
            others.append(lines)
    return Parts(kept, OPENING + SEPARATOR.join(others) + CLOSING)


def decode_entries(lines: bytes) -> list[Entry]:
    """What the lines of a scenario say."""
    return msgspec.json.decode(OPENING + lines + CLOSING, type=list[Entry])


def encode_manifest(samples: Iterable[Sample]) -> bytes:
    """The manifest of these samples."""
    return join_lines(scenario_lines(map(entry_of, samples)))


def read_manifest(root: Path, parts: Parts | None = None) -> dict[str, Entry]:
    """What was generated last, by path; see `read_entries`."""
    return {entry.path: entry for entry in read_entries(root, parts)}


def read_entries(root: Path, parts: Parts | None = None) -> list[Entry]:
    """Read the lines of the manifest; there is none where nothing was generated.

    A sample that a run was about to write when it was ended has two: as it was, and as it was to
    be.

    Args:
        root: the project's folder.
        parts: the manifest, where its other part is enough.

    Raises:
        InputError: the manifest is not one (merge-conflict marks, say).
    """
    content = b""
    try:
        content = parts.others if parts else (root / PLACE).read_bytes()
        entries = msgspec.json.decode(content, type=list[Entry])
    except FileNotFoundError:
        return []
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        refuse_conflict(PLACE, content, "take either side whole and run `tabproof generate`")
        raise InputError(
            f"{PLACE}: is no manifest ({error}); delete it and run `tabproof generate`."
        ) from error
    except OSError as error:
        raise InputError(f"{PLACE}: cannot be read: {error.strerror}.") from error
    return entries
