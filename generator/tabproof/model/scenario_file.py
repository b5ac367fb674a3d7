"""Define the file `templates/scenarios/NAME.yml`: what a sample does, in any language."""

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
    """Refers to a value that the sample has when it runs: exactly one of the keys.

    Attributes:
        credential: the name of a credential; its text is the value.
        seconds_from_now: a time, in seconds after the moment at which the sample reads the clock;
            negative for a time before it.
    """

    credential: str | None = None
    seconds_from_now: int | None = None

    def __post_init__(self) -> None:
        """Refuse a reference with none or both of the keys."""
        if (self.credential is None) == (self.seconds_from_now is None):
            raise ValueError("give exactly one of `credential` and `seconds_from_now`")


Value: TypeAlias = Annotated[
    Scalar | Reference,
    msgspec.Meta(description="a string, a number, true, false, null or a reference"),
]
"""A literal, `{credential: ...}` or `{seconds_from_now: ...}`."""


class SplitEntry(FileFormat, frozen=True, kw_only=True):
    """Splits a variable with two credentials, such as `id:secret`.

    Attributes:
        at: the separator; the text is split at the first one.
        into: a name for the credential before the separator, and one for the credential after it.
    """

    at: Separator
    into: tuple[Identifier, Identifier]


class CredentialEntry(FileFormat, frozen=True, kw_only=True):
    """Describes a credential and its environment variable.

    Attributes:
        environment: the environment variable that the sample reads.
        title: the name that people know it by, as in `API key`.
        split: how to split the variable, if it holds two credentials.
    """

    environment: EnvironmentName
    title: str
    split: SplitEntry | None = None


class SigningKeyEntry(FileFormat, frozen=True, kw_only=True):
    """Describes the key that signs the token.

    Attributes:
        credential: the name of the credential.
        encoding: how the text of the credential encodes the bytes of the key.
    """

    credential: str
    encoding: Literal["utf-8", "hex", "base64"] = "utf-8"


class TokenEntry(FileFormat, frozen=True, kw_only=True):
    """Describes the JSON Web Token (RFC 7519) that the sample makes.

    Attributes:
        algorithm: the signature algorithm (RFC 7518, section 3.1); the templates support `HS256`.
        signing_key: the key that signs.
        claims: the claims, in their order; the lifetime of the token is `exp` less `iat`.
        header: further header parameters, beside `alg` and `typ`.
        skew_seconds: the clock skew that the API allows, in seconds.
    """

    algorithm: Algorithm
    signing_key: SigningKeyEntry
    claims: Annotated[dict[str, Value], msgspec.Meta(min_length=1)]
    header: dict[str, Value] = {}
    skew_seconds: Annotated[int, msgspec.Meta(ge=0)] = 0


class RequestEntry(FileFormat, frozen=True, kw_only=True):
    """Describes the request that the sample sends.

    Attributes:
        method: the HTTP method.
        url: the URL, without the query.
        query: the query parameters, not encoded; Tabproof encodes them.
        authorization: the scheme in the `Authorization` header, before the token.
        headers: further headers, beside `Authorization`.
        body: the members of a JSON body. Their values are like those of claims, or lists and
            mappings of such values. A mapping whose only key is `credential` or `seconds_from_now`
            is a reference.
        timeout_seconds: how long the sample waits for a response, in seconds.
        success_status: the status that means success; all others are errors.
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
    """Describes the file `templates/scenarios/NAME.yml`.

    Attributes:
        title: what the sample does, in one line; it is the sample's first comment.
        lifecycle: whether new code should still use the API; only needed for a legacy API and for
            one that has ended or will end.
        credentials: name -> credential; the name is also that of the variable in the sample.
        token: the token that the sample makes.
        request: the request that the sample sends.
        responses: status -> example response: one for the success status, and one for each status
            that the cases use.
    """

    title: str
    lifecycle: Lifecycle = Lifecycle(status="current")
    credentials: dict[Identifier, CredentialEntry]
    token: TokenEntry
    request: RequestEntry
    responses: dict[Status, Response]
