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
from tabproof.model.response import Response
from tabproof.model.shape import Shape

Scalar: TypeAlias = str | int | float | bool | None


class Reference(Shape, frozen=True, kw_only=True):
    """A value that is known only when the sample runs: exactly one of its keys is given.

    Attributes:
        credential: the name of a credential, whose text is the value.
        seconds_from_now: a time: so many seconds after the sample reads the clock, before it where
            negative.
    """

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
    """Whether the API that the scenario calls is still to be built upon.

    Attributes:
        status: whether people should still build on the API.
        ended: the day on which it ended, or will.
        successor: what to build on in its place.
    """

    status: Literal["current", "legacy", "ended"]
    ended: Date | None = None
    successor: str | None = None


class CredentialShape(Shape, frozen=True, kw_only=True):
    """Where a credential comes from and what people call it.

    Attributes:
        environment: the environment variable that the sample reads.
        title: what people call it.
    """

    environment: EnvironmentName
    title: str


class SigningKeyShape(Shape, frozen=True, kw_only=True):
    """Which credential signs the token, and how its text becomes bytes.

    Attributes:
        credential: the name of the credential.
        encoding: how the key's bytes are written in its text.
    """

    credential: str
    encoding: Literal["utf-8", "hex", "base64"] = "utf-8"


class TokenShape(Shape, frozen=True, kw_only=True):
    """A JSON Web Token (RFC 7519) that the sample makes by itself.

    Attributes:
        algorithm: the algorithm that signs (RFC 7518, section 3.1); the templates know `HS256`.
        signing_key: the credential that signs.
        claims: the claims in their order; the token's lifetime is `exp` less `iat`.
        header: what the header has beside `alg` and `typ`.
        skew_seconds: how far a client's clock may be from the API's.
    """

    algorithm: Algorithm
    signing_key: SigningKeyShape
    claims: Annotated[dict[str, Value], msgspec.Meta(min_length=1)]
    header: dict[str, Value] = {}
    skew_seconds: Annotated[int, msgspec.Meta(ge=0)] = 0


class RequestShape(Shape, frozen=True, kw_only=True):
    """The one request that the sample sends.

    Attributes:
        method: the method.
        url: where it goes, without the query.
        query: names and values as they are; Tabproof encodes them.
        authorization: the scheme in the `Authorization` header, in front of the token.
        headers: headers beside `Authorization`.
        body: the members of a JSON body.
        timeout_seconds: how long the sample waits for an answer.
        success_status: the one status that is a success.
    """

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    url: Url
    query: dict[str, Value] = {}
    authorization: Scheme
    headers: dict[Token, HeaderValue] = {}
    body: dict[str, Value] | None = None
    timeout_seconds: Positive
    success_status: Status = 200


class ScenarioShape(Shape, frozen=True, kw_only=True):
    """The file `templates/scenarios/NAME.yml`.

    Attributes:
        title: what the sample does, as its first comment says it; one line.
        lifecycle: only for an API that has ended or will.
        credentials: a name for each, from which its variable in the sample is made.
        token: what the token is made of.
        request: the one request.
        responses: what the API answers, by status: one for the status of success, and one for each
            that the cases ask for.
    """

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
