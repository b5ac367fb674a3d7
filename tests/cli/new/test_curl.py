"""A pasted command becomes a scenario; nothing secret of it is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tabproof.imports import curl_command, from_curl
from tabproof.imports.from_curl import variable_names

URL = "https://api.shop.example/v1/orders"

WRONG = {
    "empty": ("", "this is not a curl command; paste one that starts with `curl`."),
    "another-program": (f"wget {URL}", "this is not a curl command; paste one that starts"),
    "no-url": ("curl -s", "there is no URL; paste a command with one, in quotes."),
    "two-urls": (f"curl {URL} {URL}", "there are several URLs; paste a command with one"),
    "quote-left-open": (f"curl '{URL}", "a quote is not closed; paste the whole command."),
    "cmd-quote-left-open": (f'curl ^"{URL}', "a quote is not closed; paste the whole command."),
    "two-commands": (f"curl {URL}; ls", "`;` ends the command or redirects its"),
    "ampersand-outside-quotes": (f"curl {URL}?a=1&b=2", "`&` ends the command or redirects its"),
    "output-to-a-file": (f"curl {URL} > out.json", "`>` ends the command or redirects its"),
    "unknown-option": (f"curl --nope {URL}", "No such option '--nope'; remove it."),
    "unknown-short-option": (f"curl -Z {URL}", "No such option '-Z'; remove it."),
    "header-without-a-value": (f"curl {URL} -H", "Option '-H' requires an argument; remove it"),
    "header-without-a-colon": (
        f"curl {URL} -H Accept",
        "a header has the form `Name: value`; correct",
    ),
    "headers-from-a-file": (
        f"curl {URL} -H @names",
        "a header has the form `Name: value`; correct",
    ),
    "http": ("curl http://api.shop.example/", "the URL must start with https, not http."),
    "file": ("curl file:///etc/passwd", "the URL must start with https, not file."),
    "password-in-the-url": (
        "curl https://a:b@shop.example/",
        "the URL contains a user name or a password",
    ),
    "url-cut-off": ("curl 'https://[::1'", "the URL is not valid; paste it whole."),
    "user": (
        f"curl -u a:b {URL}",
        "-u is not supported: a user name and a password are not a token.",
    ),
    "basic": (f"curl {URL} -H 'Authorization: Basic YTpi'", "Basic does not send a token; paste a"),
    "token-missing": (
        f"curl {URL} -H 'Authorization: Bearer'",
        "`Authorization` must hold a scheme",
    ),
    "form": (f"curl -F a=b {URL}", "-F is not supported: a form is not a JSON body."),
    "upload": (f"curl -T a.txt {URL}", "-T is not supported: a file is not a JSON body."),
    "options-from-a-file": (f"curl -K a.txt {URL}", "-K is not supported: files of options"),
    "certificate": (f"curl -E a.pem {URL}", "-E is not supported: a client certificate"),
    "body-from-a-file": (f"curl {URL} -d @body.json", "the body is in a file, which is not read"),
    "body-is-a-form": (f"curl {URL} -d a=b", "the body is not JSON; a scenario cannot send"),
    "body-is-a-list": (f"curl {URL} -d '[1]'", "the body is not a JSON object; a scenario cannot"),
    "head": (
        f"curl -I {URL}",
        "the method HEAD is not supported; choose DELETE, GET, PATCH, POST or PUT.",
    ),
    "method-unknown": (f"curl -X BREW {URL}", "the method BREW is not supported; choose DELETE"),
    "timeout-in-words": (f"curl -m soon {URL}", "'soon' is not a valid float"),
}


@pytest.mark.parametrize(("command", "words"), WRONG.values(), ids=WRONG)
def test_a_wrong_command_is_told_in_one_line(
    command: str, words: str, tabproof: Any, root: Path
) -> None:
    result = tabproof("new", "scenario", "orders", "--yes", "--curl", command)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("tabproof: --curl: ")
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (root / "templates").exists()


BODY = {"note": 'it\'s a "test"\n', "items": [7]}
FORMS = {
    "bash": f"""curl '{URL}?state=open&q=a%20b' \\
  -H 'accept: text/plain' \\
  -H 'Content-Type: application/json' \\
  -H 'sec-ch-ua: "Chromium";v="140"' \\
  -H 'user-agent: Mozilla/5.0' \\
  --data-raw $'{{"note":"it\\'s a \\\\"test\\\\"\\\\n","items":[7]}}' --compressed""",
    "cmd": f"""curl ^"{URL}?state=open^&q=a^%^20b^" ^
  -H ^"accept: text/plain^" ^
  -H ^"Content-Type: application/json^" ^
  -H ^"sec-ch-ua: ^\\^"Chromium^\\^";v=^\\^"140^\\^"^" ^
  --data-raw ^"^{{^\\^"note^\\^":^\\^"it's a """
    f"""^\\^\\^\\^"test^\\^\\^\\^"^\\n^\\^",^\\^"items^\\^":^[7^]^}}^\"""",
    "short options": f"""curl -sSXPOST -Haccept:\\ text/plain -d'{{"note": "it'"'"'s a """
    f"""\\"test\\"\\n", "items": [7]}}' "{URL}?state=open&q=a+b" | jq .""",
}


