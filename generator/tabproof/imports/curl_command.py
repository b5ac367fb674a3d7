"""Parse a pasted `curl` command into the request that it sends. Pure: nothing is read or sent.

The options are those of curl's manual page. No parser of them on PyPI is both maintained and
complete, so click, which is a dependency anyway, parses them from the tables below.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import click
import msgspec

from tabproof.errors import InputError, choose
from tabproof.imports.shell_words import split_words

WITHOUT_MEANING = """
-s --silent -S --show-error -v --verbose -i --include --show-headers -f --fail --fail-with-body
-L --location -k --insecure --compressed -N --no-buffer -g --globoff -q --disable -# --progress-bar
--no-progress-meter --http1.1 --http2 --http3 -4 --ipv4 -6 --ipv6 --tlsv1.2 --tlsv1.3
--ssl-no-revoke
""".split()  # noqa: SIM905 - so many names read better as words
"""Switches that change the output or the connection, not the request; samples ignore them."""

WITHOUT_MEANING_VALUED = """
-o --output -w --write-out --connect-timeout --retry --retry-delay --retry-max-time --max-redirs
-D --dump-header --trace-ascii --stderr -x --proxy --resolve --cacert -A --user-agent -e --referer
""".split()  # noqa: SIM905 - the same
"""The same, with a value."""

REFUSED = {
    "-u --user": "a user name and a password are not a token",
    "-F --form": "a form is not a JSON body",
    "-T --upload-file": "a file is not a JSON body",
    "-K --config": "files of options are not read",
    "-E --cert": "a client certificate is not a token",
    "--data-urlencode": "encoded form data is not a JSON body",
}
"""Options with a value that a scenario cannot express -> why not."""

BROWSER = re.compile(
    r"(?i)(?:sec-.*|accept-(?:language|encoding)|cache-control|connection|content-length|dnt|host"
    r"|if-.*|origin|pragma|priority|referer|te|upgrade-insecure-requests|user-agent)"
)
"""Headers that a browser or curl adds by itself, or that belong to one visit."""

SECRET = re.compile(
    r"(?i)(?:.*[-_.])?(?:auth(?:orization)?|cookie|credentials?|csrf|jwt|passw(?:or)?d|pwd|secret"
    r"|session(?:id)?|sig(?:nature)?|token|xsrf)(?:[-_.].*)?|.*(?:api|access|auth|private|secret)"
    r"[-_.]?(?:key|token).*|.*(?:password|secret).*"
)
"""Names of values that must not be written to a file that is committed."""

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
JWT = re.compile(r"eyJ[\w-]+\.[\w-]*\.?[\w-]*")


class PastedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Hold a pasted request, without its secrets.

    Attributes:
        scheme: the word before the token; "" where there is no `Authorization`.
        token: what follows it; must never be written to a file.
        notes: what was left out, and why.
    """

    method: str
    url: str
    query: dict[str, str]
    scheme: str
    token: str
    headers: dict[str, str]
    body: dict[str, Any] | None
    timeout_seconds: int | None
    notes: tuple[str, ...]


def _option(names: str, key: str, **rest: Any) -> click.Option:
    return click.Option([key, *names.split()], **rest)


PARSER = click.Command(
    "curl",
    add_help_option=False,
    params=[
        _option("-X --request", "method"),
        _option("-H --header", "headers", multiple=True),
        _option("-d --data --data-raw --data-ascii --data-binary", "data", multiple=True),
        _option("--json", "json", multiple=True),
        _option("-G --get", "get", is_flag=True),
        _option("-I --head", "head", is_flag=True),
        _option("--url", "urls", multiple=True),
        _option("--url-query", "pairs", multiple=True),
        _option("--oauth2-bearer", "bearer"),
        _option("-b --cookie", "cookie"),
        _option("-m --max-time", "seconds", type=click.FloatRange(min=0, min_open=True)),
        *(_option(names, f"refused_{n}") for n, names in enumerate(REFUSED)),
        *(_option(name, f"on_{n}", is_flag=True) for n, name in enumerate(WITHOUT_MEANING)),
        *(_option(n, f"valued_{i}", multiple=True) for i, n in enumerate(WITHOUT_MEANING_VALUED)),
        click.Argument(["places"], nargs=-1),
    ],
)


def parse_curl(text: str) -> PastedRequest:
    """Parse a command.

    Args:
        text: as a person pasted it; starts with `curl`.

    Raises:
        InputError: it is not a curl command, or sends what a scenario cannot express.
    """
    words = split_words(text)
    if not words or words[0].rpartition("/")[2].lower() not in ("curl", "curl.exe"):
        raise InputError("--curl: this is not a curl command; paste one that starts with `curl`.")
    try:
        with PARSER.make_context("curl", words[1:]) as context:
            options = context.params
    except click.UsageError as error:
        message = error.format_message().rstrip(".").replace("\n", " ")
        raise InputError(f"--curl: {message}; remove it.") from error
    for number, (names, reason) in enumerate(REFUSED.items()):
        if options[f"refused_{number}"] is not None:
            raise InputError(f"--curl: {names.split()[0]} is not supported: {reason}.")
    return _request(options)


