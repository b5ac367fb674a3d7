"""The file `templates/scenarios/NAME.yml`: what a sample does, in no language."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from tabproof.model.fields import (
    Algorithm,
    EnvironmentName,
    FileFormat,
    Identifier,
    Positive,
    RequestHeaders,
    Scheme,
    Separator,
    Status,
    Url,
)
from tabproof.model.scenario import Lifecycle, Response, Scalar


class Reference(FileFormat, frozen=True, kw_only=True):
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


class SplitEntry(FileFormat, frozen=True, kw_only=True):
    """Two credentials that people set in one variable, such as `id:secret`.

    Attributes:
        at: the character between them; where there are several, the first one counts.
        into: a name for what is before it, and one for what is after it. Each is a credential
            like any other.
    """

    at: Separator
    into: tuple[Identifier, Identifier]


class CredentialEntry(FileFormat, frozen=True, kw_only=True):
    """Where a credential comes from and what people call it.

    Attributes:
        environment: the environment variable that the sample reads.
        title: what people call it.
        split: only where the variable holds two credentials.
    """

    environment: EnvironmentName
    title: str
    split: SplitEntry | None = None


class SigningKeyEntry(FileFormat, frozen=True, kw_only=True):
    """Which credential signs the token, and how its text becomes bytes.

    Attributes:
        credential: the name of the credential.
        encoding: how the key's bytes are written in its text.
    """

    credential: str
    encoding: Literal["utf-8", "hex", "base64"] = "utf-8"


class TokenEntry(FileFormat, frozen=True, kw_only=True):
    """A JSON Web Token (RFC 7519) that the sample makes by itself.

    Attributes:
        algorithm: the algorithm that signs (RFC 7518, section 3.1); the templates know `HS256`.
        signing_key: the credential that signs.
        claims: the claims in their order; the token's lifetime is `exp` less `iat`.
        header: what the header has beside `alg` and `typ`.
        skew_seconds: how far a client's clock may be from the API's.
    """

    algorithm: Algorithm
    signing_key: SigningKeyEntry
    claims: Annotated[dict[str, Value], msgspec.Meta(min_length=1)]
    header: dict[str, Value] = {}
    skew_seconds: Annotated[int, msgspec.Meta(ge=0)] = 0


class RequestEntry(FileFormat, frozen=True, kw_only=True):
    """The one request that the sample sends.

    Attributes:
        method: the method.
        url: where it goes, without the query.
        query: names and values as they are; Tabproof encodes them.
        authorization: the scheme in the `Authorization` header, in front of the token.
        headers: headers beside `Authorization`.
        body: the members of a JSON body. Its values are as those of claims, or lists and mappings
            of such values. A mapping with `credential` or `seconds_from_now` as its only key is a
            reference.
        timeout_seconds: how long the sample waits for an answer.
        success_status: the one status that is a success.
    """

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    url: Url
    query: dict[str, Value] = {}
    authorization: Scheme
    headers: RequestHeaders = {}
    body: dict[str, object] | None = None
    timeout_seconds: Positive
    success_status: Status = 200


class ScenarioFile(FileFormat, frozen=True, kw_only=True):
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
    credentials: dict[Identifier, CredentialEntry]
    token: TokenEntry
    request: RequestEntry
    responses: dict[Status, Response]
