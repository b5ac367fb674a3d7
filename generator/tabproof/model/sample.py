"""Hold a sample: a scenario rendered in a variant and a language."""

from __future__ import annotations

import hashlib

import msgspec

from tabproof.model.language import Variant


class SampleKey(msgspec.Struct, frozen=True, order=True):
    """Identify a sample by its scenario, variant and language."""

    scenario: str
    variant: Variant
    language: str

    @property
    def name(self) -> str:
        """Return the key as messages write it: `list-users/stdlib/ruby`."""
        return f"{self.scenario}/{self.variant}/{self.language}"


class Sample(msgspec.Struct, frozen=True):
    """Hold the text of a sample and the lines of its sections.

    Attributes:
        path: the path in `samples/`, with forward slashes.
        text: the whole file, exactly as a tab shows it.
        steps: section -> its first and last line, counted from 1.
        skeleton: the digest of its skeleton: samples that differ in values alone have the same.
    """

    key: SampleKey
    path: str
    text: str
    steps: dict[str, tuple[int, int]]
    skeleton: str = ""

    @property
    def content(self) -> bytes:
        """Return the bytes of the file."""
        return self.text.encode()

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the file's bytes, in hex."""
        return hashlib.sha256(self.content).hexdigest()
