"""What stands around a token, and how it is written: from a text to its three parts."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from tabproof.diagnosis.fault import Fault, Kind
from tabproof.diagnosis.redaction import Redaction
from tabproof.errors import pluralize

PARTS = 3
NAMES = ("header", "claims", "signature")
SHAPE = "three parts of base64url without padding, joined by dots"
QUOTES = ('"', "'", "`", "\u2018", "\u2019", "\u201c", "\u201d", "<", ">")
BASE64URL = re.compile(r"[A-Za-z0-9_-]*")
BYTES_REPR = re.compile(r"""b(["'])(.*)\1""", re.DOTALL)
GAPS = re.compile(r"(?:\s|\\r|\\n)+")
FORWARD = ("token =", "token")


class Compact(msgspec.Struct, frozen=True):
    """A token's parts, with what was wrong in their writing mended.

    Attributes:
        inputs: what the signature may rightly have been made over: the header and the claims as
            they were written, and as they should have been.
    """

    header: str
    claims: str
    signature: str
    inputs: tuple[str, ...]


def unwrap(text: str, scheme: str) -> tuple[list[Fault], str]:
    """Take off what stands around a token.

    Args:
        text: the token, and perhaps more.
        scheme: the scheme that may stand in front of it in the wrong place.
    """
    faults: list[Fault] = []
    in_front = re.compile(rf"(?:authorization\s*:\s*)?{re.escape(scheme)}[\s:]+", re.IGNORECASE)
    while True:
        before = text
        if found := in_front.match(text):
            text = text[found.end() :]
            words = f"`{scheme} ` is in front: it belongs to the header, not to the token."
            faults.append(_shape("scheme-in-front", words, f"`{scheme} ` in front"))
        elif found := BYTES_REPR.fullmatch(text.strip()):
            text = found[2]
            words = "it is the repr of Python bytes (b'...'): decode the bytes, `token.decode()`."
            faults.append(_shape("bytes-repr", words, "b'...' around it"))
        elif text != text.strip():
            text = text.strip()
            words = "there are blanks or line ends around it: strip them."
            faults.append(_shape("blanks", words, "blanks around it"))
        elif text.startswith(QUOTES) or text.rstrip(",;").endswith(QUOTES):
            text = text.rstrip(",;").strip("".join(QUOTES))
            words = "it is in quotes: send the characters between them."
            faults.append(_shape("quoted", words, "quotes around it"))
        if text == before or not text:
            break
    if GAPS.search(text):
        text, gaps = GAPS.subn("", text)
        words = (
            "it is wrapped over lines or has blanks inside: many tools break base64 after 64 or 76 "
            "characters (`base64 -w0` and `openssl base64 -A` do not)."
        )
        faults.append(_shape("wrapped", words, f"{gaps} gap(s) in it"))
    return faults, text


def split_token(text: str) -> tuple[list[Fault], Compact | None]:
    """Split a token in its parts; None where they do not tell a header and claims."""
    parts = text.split(".")
    if len(parts) != PARTS or "" in parts[:2]:
        return [_no_three_parts(parts)], None
    faults = list(_alphabet(parts))
    header, claims, signature = (_mended(part) for part in parts)
    if broken := list(_broken([header, claims, signature])):
        return broken, None
    written = ".".join(parts[:2])
    inputs = tuple(dict.fromkeys((written, f"{header}.{claims}")))
    return faults, Compact(header, claims, signature, inputs)


def decode_members(
    part: str, name: str, discretion: Redaction
) -> tuple[list[Fault], dict[str, Any] | None]:
    """The JSON object of a part (RFC 7519, section 3: UTF-8); None where it is none."""
    content = decode_part(part) or b""
    twice: list[str] = []

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [key for key, _value in found]
        twice.extend(sorted({key for key in names if names.count(key) > 1}))
        return dict(found)

    try:
        value = json.loads(content.decode(), object_pairs_hook=pairs, parse_constant=_refuse)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        words = f"the part for the {name} is not a JSON object{_likely(content)}."
        seen = "bytes that are none"
        expected = "two JSON objects as header and claims"
        return [Fault("not-json", words, expected, seen, ("claims", "header"))], None
    if twice:
        names = " and ".join(discretion.name(key) for key in twice)
        words = f"{names} is there twice in the {name}: libraries differ in which one they take."
        expected = f"each name once in the {name}"
        return [Fault("name-twice", words, expected, f"{names} twice", (names, name))], value
    return [], value


def decode_part(part: str) -> bytes | None:
    """What a part stands for; None where it is not the base64url of any bytes (RFC 4648, 3.5)."""
    try:
        content = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (ValueError, binascii.Error):
        return None
    return content if base64url(content) == part else None


def base64url(content: bytes) -> str:
    """Base64url without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _shape(kind: Kind, words: str, seen: str) -> Fault:
    return Fault(kind, words, SHAPE, seen, FORWARD)


def _no_three_parts(parts: list[str]) -> Fault:
    seen = pluralize(len(parts), "part")
    if len(parts) == 1 and not parts[0]:
        return _shape("empty", "there is no token.", "nothing")
    if parts[0].startswith("eyJ") and (len(parts) < PARTS or "" in parts[1:-1]):
        words = "it is cut off: a token has a header, claims and a signature, with dots between."
        return _shape("truncated", words, seen)
    words = "it is no JSON Web Token: that has three parts with dots between, and begins with eyJ."
    if len(parts) == 5:  # noqa: PLR2004 - RFC 7516, section 3.1: a JWE has five parts
        words = "it is an encrypted token (JWE, five parts): a signed one (JWS) has three."
    if len(parts) == PARTS:
        seen = "three parts, the header or the claims empty"
    return _shape("not-a-jwt", words, seen)


def _named(parts: Iterable[str], wrong: Any) -> str:
    return " and the ".join(name for name, part in zip(NAMES, parts, strict=True) if wrong(part))


def _alphabet(parts: list[str]) -> Iterator[Fault]:
    """Base64 in another dress than RFC 7515, section 2, asks for."""
    if names := _named(parts, lambda part: part.endswith(("=", "%3D", "%3d"))):
        words = f"there is padding (`=`) at the end of the {names}: take it off."
        yield _shape("padded", words, f"padding in the {names}")
    if names := _named(parts, lambda part: re.search(r"[+/]", part)):
        words = (
            f"there is plain base64 in the {names}, not base64url: write every `+` as `-` and "
            "every `/` as `_`."
        )
        yield _shape("plain-base64", words, f"`+` or `/` in the {names}")


def _mended(part: str) -> str:
    part = re.sub(r"(=|%3[Dd])+$", "", part)
    return part.replace("+", "-").replace("/", "_")


def _broken(parts: list[str]) -> Iterator[Fault]:
    if names := _named(parts, lambda part: not BASE64URL.fullmatch(part)):
        words = f"there are characters in the {names} that base64url does not have."
        yield _shape("not-base64", words, f"other characters in the {names}")
    elif names := _named([*parts[:2], ""], lambda part: decode_part(part) is None):
        words = f"there is an end that no bytes give in the {names}: cut off, or changed."
        yield _shape("truncated", words, f"an end that no bytes give in the {names}")


def _likely(content: bytes) -> str:
    if content.startswith(b"eyJ"):
        return ": they are base64 of base64, so encode once"
    if content.startswith(b"\xef\xbb\xbf"):
        return ": a byte-order mark stands in front, so write UTF-8 without one"
    if b"\0" in content:
        return ": they look like UTF-16, so write UTF-8"
    return ""


def _refuse(constant: str) -> None:
    raise ValueError(constant)
