"""A scenario: what a sample does, in no language, with nothing left to look up."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Literal, TypeAlias
from urllib.parse import quote, urlsplit

import msgspec

from tabproof.model.credential import Credential
from tabproof.model.fields import Date, FileFormat, HeaderValue, Token

__all__ = ["Credential"]

Scalar: TypeAlias = str | int | float | bool | None


class Lifecycle(FileFormat, frozen=True, kw_only=True):
    """Whether the API that the scenario calls is still to be built upon.

    Attributes:
        status: whether people should still build on the API.
        ended: the day on which it ended, or will.
        successor: what to build on in its place.
    """

    status: Literal["current", "legacy", "ended"]
    ended: Date | None = None
    successor: str | None = None


class FromCredential(msgspec.Struct, frozen=True):
    """A value that is a credential's text."""

    credential: Credential


class FromNow(msgspec.Struct, frozen=True):
    """A value that is a time: seconds since the epoch in UTC, so far from now."""

    seconds: int


Resolved: TypeAlias = Scalar | FromCredential | FromNow
Data: TypeAlias = "Resolved | list[Data] | dict[str, Data]"
"""A value of a JSON body."""


def normalize_number(value: Resolved) -> Resolved:
    """A value with a whole number as an integer: of 12.0 some languages make the JSON `12`."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def leaf_values(data: Data) -> Iterator[Resolved]:
    """What is in data that holds neither lists nor mappings."""
    if isinstance(data, (dict, list)):
        for each in data.values() if isinstance(data, dict) else data:
            yield from leaf_values(each)
    else:
        yield data


class SigningKey(msgspec.Struct, frozen=True):
    """The credential that signs, and the encoding of the key's bytes in its text."""

    credential: Credential
    encoding: str


class TokenPlan(msgspec.Struct, frozen=True):
    """What the token is made of, and how far its clock may be off."""

    algorithm: str
    signing_key: SigningKey
    header: dict[str, Resolved]
    claims: dict[str, Resolved]
    skew_seconds: int = 0


class Request(msgspec.Struct, frozen=True, omit_defaults=True, dict=True):
    """The request, with its URL split the ways that clients want it.

    Attributes:
        headers: beside `Authorization`, and beside `Content-Type` where there is a body.
        content_type: the body's media type; "" without a body.
    """

    method: str
    base_url: str
    query: dict[str, str]
    authorization: str
    headers: dict[str, str]
    body: dict[str, Data] | None
    timeout_seconds: int
    success_status: int
    content_type: str = ""

    @property
    def is_idempotent(self) -> bool:
        """Whether a client may send it again by itself (RFC 9110, section 9.2.2)."""
        return self.method not in ("POST", "PATCH")

    @cached_property
    def host(self) -> str:
        """The host's name."""
        return urlsplit(self.base_url).hostname or ""

    @cached_property
    def port(self) -> int:
        """The port; 443 where the URL names none."""
        return urlsplit(self.base_url).port or 443

    @cached_property
    def authority(self) -> str:
        """The host, and the port where it is not 443."""
        return self.host if self.port == 443 else f"{self.host}:{self.port}"  # noqa: PLR2004

    @cached_property
    def target(self) -> str:
        """Path and query, percent-encoded (RFC 3986, section 2.1): `/v2/users?status=active`."""
        path = quote(urlsplit(self.base_url).path or "/", safe="/%:@!$&'()*+,;=~-._")
        pairs = "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in self.query.items())
        return f"{path}?{pairs}" if pairs else path

    @cached_property
    def url(self) -> str:
        """The whole URL, percent-encoded."""
        return f"https://{self.authority}{self.target}"


class Scenario(msgspec.Struct, frozen=True, dict=True):
    """One scenario, its references resolved."""

    name: str
    title: str
    lifecycle: Lifecycle
    credentials: dict[str, Credential]
    token: TokenPlan
    request: Request
    responses: dict[int, Response]

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that hold the credentials."""
        return tuple(each.environment for each in self.credentials.values())

    @cached_property
    def checked(self) -> tuple[Credential, ...]:
        """The credentials whose text must have a form that a sample checks."""
        return tuple(each for each in self.credentials.values() if each.pattern)

    @cached_property
    def leaves(self) -> tuple[Credential, ...]:
        """The credentials, and the parts of those that are split in their place."""
        return tuple(leaf for each in self.credentials.values() for leaf in each.leaves)

    @property
    def held(self) -> frozenset[str]:
        """The names of the leaves whose texts the token or the request holds."""
        token, body = self.token, self.request.body
        data: list[Data] = [*token.header.values(), *token.claims.values(), body]
        return frozenset(
            v.credential.name for v in leaf_values(data) if isinstance(v, FromCredential)
        )

    @property
    def used(self) -> frozenset[str]:
        """The names of the leaves that the token or the request holds, or that sign."""
        return self.held | {self.token.signing_key.credential.name}

    def whole(self, leaf: Credential) -> Credential:
        """The credential that has a variable of its own, of which this one is a part or all."""
        return next(
            each for each in self.credentials.values() if each.environment == leaf.environment
        )


class Response(FileFormat, frozen=True, kw_only=True):
    """An example answer of the API; a body that is no text is written as JSON.

    Attributes:
        headers: its headers.
        body: a text, or data that is sent as JSON.
    """

    headers: dict[Token, HeaderValue] = {}
    body: str | dict[str, object] | list[object] = ""

    @property
    def content(self) -> bytes:
        """The body's bytes, UTF-8."""
        if isinstance(self.body, str):
            return self.body.encode()
        return msgspec.json.encode(self.body)