@pytest.mark.parametrize("command", FORMS.values(), ids=FORMS)
def test_a_command_is_read_in_the_forms_that_browsers_and_people_write(command: str) -> None:
    pasted = curl_command.parse_curl(command)
    assert (pasted.method, pasted.url) == ("POST", URL)
    assert pasted.query == {"state": "open", "q": "a b"}
    assert pasted.headers == {"accept": "text/plain"}
    assert pasted.body == BODY


def test_what_may_be_secret_is_in_no_file_and_no_note(
    tabproof: Any, root: Path, token: Any
) -> None:
    made = token(iss="Public9Key", iat=1, exp=2)
    command = (
        f"curl '{URL}?access_token=hush1' -H 'Authorization: Bearer {made}' -b 'sid=hush2' "
        f"-H 'X-Api-Key: hush3' -H 'X-Other: {made}' "
        f"""--json '{{"password": "hush4", "in": [{{"client_secret": "hush5"}}, "{made}"]}}'"""
    )
    result = tabproof("new", "scenario", "orders", "--yes", "--curl", command)
    assert result.exit_code == 0, result.stderr
    texts = [path.read_text(encoding="utf-8") for path in root.rglob("templates/**/*.yml")]
    for text in (*texts, result.stdout, result.stderr):
        for secret in ("hush", made, made.rpartition(".")[2], "Public9Key"):
            assert secret not in text
    assert len(texts) == 1
    for name in ("access_token", "cookie", "X-Api-Key", "X-Other", "password", "client_secret"):
        assert name in result.stderr


def _draft(token: str) -> tuple[dict[str, Any], str]:
    command = f"curl {URL} -H 'Authorization: Bearer {token}'"
    draft, notes = from_curl.draft_from_curl(curl_command.parse_curl(command), "Orders")
    return {"claims": draft.claims, "header": draft.header, "in": draft.variables}, " ".join(notes)


def test_a_token_tells_how_such_tokens_are_made(token: Any) -> None:
    now = 1_795_582_400
    made = token(
        {"kid": "K9"}, iss="A8xk", iat=now, exp=now + 300, appKey="A8xk", aud="/admin/", end=now + 9
    )
    read, _notes = _draft(made)
    key, issued = {"credential": "api_key"}, {"seconds_from_now": 0}
    assert read["claims"] == {
        "iss": key,
        "iat": issued,
        "exp": {"seconds_from_now": 300},
        "appKey": key,
        "aud": "/admin/",
        "end": {"seconds_from_now": 9},
    }
    assert read["header"] == {"kid": {"credential": "key_id"}}
    assert list(read["in"]) == ["api_key", "key_id", "api_secret"]


