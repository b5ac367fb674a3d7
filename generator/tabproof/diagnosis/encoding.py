"""Strip what surrounds a token, split it into its three parts, and decode them."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Iterator
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
    """Hold a token's parts, with errors of their encoding corrected.

    Attributes:
        inputs: the texts that a right signature may cover: header and claims as they were
            encoded, and as they should have been.
    """

    header: str
    claims: str
    signature: str
    inputs: tuple[str, ...]


def unwrap(text: str, scheme: str) -> tuple[list[Fault], str]:
    """Strip what surrounds a token.

    Args:
        text: the token, and perhaps more.
        scheme: the scheme that people put in front of it by mistake.

    Returns:
        The faults that were corrected, and the bare token.
    """
    faults: list[Fault] = []
    in_front = re.compile(rf"(?:authorization\s*:\s*)?{re.escape(scheme)}[\s:]+", re.IGNORECASE)
    while True:
        before = text
        if match := in_front.match(text):
            text = text[match.end() :]
            message = f"it starts with `{scheme} `, which belongs to the header, not to the token."
            faults.append(_shape("scheme-in-front", message, f"`{scheme} ` in front"))
        elif match := BYTES_REPR.fullmatch(text.strip()):
            text = match[2]
            message = "it is the repr of Python bytes (b'...'): decode the bytes, `token.decode()`."
            faults.append(_shape("bytes-repr", message, "b'...' around it"))
        elif text != text.strip():
            text = text.strip()
            message = "there is whitespace around it: strip it."
            faults.append(_shape("blanks", message, "whitespace around it"))
        elif text.startswith(QUOTES) or text.rstrip(",;").endswith(QUOTES):
            text = text.rstrip(",;").strip("".join(QUOTES))
            message = "it is in quotes: send the characters between them."
            faults.append(_shape("quoted", message, "quotes around it"))
        if text == before or not text:
            break
    if GAPS.search(text):
        text, gaps = GAPS.subn("", text)
        message = (
            "it has line breaks or spaces inside: many tools wrap base64 after 64 or 76 "
            "characters (`base64 -w0` and `openssl base64 -A` do not)."
        )
        faults.append(_shape("wrapped", message, f"whitespace in {pluralize(gaps, 'place')}"))
    return faults, text


def split_token(text: str) -> tuple[list[Fault], Compact | None]:
    """Split a token into its parts; None where header and claims cannot be told from them."""
    parts = text.split(".")
    if len(parts) != PARTS or "" in parts[:2]:
        return [_part_count_fault(parts)], None
    faults = list(_alphabet_faults(parts))
    header, claims, signature = (_corrected(part) for part in parts)
    if broken := list(_invalid_base64([header, claims, signature])):
        return broken, None
    written = ".".join(parts[:2])
    inputs = tuple(dict.fromkeys((written, f"{header}.{claims}")))
    return faults, Compact(header, claims, signature, inputs)


def decode_members(
    part: str, name: str, redaction: Redaction
) -> tuple[list[Fault], dict[str, Any] | None]:
    """Decode the JSON object of a part (RFC 7519, section 3: UTF-8); None where it is not one."""
    content = decode_part(part) or b""
    duplicates: list[str] = []

    def to_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [key for key, _value in pairs]
        duplicates.extend(sorted({key for key in names if names.count(key) > 1}))
        return dict(pairs)

    try:
        value = json.loads(
            content.decode(), object_pairs_hook=to_object, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        message = f"the part for the {name} is not a JSON object{_probable_cause(content)}."
        seen = "bytes that are none"
        expected = "two JSON objects as header and claims"
        return [Fault("not-json", message, expected, seen, ("claims", "header"))], None
    if duplicates:
        names = " and ".join(redaction.name(key) for key in duplicates)
        message = f"{names} appears twice in the {name}: libraries differ in which one they use."
        expected = f"each name once in the {name}"
        return [Fault("name-twice", message, expected, f"{names} twice", (names, name))], value
    return [], value


def decode_part(part: str) -> bytes | None:
    """Return the bytes of a part; None where it is not valid base64url (RFC 4648, 3.5)."""
    try:
        content = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (ValueError, binascii.Error):
        return None
    return content if base64url(content) == part else None


def base64url(content: bytes) -> str:
    """Encode as base64url without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _shape(kind: Kind, message: str, seen: str) -> Fault:
    return Fault(kind, message, SHAPE, seen, FORWARD)


def _part_count_fault(parts: list[str]) -> Fault:
    seen = pluralize(len(parts), "part")
    if len(parts) == 1 and not parts[0]:
        return _shape("empty", "there is no token.", "nothing")
    if parts[0].startswith("eyJ") and (len(parts) < PARTS or "" in parts[1:-1]):
        message = "it is cut off: a token has a header, claims and a signature, separated by dots."
        return _shape("truncated", message, seen)
    message = (
        "it is not a JSON Web Token: that has three parts, separated by dots, and starts with eyJ."
    )
    if len(parts) == 5:  # noqa: PLR2004 - RFC 7516, section 3.1: a JWE has five parts
        message = "it is an encrypted token (JWE, five parts): a signed one (JWS) has three."
    if len(parts) == PARTS:
        seen = "three parts, with the header or the claims empty"
    return _shape("not-a-jwt", message, seen)


def _wrong_parts(parts: Iterable[str], is_wrong: Callable[[str], object]) -> str:
    wrong = (name for name, part in zip(NAMES, parts, strict=True) if is_wrong(part))
    return " and the ".join(wrong)


def _alphabet_faults(parts: list[str]) -> Iterator[Fault]:
    """Yield the deviations from base64url without padding (RFC 7515, section 2)."""
    if names := _wrong_parts(parts, lambda part: part.endswith(("=", "%3D", "%3d"))):
        message = f"there is padding (`=`) at the end of the {names}: remove it."
        yield _shape("padded", message, f"padding in the {names}")
    if names := _wrong_parts(parts, lambda part: re.search(r"[+/]", part)):
        message = (
            f"there is standard base64 in the {names}, not base64url: replace every `+` with `-` "
            "and every `/` with `_`."
        )
        yield _shape("plain-base64", message, f"`+` or `/` in the {names}")


def _corrected(part: str) -> str:
    part = re.sub(r"(=|%3[Dd])+$", "", part)
    return part.replace("+", "-").replace("/", "_")


def _invalid_base64(parts: list[str]) -> Iterator[Fault]:
    if names := _wrong_parts(parts, lambda part: not BASE64URL.fullmatch(part)):
        message = f"there are characters in the {names} that base64url does not allow."
        yield _shape("not-base64", message, f"other characters in the {names}")
    elif names := _wrong_parts([*parts[:2], ""], lambda part: decode_part(part) is None):
        message = f"the end of the {names} is not valid base64url: it was cut off or changed."
        yield _shape("truncated", message, f"invalid base64url at the end of the {names}")


def _probable_cause(content: bytes) -> str:
    if content.startswith(b"eyJ"):
        return ": it is base64-encoded twice, so encode it once"
    if content.startswith(b"\xef\xbb\xbf"):
        return ": it starts with a byte-order mark, so write UTF-8 without one"
    if b"\0" in content:
        return ": it looks like UTF-16, so write UTF-8"
    return ""


def _refuse_constant(constant: str) -> None:
    raise ValueError(constant)
