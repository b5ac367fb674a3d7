"""A pasted `curl` command becomes the request that it sends. Pure: nothing is read or sent.

The options are those of curl's manual page. No parser of them on PyPI is kept and complete, so
click, which is here anyway, reads them from the tables below.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import click
import msgspec

from tabproof.errors import InputError
from tabproof.imports.shell_words import split_words

WITHOUT_MEANING = """
-s --silent -S --show-error -v --verbose -i --include --show-headers -f --fail --fail-with-body
-L --location -k --insecure --compressed -N --no-buffer -g --globoff -q --disable -# --progress-bar
--no-progress-meter --http1.1 --http2 --http3 -4 --ipv4 -6 --ipv6 --tlsv1.2 --tlsv1.3
--ssl-no-revoke
""".split()  # noqa: SIM905 - so many names read better as words
"""Switches that change what is shown or how, not what is asked; the samples' contract rules."""

WITHOUT_MEANING_VALUED = """
-o --output -w --write-out --connect-timeout --retry --retry-delay --retry-max-time --max-redirs
-D --dump-header --trace-ascii --stderr -x --proxy --resolve --cacert -A --user-agent -e --referer
""".split()  # noqa: SIM905 - the same
"""The same, for options with a value."""

REFUSED = {
    "-u --user": "a name and a password are no token",
    "-F --form": "a form is no JSON body",
    "-T --upload-file": "a file is no JSON body",
    "-K --config": "a file of options is not read",
    "-E --cert": "a client's certificate is no token",
    "--data-urlencode": "only with -G a request without a JSON body",
}
"""Options with a value that a scenario cannot say -> why not."""

BROWSER = re.compile(
    r"(?i)(?:sec-.*|accept-(?:language|encoding)|cache-control|connection|content-length|dnt|host"
    r"|if-.*|origin|pragma|priority|referer|te|upgrade-insecure-requests|user-agent)"
)
"""Headers that a browser or curl adds by itself, or that are about one visit."""

SECRET = re.compile(
    r"(?i)(?:.*[-_.])?(?:auth(?:orization)?|cookie|credentials?|csrf|jwt|passw(?:or)?d|pwd|secret"
    r"|session(?:id)?|sig(?:nature)?|token|xsrf)(?:[-_.].*)?|.*(?:api|access|auth|private|secret)"
    r"[-_.]?(?:key|token).*|.*(?:password|secret).*"
)
"""Names of what must not be written into a file that is committed."""

JWT = re.compile(r"eyJ[\w-]+\.[\w-]*\.?[\w-]*")


class PastedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it was pasted, without what is secret.

    Attributes:
        scheme: the word before the token; "" where there is no `Authorization`.
        token: what follows it; never to be written anywhere.
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
    """Read a command.

    Args:
        text: as a person pasted it, with `curl` at its beginning.

    Raises:
        InputError: it is no curl command, or asks for what a scenario cannot say.
    """
    found = split_words(text)
    if not found or found[0].rpartition("/")[2].lower() not in ("curl", "curl.exe"):
        raise InputError("--curl: this is no curl command; paste one that begins with `curl`.")
    try:
        with PARSER.make_context("curl", found[1:]) as context:
            given = context.params
    except click.UsageError as error:
        words_ = error.format_message().rstrip(".").replace("\n", " ")
        raise InputError(f"--curl: {words_}; leave it out.") from error
    for number, (names, reason) in enumerate(REFUSED.items()):
        if given[f"refused_{number}"] is not None:
            raise InputError(f"--curl: {names.split()[0]} cannot be a scenario: {reason}.")
    return _request(given)