def _request(options: dict[str, Any]) -> PastedRequest:
    notes: list[str] = []
    url, pairs = _url([*options["urls"], *options["places"]])
    pairs += [pair for each in options["pairs"] for pair in parse_qsl(each, keep_blank_values=True)]
    data = "&".join(options["data"]) if options["data"] else "".join(options["json"])
    if options["get"]:
        pairs += parse_qsl(data, keep_blank_values=True)
        data = ""
    headers = dict(_header(each) for each in options["headers"])
    if options["json"]:
        headers.setdefault("Accept", "application/json")
    scheme, token = _authorization(headers, options["bearer"])
    if options["cookie"] is not None:
        notes.append("the cookie was left out: a sample authenticates only with its token")
    method = (
        "HEAD" if options["head"] else (options["method"] or ("POST" if data else "GET")).upper()
    )
    if method not in METHODS:
        raise InputError(f"--curl: the method {method} is not supported; {choose(METHODS)}.")
    return PastedRequest(
        method=method,
        url=url,
        query=_without_secrets(dict(pairs), "the query's", notes),
        scheme=scheme,
        token=token,
        headers=_without_secrets(_intended(headers, sent=bool(data)), "the header", notes),
        body=_body(data, notes) if data else None,
        timeout_seconds=None if options["seconds"] is None else max(1, round(options["seconds"])),
        notes=tuple(notes),
    )


def _url(urls: list[str]) -> tuple[str, list[tuple[str, str]]]:
    if len(urls) != 1:
        problem = "there is no URL" if not urls else "there are several URLs"
        raise InputError(f"--curl: {problem}; paste a command with one, in quotes.")
    url = urls[0] if "://" in urls[0] else f"https://{urls[0]}"
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise InputError("--curl: the URL is not valid; paste it whole.") from error
    if parts.username is not None or parts.password is not None:
        raise InputError("--curl: the URL contains a user name or a password; remove them.")
    if parts.scheme != "https":
        raise InputError(f"--curl: the URL must start with https, not {parts.scheme}.")
    return f"https://{parts.netloc}{parts.path}", parse_qsl(parts.query, keep_blank_values=True)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip() or text.startswith("@"):
        raise InputError("--curl: a header has the form `Name: value`; correct the one after -H.")
    if name.strip().lower() == "content-type":
        value = re.sub(r"\s*;\s*", "; ", value).rstrip("; ")  # the form that scenarios require
    return name.strip(), value.strip()


def _authorization(headers: dict[str, str], bearer: str | None) -> tuple[str, str]:
    name = next((name for name in headers if name.lower() == "authorization"), "")
    if bearer is not None:
        return "Bearer", bearer
    if not name:
        return "", ""
    scheme, _, token = headers.pop(name).partition(" ")
    if not token:
        raise InputError("--curl: `Authorization` must hold a scheme and a token: `Bearer eyJ...`.")
    if scheme.lower() in ("basic", "digest"):
        raise InputError(f"--curl: {scheme} does not send a token; paste a command that sends one.")
    return scheme, token.strip()


def _intended(headers: dict[str, str], *, sent: bool) -> dict[str, str]:
    """Return the headers that a person set on purpose; that of a JSON body is implied."""
    json = "application/json"
    return {
        name: value
        for name, value in headers.items()
        if not BROWSER.fullmatch(name)
        and not (name.lower() == "content-type" and (not sent or value.lower() == json))
    }


def _without_secrets(values: dict[str, str], owner: str, notes: list[str]) -> dict[str, str]:
    """Return the values without those that may be secret."""
    public = {n: v for n, v in values.items() if not SECRET.fullmatch(n) and not JWT.search(v)}
    notes += [f"{owner} {n} was left out: it may be a secret" for n in values if n not in public]
    return public


def _body(data: str, notes: list[str]) -> dict[str, Any]:
    if data.startswith("@"):
        raise InputError("--curl: the body is in a file, which is not read; paste the body itself.")
    try:
        body = msgspec.json.decode(data)
    except msgspec.DecodeError as error:
        raise InputError(
            "--curl: the body is not JSON; a scenario cannot send anything else."
        ) from error
    except RecursionError as error:
        raise InputError("--curl: the body is nested too deeply.") from error
    if not isinstance(body, dict):
        raise InputError(
            "--curl: the body is not a JSON object; a scenario cannot send anything else."
        )
    return dict(_member(name, value, notes) for name, value in body.items())


def _member(name: str, value: Any, notes: list[str]) -> tuple[str, Any]:
    if isinstance(value, str) and (SECRET.fullmatch(name) or JWT.search(value)):
        notes.append(f"the body's {name} was replaced: it may be a secret")
        return name, "example"
    return name, _inner(value, notes)


def _inner(value: Any, notes: list[str]) -> Any:
    if isinstance(value, dict):
        return dict(_member(name, each, notes) for name, each in value.items())
    if isinstance(value, list):
        return [_member("", each, notes)[1] for each in value]
    return value
