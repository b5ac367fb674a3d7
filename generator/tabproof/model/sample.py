"""A sample: a scenario rendered in a variant and a language."""

from __future__ import annotations

import hashlib

import msgspec

from tabproof.model.language import Step, Variant


class SampleKey(msgspec.Struct, frozen=True, order=True):
    """Which sample: scenario, variant, language."""

    scenario: str
    variant: Variant
    language: str

    @property
    def name(self) -> str:
        """`list-users/stdlib/ruby`."""
        return f"{self.scenario}/{self.variant}/{self.language}"


class Sample(msgspec.Struct, frozen=True):
    """One sample's text and where its steps are.

    Attributes:
        path: below `samples/`, with forward slashes.
        text: the whole file; a tab shows just this.
        steps: step -> its first and last line, counted from 1.
    """

    key: SampleKey
    path: str
    text: str
    steps: dict[Step, tuple[int, int]]

    @property
    def content(self) -> bytes:
        """The file's bytes."""
        return self.text.encode()

    @property
    def digest(self) -> str:
        """The SHA-256 of the file's bytes, in hex."""
        return hashlib.sha256(self.content).hexdigest()
