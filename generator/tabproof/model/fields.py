"""Define the types of single values in YAML files; error messages show their descriptions."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

END = r"(?!\n)$"
"""The end of a text: `$` alone matches before a last newline too; ECMAScript has no `\\Z`."""

Identifier = Annotated[
    str,
    msgspec.Meta(
        pattern=rf"^[a-z][a-z0-9]*(_[a-z0-9]+)*{END}",
        description="a name in snake_case, such as api_key",
    ),
]
"""A snake_case name; each language spells it by its own convention."""

EnvironmentName = Annotated[
    str,
    msgspec.Meta(
        pattern=rf"^[A-Z][A-Z0-9_]*{END}",
        description="a variable's name in capitals, such as API_KEY",
    ),
]
"""The name of an environment variable that every shell can set (POSIX.1-2017, 8.1)."""

Separator = Annotated[
    str,
    msgspec.Meta(
        pattern=rf"^[:;,.|@~=_+!%&-]{END}",
        description="one of the characters : ; , . | @ ~ = _ + ! % & -",
    ),
]
"""A character without a special meaning alone in a character class of a regular expression."""

Scheme = Annotated[
    str,
    msgspec.Meta(pattern=rf"^[A-Za-z][A-Za-z0-9-]*{END}", description="a scheme, such as Bearer"),
]
"""An authentication scheme (RFC 9110, section 11.1); those in use have these characters."""

TCHAR = r"[!#$%&'*+.^_`|~0-9A-Za-z-]"
"""A character of a token (RFC 9110, section 5.6.2)."""

Token = Annotated[
    str,
    msgspec.Meta(
        pattern=rf"^{TCHAR}+{END}",
        description="a header's name, such as Content-Type",
    ),
]
"""A header field's name (RFC 9110, section 5.6.2)."""

HeaderValue = Annotated[
    str,
    msgspec.Meta(
        pattern=rf"^([!-~]([ -~]*[!-~])?)?{END}",
        description="a string of printable ASCII characters without spaces around it",
    ),
]
"""A header field's value (RFC 9110, section 5.5) that all clients send unchanged."""

MediaType = Annotated[
    str,
    msgspec.Meta(
        pattern=rf"^{TCHAR}+/{TCHAR}+(; {TCHAR}+=({TCHAR}+|\x22[ !#-\[\]-~]*\x22))*{END}",
        description="a media type, such as application/json or text/plain; charset=utf-8",
    ),
]
"""A media type (RFC 9110, section 8.3.1), with spaces only where clients send them unchanged."""

RequestHeaders = Annotated[
    dict[Token, HeaderValue],
    msgspec.Meta(
        extra_json_schema={"properties": {"Content-Type": msgspec.json.schema(MediaType)}}
    ),
]
"""Header names and values; the value of Content-Type has a type of its own."""

Url = Annotated[
    str,
    msgspec.Meta(
        pattern=rf"^https://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{{1,5}})?(/[^\s?#]*)?{END}",
        description="an https URL without user, query and fragment",
    ),
]
"""The URL of a request; the query has its own key."""

Date = Annotated[
    str,
    msgspec.Meta(pattern=rf"^\d{{4}}-\d{{2}}-\d{{2}}{END}", description="a date like 2026-11-24"),
]

Positive = Annotated[int, msgspec.Meta(gt=0)]
Status = Annotated[int, msgspec.Meta(ge=100, le=599)]
Algorithm: TypeAlias = Literal[
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "EdDSA"
]


Variant: TypeAlias = Literal["library", "stdlib"]
VARIANTS: tuple[Variant, ...] = ("library", "stdlib")


class FileFormat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Serves as the base of all types of YAML files: frozen, without unknown keys."""
