"""What the quickstart says of a token that is refused is what `tabproof explain` says of it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from pathlib import Path

from tabproof.diagnosis.times import AnyMoment
from tabproof.diagnosis.token import judge_token
from tabproof.project.catalog_reader import load

ROOT = Path(__file__).parent.parent.parent
QUICKSTART = ROOT / "docs/index.md"
KEY = "the API key"
SECRET = "Zq3vT8wKp1xN6rYb0dLs5hJm2gFc9aQe"
NOW = 1_795_600_000
HOUR_SECONDS = 3600
CREDENTIALS = {"ZOOM_API_KEY": KEY, "ZOOM_API_SECRET": SECRET}


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def token(secret: str = SECRET, **changes: object) -> str:
    """A token as the samples make it, but for some claims, or signed with another secret."""
    claims = {"iss": KEY, "iat": NOW, "exp": NOW + HOUR_SECONDS} | changes
    parts = [{"alg": "HS256", "typ": "JWT"}, {k: v for k, v in claims.items() if v is not None}]
    text = ".".join(base64url(json.dumps(part).encode()) for part in parts)
    return f"{text}.{base64url(hmac.digest(secret.encode(), text.encode(), hashlib.sha256))}"


def plain_base64() -> str:
    """A token whose signature has both characters that base64url writes otherwise."""
    for number in range(1000):
        right = token(iat=NOW - number, exp=NOW - number + HOUR_SECONDS)
        header, claims, signature = right.split(".")
        if "-" in signature and "_" in signature:
            plain = signature.replace("-", "+").replace("_", "/")
            return f"{header}.{claims}.{plain}"
    raise AssertionError


WRONG = {
    "exp in milliseconds": token(exp=(NOW + HOUR_SECONDS) * 1000),
    "exp from a clock in Tokyo, taken for UTC": token(exp=NOW + 10 * HOUR_SECONDS),
    "exp ten minutes ago": token(iat=NOW - 4200, exp=NOW - 600),
    "a clock that is five minutes ahead": token(iat=NOW + 300, exp=NOW + 3900),
    "exp in quotes": token(exp=str(NOW + HOUR_SECONDS)),
    "exp with a fraction": token(exp=NOW + HOUR_SECONDS + 0.5),
    "no iat": token(iat=None),
    "iss is a URL": token(iss="https://api.zoom.us"),
    "iss of another app": token(iss="another key"),
    "key and secret exchanged": token(KEY, iss=SECRET),
    "in quotes": f'"{token()}"',
    "bytes": f"b'{token()}'",
    "with the scheme": f"Bearer {token()}",
    "padded": f"{token()}=",
    "plain base64": plain_base64(),
    "wrapped": f"{token()[:76]}\n{token()[76:]}",
    "a secret with a line end": token(f"{SECRET}\n"),
    "a secret in quotes": token(f'"{SECRET}"'),
    "another secret": token("another secret, of another app"),
    "cut off": token()[:-8],
}
"""How the token was made wrong -> the token."""


def words(text: str) -> list[str]:
    scenario = load(ROOT).scenarios["list-users"]
    return [
        fault.message for fault in judge_token(text, scenario, CREDENTIALS, AnyMoment(NOW)).faults
    ]


def test_the_quickstart_quotes_what_explain_says_of_each_token_that_is_made_wrong() -> None:
    section = QUICKSTART.read_text(encoding="utf-8").partition("\n### What is wrong with it\n")[2]
    table = section.partition("\n#")[0]
    quoted = re.findall(r"^\| (?!What you see|---).* \| (.*) \|$", table, re.MULTILINE)
    assert len(quoted) == len(WRONG)
    assert sorted(quoted) == sorted(said for made in WRONG.values() for said in words(made))


def test_the_token_that_is_not_made_wrong_is_right() -> None:
    assert words(token()) == []
