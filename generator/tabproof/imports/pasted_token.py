"""Derive from a pasted token how such tokens are made. Pure.

The token, its signature and what may identify a person's account are not stored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeGuard

import jwt
import msgspec

from tabproof.imports.scenario_draft import KEY, SECRET

DAY_SECONDS = 86_400
FIRST_MILLISECONDS = 100_000_000_000
"""In seconds this is the year 5138."""

PER_TOKEN = ("jti", "nonce")
NAMES_A_KEY = re.compile(r"iss|kid|client_?id|.*(?:key|Key)(?:_?[Ii]d)?")
PUBLIC = re.compile(r"[a-z][a-z+.-]*:.*|/.*|.*[/ ].*|[a-z]+(?:[.-][a-z]+)*")
"""An issuer that anyone may read: a URL, a path, words, a host name."""


class PastedToken(msgspec.Struct, frozen=True, kw_only=True):
    """Describe how a token is made.

    Attributes:
        claims: claim -> plain data, as in a scenario's file.
        header: the same for the header, without `alg` and `typ`.
        credentials: the names of the credentials that it needs.
        notes: what was left out or assumed.
    """

    algorithm: str
    claims: dict[str, Any]
    header: dict[str, Any]
    credentials: tuple[str, ...]
    notes: tuple[str, ...]


def read_token(token: str, lifetime_seconds: int) -> PastedToken | None:
    """Derive how a token is made.

    Args:
        token: what follows the scheme.
        lifetime_seconds: the lifetime to assume where the token does not show it.

    Returns:
        None where it is not a JSON Web Token.
    """
    try:
        whole = jwt.decode_complete(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError):
        return None
    return _TokenReader(whole["payload"], whole["header"], lifetime_seconds).token()


class _TokenReader:
    """Read one token."""

    def __init__(self, claims: dict[str, Any], header: dict[str, Any], lifetime: int) -> None:
        self._claims = claims
        self._header = header
        self._lifetime = lifetime
        self._notes: list[str] = []
        self._owners: dict[str, str] = {}
        """The text of a credential -> its name; dropped with this reader."""

    def token(self) -> PastedToken:
        scales = [v for v in (self._claims.get("iat"), self._claims.get("exp")) if _is_time(v)]
        issued, ends = self._time("iat"), self._time("exp")
        if ends is not None and (issued is None or ends <= issued):
            why = "has no iat" if issued is None else "ends before it begins"
            self._notes.append(
                f"the token {why}, so its lifetime is unknown: {self._lifetime} s are assumed"
            )
        if any(scale >= FIRST_MILLISECONDS for scale in scales):
            self._notes.append("the token's times are in milliseconds; samples write seconds")
        claims = dict(self._values(self._claims, issued, ends))
        header = {name: v for name, v in self._header.items() if name not in ("alg", "typ")}
        return PastedToken(
            algorithm=str(self._header.get("alg")),
            header=dict(self._values(header, None, None)),
            claims=claims or {"exp": {"seconds_from_now": self._lifetime}},
            credentials=(*dict.fromkeys([KEY, *self._owners.values()] if self._owners else []),),
            notes=tuple(self._notes),
        )

    def _time(self, name: str) -> int | None:
        value = self._claims.get(name)
        return _seconds(value) if _is_time(value) else None

    def _values(
        self, values: dict[str, Any], issued: int | None, ends: int | None
    ) -> Iterator[tuple[str, Any]]:
        for name, value in values.items():
            if name in PER_TOKEN:
                self._notes.append(f"{name} was left out: it differs in each token")
            elif isinstance(value, (list, dict)):
                kind = "list" if isinstance(value, list) else "mapping"
                self._notes.append(f"{name} was left out: a scenario cannot hold a {kind} there")
            elif name in ("iat", "exp", "nbf") or _is_near(value, issued, ends):
                yield name, {"seconds_from_now": self._offset(name, value, issued, ends)}
            elif isinstance(value, str) and self._is_credential(name, value):
                yield name, {"credential": self._owner(name, value)}
            else:
                yield name, value

    def _offset(self, name: str, value: Any, issued: int | None, ends: int | None) -> int:
        if name == "iat":
            return 0
        seconds = _seconds(value) if _is_time(value) else 0
        if issued is not None and (name != "exp" or seconds > issued):
            return seconds - issued if seconds else 0
        if name == "exp" or (ends is not None and seconds == ends):
            return self._lifetime
        return 0

    def _is_credential(self, name: str, value: str) -> bool:
        if value in self._owners:
            return True
        return bool(NAMES_A_KEY.fullmatch(name)) and not PUBLIC.fullmatch(value)

    def _owner(self, name: str, value: str) -> str:
        if value not in self._owners:
            self._owners[value] = KEY if not self._owners else _snake(name)
        return self._owners[value]


def _snake(name: str) -> str:
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).replace("-", "_").lower()
    spelt = {"kid": "key_id", "iss": "issuer"}.get(words, words)
    return f"{spelt}_name" if spelt in (KEY, SECRET) else spelt


def _is_time(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > DAY_SECONDS


def _seconds(value: float) -> int:
    return int(value / 1000 if value >= FIRST_MILLISECONDS else value)


def _is_near(value: Any, issued: int | None, ends: int | None) -> bool:
    """Return whether a number is a time near the token's own, such as `tokenExp`."""
    times = [time for time in (issued, ends) if time is not None]
    if not times or not _is_time(value):
        return False
    return min(times) - DAY_SECONDS <= _seconds(value) <= max(times) + DAY_SECONDS
