"""List how a credential gets altered on its way into a program: a table, tried row by row."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Sequence

import msgspec

from tabproof.diagnosis.fault import Kind

LINE_ENDS = ("\n", "\r\n", "\r")
BLANKS = (" ", "\t")
QUOTES = ('"', "'", "`")
UNSET = ("undefined", "null", "None", "nil")


class Alteration(msgspec.Struct, frozen=True):
    """Describe one way in which a credential gets altered.

    Attributes:
        template: what happened to it; `{it}` stands for "the API secret".
        results: the bytes that may result.
    """

    kind: Kind
    template: str
    results: tuple[bytes, ...]

    def description(self, title: str) -> str:
        """Return what happened, for a credential of this title."""
        return self.template.format(it=f"the {title}")


Rule = Callable[[str, str], Sequence[str | bytes | None]]
"""(text, the variable's name) -> the possible results; None where there is none."""

TABLE: tuple[tuple[Kind, str, Rule], ...] = (
    (
        "secret-newline",
        "{it} with a newline: read it without one (`printf %s`, not `echo`; strip the line).",
        lambda text, _: [text + end for end in LINE_ENDS] + [end + text for end in LINE_ENDS],
    ),
    (
        "secret-blank",
        "{it} with a space or tab before or after it: strip it.",
        lambda text, _: [
            f"{before}{text}{after}"
            for blank in BLANKS
            for before, after in ((blank, ""), ("", blank), (blank, blank))
        ],
    ),
    (
        "secret-trimmed",
        "{it} without the whitespace that the variable has: remove it from the variable.",
        lambda text, _: [text.strip(), text.rstrip(), text.lstrip(), text.rstrip("\r\n")],
    ),
    (
        "secret-quoted",
        "{it} with quotes around it: they are not part of it.",
        lambda text, _: [f"{quote}{text}{quote}" for quote in QUOTES],
    ),
    (
        "secret-unquoted",
        "{it} without the quotes that the variable has: remove them from the variable.",
        lambda text, _: [_unquoted(text)],
    ),
    (
        "secret-base64",
        "{it} encoded as base64: use its characters as they are.",
        lambda text, _: _base64_of(text.encode()),
    ),
    (
        "secret-base64-decoded",
        "{it} decoded from base64: use its characters as they are.",
        lambda text, _: [_base64_decoded(text)],
    ),
    (
        "secret-hex-decoded",
        "{it} decoded from hexadecimal: use its characters as they are.",
        lambda text, _: [_hex_decoded(text)],
    ),
    (
        "secret-hex",
        "{it} encoded as hexadecimal: use its characters as they are.",
        lambda text, _: [text.encode().hex(), text.encode().hex().upper()],
    ),
    (
        "secret-bytes",
        "the repr of {it} as Python bytes (b'...'): use the bytes themselves.",
        lambda text, _: [repr(text.encode())],
    ),
    (
        "secret-other-charset",
        "{it} in a charset other than UTF-8: encode it as UTF-8.",
        lambda text, _: (
            [
                _in_charset(text, charset)
                for charset in ("utf-16-le", "utf-16-be", "latin-1", "cp1252")
            ]
            + ["\ufeff" + text]
        ),
    ),
    (
        "secret-empty",
        "an empty string in place of {it}: the variable was not set where it was read.",
        lambda *_: [""],
    ),
    (
        "secret-name",
        "the variable's name, `null` or `undefined` in place of {it}: read the variable's value.",
        lambda _, name: [name, f"${name}", f"${{{name}}}", f"%{name}%", *UNSET],
    ),
)


def alterations(text: str, variable: str) -> Iterator[Alteration]:
    """Yield the alterations of a credential that give bytes other than its own.

    Args:
        text: the credential.
        variable: the environment variable that holds it.
    """
    own = text.encode(errors="surrogatepass")
    clean = own.decode(errors="replace")
    for kind, template, rule in TABLE:
        results = [
            result.encode() if isinstance(result, str) else result
            for result in rule(clean, variable)
            if result is not None
        ]
        if different := tuple(result for result in results if result != own):
            yield Alteration(kind, template, different)


def _unquoted(text: str) -> str | None:
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in QUOTES
    return text[1:-1] if quoted else None


def _base64_of(content: bytes) -> list[str]:
    standard = base64.b64encode(content).decode()
    urlsafe = base64.urlsafe_b64encode(content).decode()
    forms = [standard, standard.rstrip("="), urlsafe, urlsafe.rstrip("=")]
    return [*forms, f"{standard}\n"]


def _base64_decoded(text: str) -> bytes | None:
    plain = text.strip().rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (ValueError, binascii.Error):
        return None


def _hex_decoded(text: str) -> bytes | None:
    try:
        return bytes.fromhex(text.strip())
    except ValueError:
        return None


def _in_charset(text: str, charset: str) -> bytes | None:
    try:
        return text.encode(charset)
    except UnicodeEncodeError:
        return None