def _request(given: dict[str, Any]) -> PastedRequest:
    notes: list[str] = []
    url, pairs = _url([*given["urls"], *given["places"]])
    pairs += [pair for each in given["pairs"] for pair in parse_qsl(each, keep_blank_values=True)]
    data = "&".join(given["data"]) if given["data"] else "".join(given["json"])
    if given["get"]:
        pairs += parse_qsl(data, keep_blank_values=True)
        data = ""
    headers = dict(_header(each) for each in given["headers"])
    if given["json"]:
        headers.setdefault("Accept", "application/json")
    scheme, token = _authorization(headers, given["bearer"])
    if given["cookie"] is not None:
        notes.append("the cookie was left out: a sample authenticates by its token alone")
    method = "HEAD" if given["head"] else (given["method"] or ("POST" if data else "GET")).upper()
    if method not in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        raise InputError(f"--curl: the method {method} cannot be a scenario; send a GET, POST...")
    return PastedRequest(
        method=method,
        url=url,
        query=_kept(dict(pairs), "the query's", notes),
        scheme=scheme,
        token=token,
        headers=_kept(_meant(headers, sent=bool(data)), "the header", notes),
        body=_body(data, notes) if data else None,
        timeout_seconds=None if given["seconds"] is None else max(1, round(given["seconds"])),
        notes=tuple(notes),
    )


def _url(given: list[str]) -> tuple[str, list[tuple[str, str]]]:
    if len(given) != 1:
        what = "there is no URL" if not given else "there are several URLs"
        raise InputError(f"--curl: {what}; paste a command with one, in quotes.")
    text = given[0] if "://" in given[0] else f"https://{given[0]}"
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise InputError("--curl: what stands for the URL is none; paste it whole.") from error
    if parts.username is not None or parts.password is not None:
        raise InputError("--curl: the URL holds a name or a password; leave them out.")
    if parts.scheme != "https":
        raise InputError(f"--curl: '{parts.scheme}' is not https; samples send tokens by it alone.")
    return f"https://{parts.netloc}{parts.path}", parse_qsl(parts.query, keep_blank_values=True)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip() or text.startswith("@"):
        raise InputError("--curl: a header is `Name: value`; mend the one after -H.")
    if name.strip().lower() == "content-type":
        value = re.sub(r"\s*;\s*", "; ", value).rstrip("; ")  # as a scenario has it
    return name.strip(), value.strip()


def _authorization(headers: dict[str, str], bearer: str | None) -> tuple[str, str]:
    name = next((name for name in headers if name.lower() == "authorization"), "")
    if bearer is not None:
        return "Bearer", bearer
    if not name:
        return "", ""
    scheme, _, token = headers.pop(name).partition(" ")
    if not token:
        raise InputError("--curl: `Authorization` holds a scheme and a token: `Bearer eyJ...`.")
    if scheme.lower() in ("basic", "digest"):
        raise InputError(f"--curl: {scheme} is no token; paste a command that sends one.")
    return scheme, token.strip()


def _meant(headers: dict[str, str], *, sent: bool) -> dict[str, str]:
    """The headers that a person meant; that of a JSON body comes by itself."""
    json = "application/json"
    return {
        name: value
        for name, value in headers.items()
        if not BROWSER.fullmatch(name)
        and not (name.lower() == "content-type" and (not sent or value.lower() == json))
    }


def _kept(values: dict[str, str], what: str, notes: list[str]) -> dict[str, str]:
    """The values without those that may be secret."""
    kept = {n: v for n, v in values.items() if not SECRET.fullmatch(n) and not JWT.search(v)}
    notes += [f"{what} {n} was left out: it may be a secret" for n in values if n not in kept]
    return kept


def _body(data: str, notes: list[str]) -> dict[str, Any]:
    if data.startswith("@"):
        raise InputError("--curl: the body is in a file, which is not read; paste the body itself.")
    try:
        body = msgspec.json.decode(data)
    except msgspec.DecodeError as error:
        raise InputError("--curl: the body is no JSON; a scenario sends nothing else.") from error
    except RecursionError as error:
        raise InputError("--curl: the body is nested too deep.") from error
    if not isinstance(body, dict):
        raise InputError("--curl: the body is no JSON object; a scenario sends nothing else.")
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
