"""Hold a scenario with its references resolved: what a sample does, in any language."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Literal, TypeAlias
from urllib.parse import quote, urlsplit

import msgspec

from tabproof.model.credential import Credential
from tabproof.model.fields import Date, FileFormat, HeaderValue, Token

__all__ = ["Credential"]

FAMILIES = {"HS": "hmac", "RS": "rsa", "ES": "ec", "Ed": "eddsa"}
"""The first letters of an algorithm (RFC 7518, section 3.1; RFC 8037) -> its family."""

Scalar: TypeAlias = str | int | float | bool | None


class Lifecycle(FileFormat, frozen=True, kw_only=True):
    """Describes whether the API of the scenario is current, legacy or ended.

    Attributes:
        status: whether new code should still use the API.
        ended: the day on which the API ended or will end.
        successor: what to use instead.
    """

    status: Literal["current", "legacy", "ended"]
    ended: Date | None = None
    successor: str | None = None


class FromCredential(msgspec.Struct, frozen=True):
    """Refer to the text of a credential."""

    credential: Credential


class FromNow(msgspec.Struct, frozen=True):
    """Refer to a time relative to now; the value is in seconds since the epoch, in UTC."""

    seconds: int


Resolved: TypeAlias = Scalar | FromCredential | FromNow
Data: TypeAlias = "Resolved | list[Data] | dict[str, Data]"
"""A value of a JSON body."""


def normalize_number(value: Resolved) -> Resolved:
    """Return a whole number as an integer: some languages write 12.0 as `12` in JSON."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def leaf_values(data: Data) -> Iterator[Resolved]:
    """Yield all values in data that are neither lists nor mappings."""
    if isinstance(data, (dict, list)):
        for member in data.values() if isinstance(data, dict) else data:
            yield from leaf_values(member)
    else:
        yield data


class SigningKey(msgspec.Struct, frozen=True):
    """Hold the credential that signs, and the encoding of the key in its text."""

    credential: Credential
    encoding: str

    @property
    def is_encoded(self) -> bool:
        """Return whether its bytes are others than those of its text."""
        return self.encoding != "utf-8"


class TokenPlan(msgspec.Struct, frozen=True):
    """Hold what the token is made of, and the allowed clock skew."""

    algorithm: str
    signing_key: SigningKey
    header: dict[str, Resolved]
    claims: dict[str, Resolved]
    skew_seconds: int = 0

    @property
    def family(self) -> str:
        """Return the family of the algorithm, which its templates are for."""
        return FAMILIES[self.algorithm[:2]]

    @property
    def hash_bits(self) -> int:
        """Return the size of the hash (RFC 7518, section 3.1); 0 where the name has none."""
        size = self.algorithm[2:]
        return int(size) if size.isdecimal() else 0

    @property
    def hash_bytes(self) -> int:
        """Return the size of the hash, which a secret must have (RFC 7518, section 3.2)."""
        return self.hash_bits // 8

    @property
    def has_time(self) -> bool:
        """Return whether a claim is a time."""
        return any(isinstance(value, FromNow) for value in self.claims.values())

    @property
    def short_secret(self) -> str:
        """Return what a sample says where its library refuses a shorter secret."""
        variable = self.signing_key.credential.environment
        return f"{variable}: the library needs a secret of at least {self.hash_bytes} bytes."


class Request(msgspec.Struct, frozen=True, omit_defaults=True, dict=True):
    """Hold the request, with its URL in the forms that clients need.

    Attributes:
        headers: all but `Authorization`, and but `Content-Type` where there is a body.
        content_type: the media type of the body; "" without a body.
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
        """Return whether a client may repeat it automatically (RFC 9110, section 9.2.2)."""
        return self.method not in ("POST", "PATCH")

    @cached_property
    def host(self) -> str:
        """Return the name of the host."""
        return urlsplit(self.base_url).hostname or ""

    @cached_property
    def port(self) -> int:
        """Return the port; 443 if the URL has none."""
        return urlsplit(self.base_url).port or 443

    @cached_property
    def authority(self) -> str:
        """Return the host, with the port unless it is 443."""
        return self.host if self.port == 443 else f"{self.host}:{self.port}"  # noqa: PLR2004

    @cached_property
    def target(self) -> str:
        """Return path and query, percent-encoded (RFC 3986, 2.1): `/v2/users?status=active`."""
        path = quote(urlsplit(self.base_url).path or "/", safe="/%:@!$&'()*+,;=~-._")
        pairs = "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in self.query.items())
        return f"{path}?{pairs}" if pairs else path

    @cached_property
    def url(self) -> str:
        """Return the whole URL, percent-encoded."""
        return f"https://{self.authority}{self.target}"


class Step(msgspec.Struct, frozen=True):
    """Hold one step of a scenario.

    Attributes:
        kind: `jwt` makes a token, `request` sends a request and reads its answer.
    """

    name: str
    kind: Literal["jwt", "request"]
    plan: TokenPlan | Request


class Scenario(msgspec.Struct, frozen=True, dict=True):
    """Hold a scenario with its references resolved."""

    name: str
    title: str
    lifecycle: Lifecycle
    credentials: dict[str, Credential]
    token: TokenPlan
    request: Request
    responses: dict[int, Response]

    @property
    def steps(self) -> tuple[Step, ...]:
        """Return its steps, in their order."""
        return Step("token", "jwt", self.token), Step("request", "request", self.request)

    @property
    def sections(self) -> tuple[str, ...]:
        """Return the names of a sample's sections, in their order."""
        return "install", "credentials", "token", "request", "response"

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """Return the environment variables of the credentials."""
        return tuple(credential.environment for credential in self.credentials.values())

    @cached_property
    def checked(self) -> tuple[Credential, ...]:
        """Return the credentials whose text has a form that samples check."""
        return tuple(credential for credential in self.credentials.values() if credential.pattern)

    @cached_property
    def leaves(self) -> tuple[Credential, ...]:
        """Return the credentials, with the parts of split ones in their place."""
        return tuple(leaf for whole in self.credentials.values() for leaf in whole.leaves)

    @property
    def held(self) -> frozenset[str]:
        """Return the names of the credentials whose texts are in the token or the request."""
        token, body = self.token, self.request.body
        data: list[Data] = [*token.header.values(), *token.claims.values(), body]
        return frozenset(
            v.credential.name for v in leaf_values(data) if isinstance(v, FromCredential)
        )

    @property
    def used(self) -> frozenset[str]:
        """Return the names of the credentials that are in the token or the request, or sign."""
        return self.held | {self.token.signing_key.credential.name}

    def whole(self, leaf: Credential) -> Credential:
        """Return the credential that this one is a part of, or itself."""
        return next(
            whole for whole in self.credentials.values() if whole.environment == leaf.environment
        )


class Response(FileFormat, frozen=True, kw_only=True):
    """Describes an example response of the API.

    Attributes:
        headers: the headers.
        body: a text, or data that is sent as JSON.
    """

    headers: dict[Token, HeaderValue] = {}
    body: str | dict[str, object] | list[object] = ""

    @property
    def content(self) -> bytes:
        """Return the bytes of the body, in UTF-8."""
        if isinstance(self.body, str):
            return self.body.encode()
        return msgspec.json.encode(self.body)
