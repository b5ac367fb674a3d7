"""A scenario: what a sample does, in no language. One YAML file, read into these types."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias
from urllib.parse import quote, urlsplit

import msgspec

from tabproof.model.fields import (
    Algorithm,
    Date,
    EnvironmentName,
    HeaderValue,
    Identifier,
    Positive,
    Scheme,
    Status,
    Token,
    Url,
)

Scalar: TypeAlias = str | int | float | bool | None


class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The base of everything that is read from a YAML file: frozen, no unknown keys."""


class Reference(Shape, frozen=True, kw_only=True):
    """A value that is known only when the sample runs: exactly one of its keys is given."""

    credential: str | None = None
    seconds_from_now: int | None = None

    def __post_init__(self) -> None:
        """Refuse none and both."""
        if (self.credential is None) == (self.seconds_from_now is None):
            raise ValueError("give exactly one of `credential` and `seconds_from_now`")


Value: TypeAlias = Annotated[
    Scalar | Reference,
    msgspec.Meta(description="a string, a number, true, false, null or a reference"),
]
"""A literal, `{credential: ...}` or `{seconds_from_now: ...}`."""


class Lifecycle(Shape, frozen=True, kw_only=True):
    """Whether the API that the scenario calls is still to be built upon."""

    status: Literal["current", "legacy", "ended"]
    ended: Date | None = None
    successor: str | None = None


class CredentialShape(Shape, frozen=True, kw_only=True):
    """Where a credential comes from and what people call it."""

    environment: EnvironmentName
    title: str


class SigningKeyShape(Shape, frozen=True, kw_only=True):
    """Which credential signs the token, and how its text becomes bytes."""

    credential: str
    encoding: Literal["utf-8", "hex", "base64"] = "utf-8"


class TokenShape(Shape, frozen=True, kw_only=True):
    """A JSON Web Token (RFC 7519) that the sample makes by itself.

    Attributes:
        skew_seconds: how far a client's clock may be from the API's; none where nothing is said.
    """

    algorithm: Algorithm
    signing_key: SigningKeyShape
    claims: Annotated[dict[str, Value], msgspec.Meta(min_length=1)]
    header: dict[str, Value] = {}
    skew_seconds: Annotated[int, msgspec.Meta(ge=0)] = 0


class RequestShape(Shape, frozen=True, kw_only=True):
    """The one request that the sample sends."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    url: Url
    query: dict[str, Value] = {}
    authorization: Scheme
    headers: dict[Token, HeaderValue] = {}
    body: dict[str, Value] | None = None
    timeout_seconds: Positive
    success_status: Status = 200


class Response(Shape, frozen=True, kw_only=True):
    """An example answer of the API; a body that is no text is written as JSON."""

    headers: dict[Token, HeaderValue] = {}
    body: str | dict[str, object] | list[object] = ""

    @property
    def content(self) -> bytes:
        """The body's bytes, UTF-8."""
        if isinstance(self.body, str):
            return self.body.encode()
        return msgspec.json.encode(self.body)


class ScenarioShape(Shape, frozen=True, kw_only=True):
    """The file `templates/scenarios/NAME.yml`."""

    title: str
    lifecycle: Lifecycle = Lifecycle(status="current")
    credentials: dict[Identifier, CredentialShape]
    token: TokenShape
    request: RequestShape
    responses: dict[Status, Response]


class Credential(msgspec.Struct, frozen=True):
    """A credential under its name in the scenario."""

    name: str
    environment: str
    title: str


class FromCredential(msgspec.Struct, frozen=True):
    """A value that is a credential's text."""

    credential: Credential


class FromNow(msgspec.Struct, frozen=True):
    """A value that is a time: seconds since the epoch in UTC, so far from now."""

    seconds: int


Resolved: TypeAlias = Scalar | FromCredential | FromNow


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


class Request(msgspec.Struct, frozen=True):
    """The request, with its URL split the ways that clients want it."""

    method: str
    base_url: str
    query: dict[str, str]
    authorization: str
    headers: dict[str, str]
    body: dict[str, Resolved] | None
    timeout_seconds: int
    success_status: int

    @property
    def host(self) -> str:
        """The host's name."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def port(self) -> int:
        """The port; 443 where the URL names none."""
        return urlsplit(self.base_url).port or 443

    @property
    def authority(self) -> str:
        """The host, and the port where it is not 443."""
        return self.host if self.port == 443 else f"{self.host}:{self.port}"  # noqa: PLR2004

    @property
    def target(self) -> str:
        """Path and query, percent-encoded (RFC 3986, section 2.1): `/v2/users?status=active`."""
        path = quote(urlsplit(self.base_url).path or "/", safe="/%:@!$&'()*+,;=~-._")
        pairs = "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in self.query.items())
        return f"{path}?{pairs}" if pairs else path

    @property
    def url(self) -> str:
        """The whole URL, percent-encoded."""
        return f"https://{self.authority}{self.target}"


class Scenario(msgspec.Struct, frozen=True):
    """One scenario, its references resolved."""

    name: str
    title: str
    lifecycle: Lifecycle
    credentials: dict[str, Credential]
    token: TokenPlan
    request: Request
    responses: dict[int, Response]