@pytest.mark.parametrize(
    ("claims", "words", "lifetime"),
    [
        ({"exp": 1_795_582_400}, "the token has no iat, so its lifetime is unknown", 600),
        ({"iat": 1_795_582_400, "exp": 1_795_582_400}, "ends before it begins", 600),
        ({"iat": 1_795_582_400, "exp": 1_795_582_460_000}, "are in milliseconds", 60),
        ({"iat": 1_795_582_400, "exp": 1_795_582_460, "jti": "x"}, "jti was left out", 60),
        ({"iat": 1_795_582_400, "exp": 1_795_582_460, "s": ["x"]}, "s was left out", 60),
    ],
    ids=["no-iat", "no-lifetime", "milliseconds", "id-of-one-token", "list"],
)
def test_what_a_token_does_not_tell_is_said(
    claims: dict[str, Any], words: str, lifetime: int, token: Any
) -> None:
    read, notes = _draft(token(**claims))
    assert words in notes
    assert read["claims"]["exp"] == {"seconds_from_now": lifetime}
    assert read["claims"].keys() <= {"iat", "exp"}


@pytest.mark.parametrize("text", ["$TOKEN", "eyJ.x.y", "abc"])
def test_without_a_token_that_can_be_read_the_claims_are_put_in(text: str) -> None:
    read, notes = _draft(text)
    assert "no JSON Web Token in the command: claims and lifetime are placeholders" in notes
    assert list(read["claims"]) == ["iss", "iat", "exp"]


@pytest.mark.parametrize(
    ("host", "variable"),
    [
        ("api.shop.example", "SHOP_API_KEY"),
        ("api.my-shop.co.uk", "MY_SHOP_API_KEY"),
        ("shop.co", "SHOP_API_KEY"),
        ("localhost", "API_KEY"),
        ("127.0.0.1", "API_KEY"),
        ("1st.example", "API_KEY"),
    ],
)
def test_variables_are_called_after_the_owner_of_the_api(host: str, variable: str) -> None:
    assert variable_names(f"https://{host}/x", {"api_key": ""}) == {"api_key": variable}


def test_the_file_says_what_the_command_says(tabproof: Any, root: Path, token: Any) -> None:
    made = token(iss="A8xk", iat=1_795_582_400, exp=1_795_582_460)
    command = f"""curl -X PATCH '{URL}/7?n=01' -H 'Authorization: Shop {made}' -m 3
      -H 'Content-Type: application/json' -d '{{"when": "2026-11-24", "no": "no", "n": 1.5}}'"""
    command = command.replace("\n", " ")
    assert tabproof("new", "scenario", "orders", "--yes", "--curl", command).exit_code == 0
    path = root / "templates/scenarios/orders.yml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert data["request"] == {
        "method": "PATCH",
        "url": f"{URL}/7",
        "query": {"n": "01"},
        "authorization": "Shop",
        "headers": {"Accept": "application/json"},
        "body": {"when": "2026-11-24", "no": "no", "n": 1.5},
        "timeout_seconds": 3,
        "success_status": 200,
    }


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("application/json;charset=UTF-8", "application/json; charset=UTF-8"),
        ("application/vnd.api+json ;ext=a;", "application/vnd.api+json; ext=a"),
    ],
)
def test_a_media_type_has_the_blanks_that_a_scenario_wants(
    written: str, kept: str, tabproof: Any, root: Path, token: Any
) -> None:
    made = token(iss="A8xk", iat=1_795_582_400, exp=1_795_582_460)
    headers = f"-H 'Authorization: Bearer {made}' -H 'content-type: {written}'"
    command = f"""curl '{URL}' {headers} -d '{{"n": 1}}'"""
    result = tabproof("new", "scenario", "orders", "--yes", "--curl", command)
    assert result.exit_code == 0, result.stderr
    data = yaml.safe_load((root / "templates/scenarios/orders.yml").read_text(encoding="utf-8"))
    assert data["request"]["headers"]["content-type"] == kept


def test_a_command_full_of_quotes_is_read_from_stdin(tabproof: Any, root: Path) -> None:
    typed = f"curl '{URL}' \\\n  -H \"X-Note: it's\"\n"
    arguments = ("new", "scenario", "orders", "--yes", "--curl", "-")
    assert tabproof(*arguments, typed=typed).exit_code == 0
    text = (root / "templates/scenarios/orders.yml").read_text(encoding="utf-8")
    assert yaml.safe_load(text)["request"]["headers"] == {"X-Note": "it's"}
