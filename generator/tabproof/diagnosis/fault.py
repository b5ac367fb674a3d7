"""Define a fault of a token, and the kinds of faults."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from tabproof.model.result import Finding

Kind: TypeAlias = Literal[
    # the Authorization header
    "authorization-missing",
    "authorization-twice",
    "scheme-missing",
    "scheme-other",
    # around the token
    "empty",
    "scheme-in-front",
    "bytes-repr",
    "quoted",
    "blanks",
    "wrapped",
    # its encoding
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
    """Describe one thing that is wrong with a token.

    Attributes:
        message: what happened, and what to do, in one sentence.
        expected: what should be there.
        seen: what is there; never the secret, nor a part of it.
        hint: strings that the faulty line of a sample may contain, the best first.
        note: what a finding adds to `seen`.
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
        """Return the fault as a finding of a proof."""
        seen = f"{self.seen}, {self.note}" if self.note else self.seen
        return Finding(self.step, self.hint, self.expected, seen)


class Judgement(msgspec.Struct, frozen=True):
    """Hold the result for a token.

    Attributes:
        faults: what is wrong; empty for a right token.
        remarks: what is tolerated, or good to know.
    """

    faults: tuple[Fault, ...]
    remarks: tuple[str, ...] = ()
