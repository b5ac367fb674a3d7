"""One thing that is wrong with a token, and the kinds that there are."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from tabproof.model.result import Finding

Kind: TypeAlias = Literal[
    # the header that carries it
    "authorization-missing",
    "authorization-twice",
    "scheme-missing",
    "scheme-other",
    # what stands around it
    "empty",
    "scheme-in-front",
    "bytes-repr",
    "quoted",
    "blanks",
    "wrapped",
    # how it is written
    "not-a-jwt",
    "truncated",
    "padded",
    "plain-base64",
    "not-base64",
    "not-json",
    "name-twice",
    # the header
    "alg-none",
    "alg-uri",
    "alg-other",
    "typ-missing",
    "header-missing",
    "header-extra",
    "header-misspelt",
    "header-other",
    # the claims
    "claim-missing",
    "claim-extra",
    "claim-misspelt",
    "claim-is-url",
    "claim-is-secret",
    "claim-of-another",
    "claim-altered",
    "claim-other",
    # the times
    "float",
    "text",
    "date",
    "not-a-number",
    "milliseconds",
    "finer-than-milliseconds",
    "duration",
    "hours-off",
    "seconds-off",
    "two-readings",
    "expired",
    "not-yet-valid",
    "lifetime-too-long",
    # the signature
    "signature-missing",
    "signature-hex",
    "signature-base64",
    "signature-other-hash",
    "signature-over-newline",
    "signature-over-claims",
    "signature-over-json",
    "secret-newline",
    "secret-blank",
    "secret-trimmed",
    "secret-quoted",
    "secret-unquoted",
    "secret-base64",
    "secret-base64-decoded",
    "secret-hex",
    "secret-hex-decoded",
    "secret-bytes",
    "secret-other-charset",
    "secret-empty",
    "secret-name",
    "signed-with-key",
    "exchanged",
    "signature-other",
]


class Fault(msgspec.Struct, frozen=True):
    """One thing that is wrong.

    Attributes:
        message: what happened, and what to do, in one sentence.
        expected: what belongs there.
        seen: what is there; never the secret, nor a part of it.
        hint: words that the guilty line of a sample may hold, the best first.
        note: what the words come to after `seen`, for a finding.
        step: the step of a sample that it belongs to.
    """

    kind: Kind
    message: str
    expected: str
    seen: str
    hint: tuple[str, ...] = ()
    note: str = ""
    step: str = "token"

    def finding(self) -> Finding:
        """The same as a finding of a proof."""
        seen = f"{self.seen}, {self.note}" if self.note else self.seen
        return Finding(self.step, self.hint, self.expected, seen)


class Judgement(msgspec.Struct, frozen=True):
    """What became of a token.

    Attributes:
        faults: what is wrong; empty for a right token.
        remarks: what is forgiven, or good to know.
    """

    faults: tuple[Fault, ...]
    remarks: tuple[str, ...] = ()
