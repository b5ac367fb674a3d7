"""The message for each fault in a scenario."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

from click.testing import Result
from tests.project.faults.fault import INPUTS, Fault, below, parametrize

RIGHT = (INPUTS / "right.yml").read_text(encoding="utf-8")
PATH = "templates/scenarios/list-users.yml"

URL = "`request.url`: expected an https URL without user, query and fragment; got the string"
SECONDS = "`token.claims.exp.seconds_from_now`: expected an integer; got"
TIMEOUT = "`request.timeout_seconds`: expected an integer above 0; got"
SKEW = "`token.skew_seconds`: expected an integer of at least 0; got"
STATUS = "`responses`: a key is an integer from 100 to 599; got"
CREDENTIAL = "`credentials`: a key is a name in snake_case, such as api_key; got"
VARIABLE = (
    "`credentials.api_key.environment`: expected a variable's name in capitals, such as "
    "API_KEY; got the string"
)
HEADER = "`request.headers`: a key is a header's name, such as Content-Type; got the string"
EXACTLY_ONE = "give exactly one of `credential` and `seconds_from_now`."
TITLE = "is no title: write one line of printable characters."
BEYOND = "is beyond 2**53, where languages round; put it in quotes."
NO_NAME = "is no name that every language can hold."
SCHEME = "`request.authorization`: expected a scheme, such as Bearer; got the string"
KEYS = "choose credentials, lifecycle, request, responses, title or token."
REQUEST_KEYS = (
    "choose authorization, body, headers, method, query, success_status, timeout_seconds or url."
)
REFERENCE_KEYS = "choose credential or seconds_from_now."
CREDENTIALS = "choose api_key or api_secret."
METHODS = "choose DELETE, GET, PATCH, POST or PUT."
ALGORITHMS = "choose ES256, ES384, ES512, EdDSA, HS256, HS384, HS512, RS256, RS384 or RS512."
LIFECYCLES = "choose current, ended or legacy."
NOT_STRING = "is not a string; put it in quotes."
QUERY = "a query's value is a string or an integer."
FIRST = "is not YAML: a text cannot begin with this character; put it in quotes."
SURROGATE = "a lone surrogate is no character; write the character itself."
NUMBER = "the number is too long; put it in quotes."
PLAIN = "is not allowed; write plain YAML."
ALIAS = "is not allowed; write the value out."
TWICE = "is given twice; remove one."

BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [" + ", ".join([f"*{last}"] * 10) + "]\n"
    for last, name in itertools.pairwise("abcdefghi")
)
"""A billion values, were its aliases followed."""


# One row per fault: the edit and its line, then the message; the formatter would make it seven.
# fmt: off
FAULTS = [
    Fault("algorithm-none", ("algorithm: HS256", "algorithm: none"), 6,
          f"`token.algorithm`: unknown value 'none'; {ALGORITHMS}"),
    Fault("algorithm-unknown", ("algorithm: HS256", "algorithm: HS265"), 6,
          f"`token.algorithm`: unknown value 'HS265'; {ALGORITHMS}"),
    Fault("claim-beyond-2-53",
          below("iat: {seconds_from_now: 0}", "    level: 1000000000000000000000"), 11,
          f"1000000000000000000000 {BEYOND}"),
    Fault("claim-is-a-number-of-text", below("exp: {seconds_from_now: 3600}", "    2026: x"), 12,
          "`token.claims`: a key is a string; got 2026."),
    Fault("claim-proto", below("exp: {seconds_from_now: 3600}", "    __proto__: x"), 12,
          f"'__proto__' {NO_NAME}"),
    Fault("claim-twice",
          below("exp: {seconds_from_now: 3600}", "    exp: {seconds_from_now: 60}"), 12,
          f"the key `exp` {TWICE}"),
    Fault("credential-called-by-a-number", ("  api_key:", "  1:"), 3, f"{CREDENTIAL} 1."),
    Fault("credential-in-camel-case", ("  api_key:", "  apiKey:"), 3,
          f"{CREDENTIAL} the string 'apiKey'."),
    Fault("credential-name-ends-in-a-newline", ("  api_key:", '  "api_key\\n":'), 3,
          CREDENTIAL + " the string 'api_key\\n'."),
    Fault("credential-unknown-among-none",
          (("credentials:\n  api_key: {environment: API_KEY, title: API key}\n"
            "  api_secret: {environment: API_SECRET, title: API secret}\ntoken:\n"),
           "credentials: {}\ntoken:\n\n"), 6,
          "unknown credential 'api_secret'; there is none to choose."),
    Fault("credential-unknown-in-claim",
          ("iss: {credential: api_key}", "iss: {credential: kye}"), 9,
          f"unknown credential 'kye'; {CREDENTIALS}"),
    Fault("credential-unknown-in-header",
          below("exp: {seconds_from_now: 3600}", "  header: {kid: {credential: key_id}}"), 12,
          f"unknown credential 'key_id'; {CREDENTIALS}"),
    Fault("credential-unknown-in-signing-key",
          ("{credential: api_secret}", "{credential: secret}"), 7,
          f"unknown credential 'secret'; {CREDENTIALS}"),
    Fault("credential-unused", ("iss: {credential: api_key}", "iss: nobody"), 3,
          "'api_key' is in neither the token nor the request; use it, or remove it."),
    Fault("credentials-twice",
          below("api_secret: {environment: API_SECRET, title: API secret}", "credentials: {}"), 5,
          f"the key `credentials` {TWICE}"),
    Fault("encoding-unknown",
          ("{credential: api_secret}", "{credential: api_secret, encoding: base32}"), 7,
          "`token.signing_key.encoding`: unknown value 'base32'; choose base64, hex or utf-8."),
    Fault("environment-ends-in-a-newline", ("environment: API_KEY", 'environment: "API_KEY\\n"'), 3,
          VARIABLE + " 'API_KEY\\n'."),
    Fault("environment-in-lower-case", ("environment: API_KEY", "environment: api_key"), 3,
          f"{VARIABLE} 'api_key'."),
    Fault("environment-of-two-credentials", ("environment: API_SECRET", "environment: API_KEY"), 4,
          "API_KEY is the variable of 'api_key' already; name another."),
    Fault("header-name-empty", ("Accept: application/json", '"": x'), 16, f"{HEADER} ''."),
    Fault("header-name-with-a-colon", ("Accept:", '"Accept:":'), 16, f"{HEADER} 'Accept:'."),
    Fault("header-name-with-a-space", ("Accept:", "Content Type:"), 16,
          f"{HEADER} 'Content Type'."),
    Fault("header-value-is-a-number", ("429: {", "429: {headers: {Retry-After: 60}, "), 21,
          "`responses.429.headers.Retry-After`: expected a string of printable ASCII characters "
          "without spaces around it; got 60."),
    Fault("header-value-with-a-letter-of-latin-1", ("Accept: application/json", "X-Name: Zoë"), 16,
          "`request.headers.X-Name`: expected a string of printable ASCII characters without "
          "spaces around it; got the string 'Zoë'."),
    Fault("header-value-with-a-newline",
          ("Accept: application/json", 'Accept: "text/html\\nX-Admin: 1"'), 16,
          "`request.headers.Accept`: expected a string of printable ASCII characters without "
          "spaces around it; got the string 'text/html\\nX-Admin: 1'."),
    Fault("key-list", below("title: List users", "[a]: x"), 2,
          f"the key that is here {NOT_STRING}"),
    Fault("key-merge", ("iss: {credential: api_key}", "<<: {}"), 9,
          f"`token.claims.<<`: {EXACTLY_ONE}"),
    Fault("key-no-is-a-string", below("title: List users", "no: x"), 2,
          f"unknown key 'no'; {KEYS}"),
    Fault("key-null", below("title: List users", "~: x"), 2, f"the key `~` {NOT_STRING}"),
    Fault("key-number-at-top", below("title: List users", "5: x"), 2, f"unknown key '5'; {KEYS}"),
    Fault("key-number-in-body",
          below("headers: {Accept: application/json}",
                "  method: POST\n  body:\n    order: {7: x}"), 19,
          f"'7' {NO_NAME}"),
    Fault("key-number-in-claims", below("exp: {seconds_from_now: 3600}", "    5: x"), 12,
          "`token.claims`: a key is a string; got 5."),
    Fault("key-number-in-quotes-in-body",
          below("headers: {Accept: application/json}",
                "  method: POST\n  body:\n    order: {list: [{'7': x}]}"), 19,
          f"'7' {NO_NAME}"),
    Fault("key-number-in-request", below("timeout_seconds: 10", "  10: x"), 18,
          f"unknown key '10'; {REQUEST_KEYS}"),
    Fault("key-true", below("title: List users", "true: x"), 2, f"the key `true` {NOT_STRING}"),
    Fault("key-twice-credential",
          below("api_secret: {environment: API_SECRET, title: API secret}",
                "  api_key: {environment: OTHER, title: Other}"), 5,
          f"the key `api_key` {TWICE}"),
    Fault("key-twice-in-quotes", below("exp: {seconds_from_now: 3600}", '    "exp": 1'), 12,
          f"the key `exp` {TWICE}"),
    Fault("key-twice", below("timeout_seconds: 10", "  timeout_seconds: 20"), 18,
          f"the key `timeout_seconds` {TWICE}"),
    Fault("key-unknown-at-top", below("title: List users", "descripton: All of them"), 2,
          f"unknown key 'descripton'; {KEYS}"),
    Fault("key-unknown-in-credential", ("title: API key}", "title: API key, env: KEY}"), 3,
          "unknown key 'env'; choose environment, split or title."),
    Fault("key-unknown-in-reference", ("iss: {credential:", "iss: {credental:"), 9,
          f"unknown key 'credental'; {REFERENCE_KEYS}"),
    Fault("key-unknown-in-request", below("request:", "  metod: GET"), 13,
          f"unknown key 'metod'; {REQUEST_KEYS}"),
    Fault("key-unknown-in-response", ("401: {body:", "401: {boddy:"), 20,
          "unknown key 'boddy'; choose body or headers."),
    Fault("key-unknown-under-a-url",
          below("exp: {seconds_from_now: 3600}",
                "    https://example.com/a.b[0]: {credential: api_key, default: x}"), 12,
          f"unknown key 'default'; {REFERENCE_KEYS}"),
    Fault("lifecycle-date",
          below("title: List users", "lifecycle: {status: ended, ended: September 2023}"), 2,
          "`lifecycle.ended`: expected a date like 2026-11-24; got the string 'September 2023'."),
    Fault("lifecycle-on", below("title: List users", "lifecycle: {status: on}"), 2,
          f"`lifecycle.status`: unknown value 'on'; {LIFECYCLES}"),
    Fault("lifecycle-unknown", below("title: List users", "lifecycle: {status: retired}"), 2,
          f"`lifecycle.status`: unknown value 'retired'; {LIFECYCLES}"),
    Fault("media-type-is-a-word",
          ("  headers: {Accept: application/json}\n",
           "  headers:\n    Accept: application/json\n    content-type: text\n"), 18,
          "`request.headers.content-type`: expected a media type, such as application/json or "
          "text/plain; charset=utf-8; got the string 'text'."),
    Fault("media-type-of-no-body", ("Accept:", "Content-Type:"), 16,
          "`request.headers.Content-Type`: there is no body of that type; remove it, or write a "
          "`body`."),
    Fault("method-in-lower-case", below("request:", "  method: get"), 13,
          f"`request.method`: unknown value 'get'; {METHODS}"),
    Fault("method-is-a-number", below("request:", "  method: 5"), 13,
          f"`request.method`: unknown value 5; {METHODS}"),
    Fault("method-unknown", below("request:", "  method: FETCH"), 13,
          f"`request.method`: unknown value 'FETCH'; {METHODS}"),
    Fault("missing-signing-key", ("  signing_key: {credential: api_secret}\n", ""), 5,
          "`token` lacks the key 'signing_key'."),
    Fault("missing-timeout", ("  timeout_seconds: 10\n", ""), 12,
          "`request` lacks the key 'timeout_seconds'."),
    Fault("missing-title-of-credential", (", title: API key", ""), 3,
          "`credentials.api_key` lacks the key 'title'."),
    Fault("missing-title", ("title: List users\n", ""), 1, "the file lacks the key 'title'."),
    Fault("number-in-body-beyond-2-53",
          below("headers: {Accept: application/json}",
                "  method: POST\n  body:\n    all: [{id: -9007199254740993}]"), 19,
          f"-9007199254740993 {BEYOND}"),
    Fault("query-is-a-list", ("query: {status: active}", "query: [status]"), 14,
          "`request.query`: expected a mapping; got a list of 1."),
    Fault("query-true", ("status: active", "active: true"), 14, QUERY),
    Fault("reference-both",
          ("seconds_from_now: 3600}", "seconds_from_now: 3600, credential: api_key}"), 11,
          f"`token.claims.exp`: {EXACTLY_ONE}"),
    Fault("reference-in-query", ("status: active", "key: {credential: api_key}"), 14, QUERY),
    Fault("reference-in-quotes", ("seconds_from_now: 3600", "seconds_from_now: +3600"), 11,
          f"{SECONDS} the string '+3600'."),
    Fault("reference-neither", ("seconds_from_now: 3600", ""), 11,
          f"`token.claims.exp`: {EXACTLY_ONE}"),
    Fault("response-is-a-text", ("200: {body: {users: []}}", "200: ok"), 19,
          "`responses.200`: expected a mapping; got the string 'ok'."),
    Fault("scheme-empty", ("authorization: Bearer", 'authorization: ""'), 15, f"{SCHEME} ''."),
    Fault("scheme-with-a-space", ("authorization: Bearer", "authorization: Bearer token"), 15,
          f"{SCHEME} 'Bearer token'."),
    Fault("seconds-exponent", ("seconds_from_now: 3600", "seconds_from_now: 1e3"), 11,
          f"{SECONDS} the string '1e3'."),
    Fault("seconds-float", ("seconds_from_now: 3600", "seconds_from_now: 3600.0"), 11,
          f"{SECONDS} 3600.0."),
    Fault("seconds-hexadecimal", ("seconds_from_now: 3600", "seconds_from_now: 0x10"), 11,
          f"{SECONDS} the string '0x10'."),
    Fault("seconds-in-quotes", ("seconds_from_now: 3600", "seconds_from_now: '3600'"), 11,
          f"{SECONDS} the string '3600'."),
    Fault("seconds-leading-zero", ("seconds_from_now: 3600", "seconds_from_now: 010"), 11,
          f"{SECONDS} the string '010'."),
    Fault("seconds-null", ("seconds_from_now: 3600", "seconds_from_now: null"), 11,
          f"`token.claims.exp`: {EXACTLY_ONE}"),
    Fault("seconds-on", ("seconds_from_now: 3600", "seconds_from_now: on"), 11,
          f"{SECONDS} the string 'on'."),
    Fault("seconds-sexagesimal", ("seconds_from_now: 3600", "seconds_from_now: 1:00:00"), 11,
          f"{SECONDS} the string '1:00:00'."),
    Fault("seconds-true", ("seconds_from_now: 3600", "seconds_from_now: true"), 11,
          f"{SECONDS} true."),
    Fault("seconds-underscore", ("seconds_from_now: 3600", "seconds_from_now: 3_600"), 11,
          f"{SECONDS} the string '3_600'."),
    Fault("seconds-unit", ("seconds_from_now: 3600", "seconds_from_now: 1h"), 11,
          f"{SECONDS} the string '1h'."),
    Fault("since-is-a-date-that-no-calendar-needs",
          below("title: List users", "lifecycle: {status: current, since: 2026-11-24}"), 2,
          "unknown key 'since'; choose ended, status or successor."),
    Fault("skew-in-quotes", below("algorithm: HS256", "  skew_seconds: '30'"), 7,
          f"{SKEW} the string '30'."),
    Fault("skew-negative", below("algorithm: HS256", "  skew_seconds: -1"), 7, f"{SKEW} -1."),
    Fault("status-99", ("200:", "99:"), 19, f"{STATUS} 99."),
    Fault("status-in-quotes", ("200:", '"200":'), 19, f"{STATUS} the string '200'."),
    Fault("success-status-600", below("timeout_seconds: 10", "  success_status: 600"), 18,
          "`request.success_status`: expected an integer from 100 to 599; got 600."),
    Fault("success-status-without-example",
          below("timeout_seconds: 10", "  success_status: 201"), 19,
          "there is no example for status 201."),
    Fault("timeout-in-words", ("timeout_seconds: 10", "timeout_seconds: ten"), 17,
          f"{TIMEOUT} the string 'ten'."),
    Fault("timeout-negative", ("timeout_seconds: 10", "timeout_seconds: -10"), 17,
          f"{TIMEOUT} -10."),
    Fault("timeout-sexagesimal", ("timeout_seconds: 10", "timeout_seconds: 0:10"), 17,
          f"{TIMEOUT} the string '0:10'."),
    Fault("timeout-true", ("timeout_seconds: 10", "timeout_seconds: true"), 17, f"{TIMEOUT} true."),
    Fault("timeout-zero", ("timeout_seconds: 10", "timeout_seconds: 0"), 17, f"{TIMEOUT} 0."),
    Fault("title-blank", ("title: List users", 'title: "   "'), 1, f"'   ' {TITLE}"),
    Fault("title-of-credential-with-a-line-separator",
          ("title: API key", 'title: "API\\u2028key"'), 3,
          "'API\\u2028key' " + TITLE),
    Fault("title-over-two-lines", ("title: List users\n", "title: |\n  List\n  users\n"), 1,
          "'List\\nusers\\n' " + TITLE),
    Fault("title-with-a-newline", ("title: List users", 'title: "List\\nusers"'), 1,
          "'List\\nusers' " + TITLE),
    Fault("type-body-is-a-number", ("{body: {users: []}}", "{body: 5}"), 19,
          "`responses.200.body`: expected a string or a mapping or a list; got 5."),
    Fault("type-claim-is-a-list", below("exp: {seconds_from_now: 3600}", "    aud: [a, b]"), 12,
          "`token.claims.aud`: expected a string, a number, true, false, null or a reference; "
          "got a list of 2."),
    Fault("type-claims-are-empty",
          (("  claims:\n    iss: {credential: api_key}\n    iat: {seconds_from_now: 0}\n"
            "    exp: {seconds_from_now: 3600}\n"),
           "  claims: {}\n"), 8,
          "`token.claims`: expected a mapping that is not empty; got an empty mapping."),
    Fault("type-file-is-a-list", "- title: List users\n- credentials: {}\n", 1,
          "the file: expected a mapping; got a list of 2."),
    Fault("type-file-is-a-word", "users\n", 1,
          "the file: expected a mapping; got the string 'users'."),
    Fault("type-list-for-mapping",
          (("credentials:\n  api_key: {environment: API_KEY, title: API key}\n"
            "  api_secret: {environment: API_SECRET, title: API secret}\n"),
           "credentials: [api_key, api_secret]\n"), 2,
          "`credentials`: expected a mapping; got a list of 2."),
    Fault("type-mapping-for-title", ("title: List users", "title: {en: List users}"), 1,
          "`title`: expected a string; got a mapping."),
    Fault("type-request-is-empty",
          (("  url: https://api.example.com/v2/users\n  query: {status: active}\n"
            "  authorization: Bearer\n  headers: {Accept: application/json}\n"
            "  timeout_seconds: 10\n"),
           ""), 12,
          "`request`: expected a mapping; got null."),
    Fault("type-title-is-a-number", ("title: List users", "title: 404"), 1,
          "`title`: expected a string; got 404."),
    Fault("type-title-is-null", (" List users", ""), 1, "`title`: expected a string; got null."),
    Fault("url-ends-in-a-newline",
          ("https://api.example.com/v2/users", '"https://api.example.com/\\n"'), 13,
          URL + " 'https://api.example.com/\\n'."),
    Fault("url-http", ("url: https", "url: http"), 13, f"{URL} 'http://api.example.com/v2/users'."),
    Fault("url-ip-v6-cut-off", ("api.example.com/v2/users", "[::1/v2"), 13,
          f"{URL} 'https://[::1/v2'."),
    Fault("url-is-a-file", ("https://api.example.com/v2/users", "file:///etc/passwd"), 13,
          f"{URL} 'file:///etc/passwd'."),
    Fault("url-port-too-large", ("/v2/users", ":99999/v2"), 13,
          "a port is a number from 1 to 65535; got 99999."),
    Fault("url-quote-in-host",
          ("https://api.example.com/v2/users", "\"https://a'b.example.com/\""), 13,
          f"{URL} \"https://a'b.example.com/\"."),
    Fault("url-space", ("v2/", "v2/all "), 13, f"{URL} 'https://api.example.com/v2/all users'."),
    Fault("url-with-fragment",
          ("https://api.example.com/v2/users", '"https://api.example.com/v2/users#all"'), 13,
          f"{URL} 'https://api.example.com/v2/users#all'."),
    Fault("url-with-query", ("/users", "/users?status=active"), 13,
          f"{URL} 'https://api.example.com/v2/users?status=active'."),
    Fault("url-with-user", ("https://", "https://me:secret@"), 13,
          f"{URL} 'https://me:secret@api.example.com/v2/users'."),
    Fault("url-without-host", ("api.example.com", ""), 13, f"{URL} 'https:///v2/users'."),
    Fault("yaml-alias-bomb", BOMB, 2, f"the alias `*a` {ALIAS}"),
    Fault("yaml-alias",
          ("    iat: {seconds_from_now: 0}\n    exp: {seconds_from_now: 3600}\n",
           "    iat: &zero {seconds_from_now: 0}\n    exp: *zero\n"), 11,
          f"the alias `*zero` {ALIAS}"),
    Fault("yaml-at-sign", ("title: List ", "title: @"), 1, FIRST),
    Fault("yaml-backquote", ("title: List", "title: `List`"), 1, FIRST),
    Fault("yaml-bracket-left-open", ("{body: {code: 429}}", "{body: {code: 429}"), 21,
          "is not YAML: while parsing a flow mapping, expected ',' or '}', but got '<stream "
          "end>'."),
    Fault("yaml-colon-in-a-text", ("title: List users", "title: Users: list them"), 1,
          "is not YAML: a colon is not expected here; put a text that holds one in quotes."),
    Fault("yaml-control-character", ("title: List ", "title: List \a"), 1,
          "the control character U+0007 is not allowed; write it as an escape in double quotes, "
          "or remove it."),
    Fault("yaml-empty", "# Nothing yet.\n", 1, "is empty."),
    Fault("yaml-fraction-too-long",
          ("exp: {seconds_from_now: 3600}", "exp: " + "9" * 400 + ".5"), 11,
          NUMBER),
    Fault("yaml-key-without-its-blank", ("credentials:", "credentials:{}"), 2,
          "is not YAML: a key ends with a colon and a blank."),
    Fault("yaml-lone-surrogate-in-a-key",
          below("exp: {seconds_from_now: 3600}", '    "\\udc00": x'), 12,
          SURROGATE),
    Fault("yaml-lone-surrogate", ("title: List users", 'title: "List \\ud800"'), 1, SURROGATE),
    Fault("yaml-merge-conflict",
          ("title: List users\n",
           "<<<<<<< HEAD\ntitle: List users\n=======\ntitle: Users\n>>>>>>> theirs\n"), 1,
          "a merge conflict begins here; resolve it."),
    Fault("yaml-nested-too-deep", ("title: List users", "title: " + "[" * 60 + "]" * 60), 1,
          "is nested too deep; write at most 50 levels."),
    Fault("yaml-number-too-long", ("exp: {seconds_from_now: 3600}", "exp: " + "9" * 5000), 11,
          NUMBER),
    Fault("yaml-out-of-line", ("  query:", " query:"), 14,
          "is not YAML: while parsing a block mapping, expected <block end>, but found '<block "
          "mapping start>' (it began in line 1)."),
    Fault("yaml-quote-left-open", ("{body: {code: 429}}", '{body: "no more}'), 21,
          "is not YAML: while scanning a quoted scalar, found unexpected end of stream."),
    Fault("yaml-tab", ("  url:", "\turl:"), 13,
          "is not YAML: a tab indents this line; use spaces."),
    Fault("yaml-tag-of-a-number", ("timeout_seconds: 10", "timeout_seconds: !!int ten"), 17,
          f"the tag `!!int` {PLAIN}"),
    Fault("yaml-tag-of-ones-own", ("title: List users", "title: !secret users"), 1,
          f"the tag `!secret` {PLAIN}"),
    Fault("yaml-tag-that-would-run",
          ("title: List users", 'title: !!python/object/apply:os.system ["touch executed"]'), 1,
          f"the tag `!!python/object/apply:os.system` {PLAIN}"),
    Fault("yaml-two-documents", below("exp: {seconds_from_now: 3600}", "---"), 12,
          "is not YAML: a line `---` begins a second document; write one (it began in line 1)."),
    Fault("yaml-unknown-escape", ("title: List users", 'title: "List \\d"'), 1,
          "is not YAML: while scanning a double-quoted scalar, found unknown escape character "
          "'d'."),
]
# fmt: on


@parametrize(FAULTS)
def test_a_fault_in_a_scenario_is_reported_in_one_line_with_its_place(
    fault: Fault, project: Path, tabproof: Callable[..., Result]
) -> None:
    (project / PATH).write_text(fault.apply_to(RIGHT), encoding="utf-8")
    result = tabproof("check")
    assert result.stderr == f"tabproof: {fault.located(PATH)}\n"
    assert result.stdout == ""
    assert result.exit_code == 2
