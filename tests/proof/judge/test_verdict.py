"""What the outcomes of `templates/cases.yml` accept, and what they do not."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any

import jwt
import msgspec
import pytest

from tabproof.model.case import Case, Expectation
from tabproof.model.case_file import CaseRow, CasesFile
from tabproof.model.catalog import Catalog
from tabproof.model.language import Exposure, Habits, Leftover, Noise
from tabproof.model.result import Finding
from tabproof.model.scenario import FromCredential, FromNow, Scenario
from tabproof.project.cases import cases_of
from tabproof.proof.judge.leaks import SECRET_RUN
from tabproof.proof.judge.verdict import judge
from tabproof.sandbox.protocol import Contact, Exchange, Observation

STARTED = 1_795_600_000.5
REASON = "No answer from the API: it is not there."
SAMPLE_OF_EACH_OUTCOME = {
    "answered": "success",
    "refused": "status-401",
    "refused_unreadably": "status-502-latin-1",
    "unanswered": "hang",
    "stalled": "stalled-handshake",
    "unreachable": "connection-refused",
    "nameless": "no-dns",
    "unsafe": "unknown-certificate",
    "insecure": "no-tls",
    "cut": "closed-without-a-byte",
    "broken_tool": "broken-jq",
    "lacks_jq": "no-jq",
    "lacks_curl": "no-curl",
    "lacks_openssl": "no-openssl",
    "no_credential": "unset-{credential}",
}


@pytest.fixture
def scenario(catalog: Catalog) -> Scenario:
    return catalog.scenarios["list-users"]


@pytest.fixture
def secret(scenario: Scenario) -> str:
    """The variable that holds the secret."""
    return scenario.token.signing_key.credential.environment


@pytest.fixture
def case_called(catalog: Catalog, scenario: Scenario) -> Callable[[str], Case]:
    cases = {case.name: case for case in cases_of(scenario, catalog.cases)}
    name = scenario.token.signing_key.credential.name
    return lambda case: cases[case.replace("{credential}", name)]


def authorization(case: Case, scenario: Scenario, now: int | None = None, later: int = 0) -> str:
    """What a sample sends that reads the clock now, and for other times than this so much later."""
    clock = case.situation.clock
    moment = now or int(clock.at_seconds if clock else STARTED)
    values: dict[str, object] = {
        name: case.credentials[value.credential.environment]
        if isinstance(value, FromCredential)
        else moment + value.seconds + (later if value.seconds else 0)
        for name, value in scenario.token.claims.items()
        if isinstance(value, (FromCredential, FromNow))
    }
    secret = case.credentials[scenario.token.signing_key.credential.environment]
    return f"{scenario.request.authorization} {jwt.encode(values, secret or '')}"


def request(case: Case, scenario: Scenario) -> Exchange:
    headers = {
        "Host": scenario.request.host,
        "User-Agent": "tale/1.0",
        "Authorization": authorization(case, scenario),
        "Accept": "application/json",
    }
    return Exchange(
        host=scenario.request.host,
        method="GET",
        target=scenario.request.target,
        headers=tuple(headers.items()),
        body=b"",
        received_at=STARTED + 0.3,
    )


def right(case: Case, scenario: Scenario) -> Observation:
    """What a sample that is right is seen to do."""
    expect = case.full_expectation
    stderr = f"{REASON} {expect.stderr_has}\n" if expect.stderr is None else expect.stderr
    exchanges = [request(case, scenario) for _ in range(expect.requests)]
    return Observation(
        id="sample",
        exit_status=expect.exit_status,
        stdout=expect.stdout.encode(),
        stderr=stderr.encode(),
        started_at=STARTED,
        ended_at=STARTED + (scenario.request.timeout_seconds if case.waits else 0) + 0.4,
        exchanges=tuple(exchanges),
        connections=max(len(exchanges), expect.connections),
        trace='7 execve("/usr/bin/tale", ["tale", "list_users.tale"], 0x7ff /* 9 vars */) = 0\n',
    )


class Judged:
    """One case: what is found when something is seen that is not right."""

    def __init__(self, case: Case, scenario: Scenario) -> None:
        self.case = case
        self.scenario = scenario
        self.right = right(case, scenario)

    def findings(self, **seen: object) -> list[Finding]:
        return judge(msgspec.structs.replace(self.right, **seen), self.case, self.scenario)

    def finding(self, **seen: object) -> Finding:
        (found,) = self.findings(**seen)
        return found

    def sent(self, **seen: object) -> Finding:
        """The finding for a request that differs."""
        exchange = msgspec.structs.replace(self.right.exchanges[0], **seen)
        return self.finding(exchanges=(exchange,))

    def with_headers(self, **headers: str | None) -> list[Finding]:
        """The findings for a request with other headers; None takes one away."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        kept = [(k, v) for k, v in self.right.exchanges[0].headers if k not in names]
        new = [(name, value) for name, value in names.items() if value is not None]
        exchange = msgspec.structs.replace(self.right.exchanges[0], headers=(*kept, *new))
        return self.findings(exchanges=(exchange,))


@pytest.fixture
def judged(case_called: Callable[[str], Case], scenario: Scenario) -> Callable[[str], Judged]:
    return lambda name: Judged(case_called(name), scenario)


@pytest.fixture
def success(judged: Callable[[str], Judged]) -> Judged:
    return judged("success")


def test_every_outcome_of_the_cases_has_its_tests_here(catalog: Catalog) -> None:
    named = {row.name: row.expect for row in catalog.cases.cases}
    assert {named[case]: case for case in SAMPLE_OF_EACH_OUTCOME.values()} == SAMPLE_OF_EACH_OUTCOME
    refusals = {row.refused for row in catalog.cases.cases if row.refused}
    assert set(SAMPLE_OF_EACH_OUTCOME) | refusals == set(catalog.cases.outcomes)
    assert refusals == {"short_key"}


@pytest.mark.parametrize(
    ("stderr", "words"),
    [
        ("ZOOM_API_SECRET needs 32 bytes.\n", ""),
        ("ZOOM_API_SECRET is too short.\n", "expected a message that holds ZOOM_API_SECRET"),
        ("It needs 32 bytes.\n", "expected a message that holds ZOOM_API_SECRET"),
        ("ZOOM_API_SECRET needs 32 bytes.\nat x\n", "expected one line; seen 2"),
    ],
)
def test_a_refusal_of_a_short_key_names_the_variable_and_the_length(
    case_called: Callable[[str], Case], scenario: Scenario, stderr: str, words: str
) -> None:
    case = case_called("short-{credential}")
    assert isinstance(case.refused, Expectation)
    refused = msgspec.structs.replace(case, expect=case.refused)
    seen = Observation(id="sample", exit_status=1, stderr=stderr.encode(), started_at=STARTED)
    findings = judge(seen, refused, scenario)
    assert [finding.message()[: len(words)] for finding in findings] == ([words] if words else [])


@pytest.mark.filterwarnings("ignore:The HMAC key is")
def test_what_is_right_is_right_in_every_case_of_every_scenario(catalog: Catalog) -> None:
    judged = 0
    for scenario in catalog.scenarios.values():
        for case in cases_of(scenario, catalog.cases):
            assert judge(right(case, scenario), case, scenario) == [], case.name
            judged += 1
    for_all = [row for row in catalog.cases.cases if row.for_each not in ("split", "encoded")]
    assert judged >= len(catalog.scenarios) * len(for_all)


@pytest.mark.parametrize(
    ("case", "step", "words"),
    [
        ("success", "response", "expected exit status 0; seen 1"),
        ("status-401", "response", "expected exit status 1; seen 0"),
        ("redirect-elsewhere", "response", "expected exit status 1; seen 0"),
        ("connection-refused", "request", "expected exit status 1; seen 0"),
        ("unknown-certificate", "request", "expected exit status 1; seen 0"),
        (
            "hang",
            "request",
            "expected exit status 1; seen 0: it outlasted its timeout and took the late answer",
        ),
        ("unset-{credential}", "credentials", "expected exit status 1; seen 0"),
        ("empty-{credential}", "credentials", "expected exit status 1; seen 0"),
    ],
)
def test_another_exit_status_is_found(
    judged: Callable[[str], Judged], case: str, step: str, words: str
) -> None:
    given = judged(case)
    finding = given.finding(exit_status=1 - given.case.expect.exit_status)
    assert (finding.step, finding.message()) == (step, words)


def test_an_exit_status_that_only_looks_like_a_failure_is_found(
    judged: Callable[[str], Judged],
) -> None:
    assert judged("status-401").finding(exit_status=255).observed == "255"


@pytest.mark.parametrize(
    ("case", "step"),
    [
        ("status-401", "response"),
        ("hang", "response"),
        ("connection-refused", "request"),
        ("unset-{credential}", "credentials"),
    ],
)
def test_anything_on_stdout_but_an_answer_is_found(
    judged: Callable[[str], Judged], case: str, step: str
) -> None:
    finding = judged(case).finding(stdout=b"null\n")
    assert (finding.step, finding.message()) == (step, "expected stdout empty; seen 'null\\n'")


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body[:-2] + b"\n",
        lambda body: body.rstrip(b"\n"),
        lambda body: body + b"\n",
        lambda body: body.rstrip(b"\n") + b"\r\n",
        lambda body: b"\xef\xbb\xbf" + body,
        lambda body: b" " + body,
        lambda body: body.replace("Ž".encode(), b"?"),
        lambda body: body.replace("Ž".encode(), b"\xff"),
        lambda body: body.decode().encode("utf-16"),
        lambda _body: b"",
    ],
    ids=[
        *("cut", "no-newline", "two-newlines", "carriage-return", "byte-order-mark", "blank"),
        *("question-mark", "no-utf-8", "utf-16", "nothing"),
    ],
)
def test_a_changed_body_is_found(success: Judged, change: Callable[[bytes], bytes]) -> None:
    finding = success.finding(stdout=change(success.right.stdout))
    assert finding.step == "response"
    assert finding.expected.startswith("stdout '{")


def test_a_body_that_ends_in_a_newline_may_get_no_second_one(
    catalog: Catalog, scenario: Scenario
) -> None:
    row = next(row for row in catalog.cases.cases if row.name == "redirect-elsewhere")
    (act,) = row.server.acts
    assert act.reply is not None
    reply = msgspec.structs.replace(act.reply, status=200, headers={}, body="moved\n")
    acts = (msgspec.structs.replace(act, reply=reply),)
    server = msgspec.structs.replace(row.server, acts=acts)
    asked = msgspec.structs.replace(row, server=server, expect="answered")
    (case,) = cases_of(scenario, msgspec.structs.replace(catalog.cases, cases=(asked,)))
    given = Judged(case, scenario)
    assert given.findings(stdout=b"moved\n") == []
    assert given.findings(stdout=b"moved\n\n") == []
    assert given.finding(stdout=b"moved").observed == "'moved'"
    assert given.finding(stdout=b"moved\n\n\n").observed == "'moved\\n\\n\\n'"


@pytest.mark.parametrize("stderr", [b"Warning: old key\n", b"\n", b" "])
def test_anything_on_stderr_beside_an_answer_is_found(success: Judged, stderr: bytes) -> None:
    finding = success.finding(stderr=stderr)
    assert finding.message() == f"expected stderr empty; seen {stderr.decode()!r}"


@pytest.mark.parametrize(
    "change",
    [
        lambda _text: "",
        lambda text: text.replace("401", "403"),
        lambda text: text.replace("HTTP 401: ", ""),
        lambda _text: "HTTP 401\n",
        lambda text: f"Error: {text}",
        lambda text: f"{text}{text}",
    ],
)
def test_a_refusal_is_told_in_the_words_of_the_contract(
    judged: Callable[[str], Judged], change: Callable[[str], str]
) -> None:
    given = judged("status-401")
    finding = given.finding(stderr=change(given.right.stderr.decode()).encode())
    assert finding.step == "response"
    assert finding.expected.startswith("stderr 'HTTP 401: {")


@pytest.mark.parametrize(
    ("case", "step"),
    [
        ("connection-refused", "request"),
        ("unknown-certificate", "request"),
        ("hang", "response"),
    ],
)
@pytest.mark.parametrize("lines", [0, 7, 100])
def test_no_message_and_a_long_one_are_found(
    judged: Callable[[str], Judged], case: str, step: str, lines: int
) -> None:
    finding = judged(case).finding(stderr=b"No answer.\n" * lines)
    assert (finding.step, finding.expected) == (step, "a message of 1 to 6 lines on stderr")
    assert finding.observed.startswith(f"{lines}: ")


@pytest.mark.parametrize(
    "trace",
    [
        'Traceback (most recent call last):\n  File "list_users.py", line 3\nOSError: no\n',
        "Error: no\n    at fetch (node:internal/deps/undici:1:2)\n",
        "list_users.rb:36:in `start': no (Errno::ECONNREFUSED)\n",
        "no\n\tfrom list_users.rb:36:in `<main>'\n",
        "PHP Warning:  curl_exec(): no in list-users.php on line 41\n",
        "PHP Fatal error:  Uncaught Exception: no\n",
        "Stack trace:\n#0 {main}\n",
        "Unhandled Exception:\nSystem.Net.Http.HttpRequestException: no\n",
        "No answer: undefined\n",
        "No answer: [object Object]\n",
    ],
)
def test_a_stack_trace_is_found(judged: Callable[[str], Judged], trace: str) -> None:
    found = judged("connection-refused").findings(stderr=f"refused\n{trace}".encode())
    assert {(finding.step, finding.expected) for finding in found} == {
        ("request", "a short message")
    }


def test_a_message_that_does_not_name_the_missing_variable_is_found(
    judged: Callable[[str], Judged], secret: str
) -> None:
    finding = judged("unset-{credential}").finding(stderr=b"Set the environment variables.\n")
    assert (finding.step, finding.expected) == ("credentials", f"a message that holds {secret}")


def test_a_second_line_beside_the_missing_variable_is_found(
    judged: Callable[[str], Judged], secret: str
) -> None:
    stderr = f"Set {secret}.\nThen run it again.\n"
    finding = judged("unset-{credential}").finding(stderr=stderr.encode())
    assert (finding.step, finding.expected) == ("credentials", "one line")


def test_no_request_and_a_second_one_are_found(success: Judged) -> None:
    none = success.finding(exchanges=())
    assert (none.step, none.message()) == ("request", "expected 1 request(s); seen 0")
    two = success.finding(exchanges=success.right.exchanges * 2)
    assert (two.step, two.message()) == ("request", "expected 1 request(s); seen 2")


def test_every_request_is_judged_and_a_fault_that_they_share_is_told_once(
    success: Judged,
) -> None:
    (first,) = success.right.exchanges
    headers = dict(first.headers) | {"Authorization": "Bearer not.a.token"}
    bad = msgspec.structs.replace(first, headers=tuple(headers.items()))
    posted = msgspec.structs.replace(bad, method="POST")
    alone = success.findings(exchanges=(bad,))
    assert alone
    count = Finding("request", ("retr", "request"), "1 request(s)", "2")
    assert success.findings(exchanges=(first, bad)) == [count, *alone]
    assert success.findings(exchanges=(bad, bad)) == [count, *alone]
    method = Finding("request", ("method",), "GET", "POST")
    assert success.findings(exchanges=(bad, posted)) == [count, *alone, method]


@pytest.mark.parametrize(
    ("case", "step"),
    [
        ("unset-{credential}", "credentials"),
        ("empty-{credential}", "credentials"),
        ("unknown-certificate", "request"),
    ],
)
def test_a_request_that_must_not_be_sent_is_found(
    judged: Callable[[str], Judged], success: Judged, case: str, step: str
) -> None:
    found = judged(case).findings(exchanges=success.right.exchanges)
    counted = [finding for finding in found if finding.expected == "0 request(s)"]
    assert [(finding.step, finding.observed) for finding in counted] == [(step, "1")]


def test_a_request_to_another_host_is_found_and_the_rest_of_it_is_not_judged(
    judged: Callable[[str], Judged],
) -> None:
    given = judged("redirect-elsewhere")
    (first,) = given.right.exchanges
    other = msgspec.structs.replace(first, host="elsewhere.example", target="/", headers=())
    finding = given.finding(exchanges=(first, other))
    assert finding.step == "request"
    assert finding.message() == (
        "expected a request to api.zoom.us alone; "
        "seen one to elsewhere.example: a redirect was followed"
    )


def test_another_method_is_found(success: Judged) -> None:
    finding = success.sent(method="POST")
    assert (finding.step, finding.message()) == ("request", "expected GET; seen POST")


def test_a_body_where_none_is_asked_for_is_found(success: Judged) -> None:
    finding = success.sent(body=b"status=active")
    assert finding.step == "request"
    assert finding.message() == "expected no request body; seen 'status=active'"


@pytest.mark.parametrize(
    "target",
    [
        "/v2/users",
        "/v2/users?status=inactive",
        "/v2/users?status=active&page=1",
        "/v2/users?status=active&status=active",
        "/v2/users?status=",
        "/v2/users?Status=active",
        "/v2/users/?status=active",
        "/v2%2Fusers?status=active",
        "/v2/users%3Fstatus=active",
        "/v2/users?status%3Dactive",
        "/v1/users?status=active",
        "https://api.zoom.us/v2/users?status=active",
        "",
    ],
)
def test_another_path_or_query_is_found(success: Judged, target: str) -> None:
    finding = success.sent(target=target)
    assert (finding.step, finding.expected, finding.observed) == (
        "request",
        "/v2/users?status=active",
        target,
    )


@pytest.mark.parametrize(
    ("session_name", "is_right"),
    [
        ("Q%26A%20at%20the%20caf%C3%A9", True),
        ("Q%26A%20at%20the%20caf%c3%a9", True),
        ("%51%26A%20at%20the%20caf%C3%A9", True),
        ("Q&A%20at%20the%20caf%C3%A9", False),
        ("Q%2526A%20at%20the%20caf%C3%A9", False),
        ("Q%26A+at+the+caf%C3%A9", False),
        ("Q%26A%20at%20the%20caf%E9", False),
        ("Q%26A%20at%20the%20caf", False),
    ],
)
def test_a_query_is_compared_after_decoding_part_by_part(
    catalog: Catalog, session_name: str, *, is_right: bool
) -> None:
    scenario = catalog.scenarios["videosdk-sessions"]
    case = next(case for case in cases_of(scenario, catalog.cases) if case.name == "success")
    target = f"/v2/videosdk/sessions?type=past&session_name={session_name}"
    exchange = msgspec.structs.replace(request(case, scenario), target=target)
    seen = msgspec.structs.replace(right(case, scenario), exchanges=(exchange,))
    assert (judge(seen, case, scenario) == []) is is_right


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"Accept": "*/*"}, "expected Accept: application/json; seen */*"),
        ({"Accept": None}, "expected Accept: application/json; seen none"),
        ({"Content_Type": "application/json"}, "expected Content-Type: (none); seen application/"),
        ({"Host": "198.18.0.1"}, "expected Host: api.zoom.us; seen 198.18.0.1"),
        ({"Host": "api.zoom.us:443"}, "expected Host: api.zoom.us; seen api.zoom.us:443"),
        ({"Authorization": None}, "expected one Authorization; seen 0"),
        ({"authorization": "Bearer x"}, "expected one Authorization; seen 2"),
        ({"Authorization": "Basic eDp5"}, "expected `Bearer <token>`; seen the scheme 'Basic'"),
        ({"Authorization": "Bearer x"}, "expected three parts of base64url without padding"),
    ],
)
def test_a_wrong_header_is_found(
    success: Judged, headers: dict[str, str | None], words: str
) -> None:
    (finding,) = success.with_headers(**headers)
    assert finding.message().startswith(words)
    assert finding.step == ("token" if "base64url" in words else "request")


def test_other_headers_their_case_and_their_order_are_the_clients_own(success: Judged) -> None:
    (exchange,) = success.right.exchanges
    headers = tuple((name.lower(), value) for name, value in reversed(exchange.headers))
    more = (*headers, ("accept-language", "*"), ("connection", "keep-alive"))
    assert success.findings(exchanges=(msgspec.structs.replace(exchange, headers=more),)) == []


def test_a_token_is_held_against_the_time_of_the_run(success: Judged) -> None:
    later = STARTED + 3600
    (sent,) = success.right.exchanges
    exchange = msgspec.structs.replace(sent, received_at=later + 0.3)
    found = success.findings(started_at=later, exchanges=(exchange,))
    assert [(f.step, f.hint[0], f.observed.partition(", ")[2][:15]) for f in found] == [
        ("token", "iat", "which is -1 h o"),
        ("token", "exp", "which is -1 h o"),
    ]


def test_bytes_that_are_no_request_are_found(success: Judged) -> None:
    exchange = Exchange("api.zoom.us", "", "", (), b"", STARTED, fault="illegal request line")
    finding = success.finding(exchanges=(exchange,))
    assert (finding.step, finding.message()) == (
        "request",
        "expected an HTTP request; seen illegal request line",
    )


@pytest.mark.parametrize("where", ["stdout", "stderr"])
@pytest.mark.parametrize("case", ["success", "status-401", "hang", "connection-refused"])
def test_a_secret_that_is_printed_is_found(
    judged: Callable[[str], Judged], secret: str, where: str, case: str
) -> None:
    given = judged(case)
    printed = given.case.credentials[secret]
    assert printed is not None
    before: bytes = getattr(given.right, where)
    found = given.findings(**{where: before + printed.encode()})
    assert f"expected no secret on {where}; seen the secret" in [f.message() for f in found]
    assert [f.step for f in found if f.expected.startswith("no secret")] == ["token"]


def test_a_part_of_the_secret_counts_from_eight_characters_on(
    judged: Callable[[str], Judged], secret: str
) -> None:
    given = judged("hang")
    text = given.case.credentials[secret]
    assert text is not None
    place = 20
    for length, leaks in ((SECRET_RUN - 1, False), (SECRET_RUN, True)):
        stderr = f"No answer in time for {text[place : place + length]}\n".encode()
        assert bool(given.findings(stderr=stderr)) is leaks


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode().hex(),
        lambda text: text.encode().hex().upper(),
        lambda text: base64.b64encode(text.encode()).decode(),
        lambda text: base64.b64encode(f"id:{text}".encode()).decode(),
        lambda text: base64.urlsafe_b64encode(f"a{text}b".encode()).decode().rstrip("="),
        lambda text: base64.encodebytes(f"ab{text}".encode()).decode(),
        lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    ],
)
@pytest.mark.parametrize("where", ["stdout", "stderr"])
@pytest.mark.parametrize("text", ["", "~~~~~????? Žofia \U0001f511 ~~~~~?????"])
def test_a_secret_that_is_printed_in_another_form_is_found(
    judged: Callable[[str], Judged],
    secret: str,
    where: str,
    encode: Callable[[str], str],
    text: str,
) -> None:
    given = judged("success")
    if text:
        credentials = {**given.case.credentials, secret: text}
        given.case = msgspec.structs.replace(given.case, credentials=credentials)
    printed = given.case.credentials[secret]
    assert printed is not None
    content = f"\n{encode(printed)}\n".encode()
    found = given.findings(**{where: getattr(given.right, where) + content})
    leaks = [finding.message() for finding in found if finding.expected.startswith("no secret")]
    seen = "the secret in hex, in base64 or percent-encoded"
    assert leaks == [f"expected no secret on {where}; seen {seen}"]


def test_what_a_run_leaves_behind_is_found_unless_it_is_a_habit(success: Judged) -> None:
    finding = success.finding(left=("/home/reader/.tale", "/project/token"))
    assert finding.message() == (
        "expected no file left in the home folder, in /tmp or beside the sample; "
        "seen /home/reader/.tale, /project/token"
    )
    leftover = Leftover(versions="", path=r"/home/reader/\.tale(/.+)?", reason="It is a cache.")
    habits = Habits(leftovers=(leftover,))

    def findings(*left: str) -> list[Finding]:
        seen = msgspec.structs.replace(success.right, left=left)
        return judge(seen, success.case, success.scenario, habits)

    assert findings("/home/reader/.tale", "/home/reader/.tale/x") == []
    assert [found.observed for found in findings("/home/reader/.tale", "/project/x")] == [
        "/project/x"
    ]


def test_what_a_runtime_writes_to_a_terminal_is_left_out_there_alone(
    judged: Callable[[str], Judged],
) -> None:
    mode = b"\x1b[?1h"
    habits = Habits(noise=(Noise(versions="", terminal=r"^\x1b\[\?1h", reason="It reads keys."),))

    def messages(case: str, stdout: bytes, habits: Habits) -> list[str]:
        given = judged(case)
        seen = msgspec.structs.replace(given.right, stdout=stdout + given.right.stdout)
        return [f.expected[:6] for f in judge(seen, given.case, given.scenario, habits)]

    assert messages("terminal", mode, habits) == []
    assert messages("terminal", mode, Habits()) == ["stdout"]
    assert messages("terminal", mode * 2, habits) == ["stdout"]
    assert messages("success", mode, habits) == ["stdout"]


def test_a_key_that_is_waited_for_is_found(judged: Callable[[str], Judged]) -> None:
    finding = judged("terminal").finding(read_keys=True)
    assert finding.message() == "expected nothing read from the terminal; seen a wait for a key"


def test_what_key_and_secret_share_and_the_key_itself_may_be_printed(
    judged: Callable[[str], Judged], secret: str
) -> None:
    given = judged("hang")
    others = {name: text for name, text in given.case.credentials.items() if name != secret}
    assert others
    for value in others.values():
        assert value is not None
        assert given.findings(stderr=f"No answer in time for {value}\n".encode()) == []


@pytest.mark.parametrize("where", ["stdout", "stderr"])
def test_a_token_that_is_printed_is_found(judged: Callable[[str], Judged], where: str) -> None:
    given = judged("hang")
    (sent,) = given.right.exchanges[0].header("Authorization")
    before: bytes = getattr(given.right, where)
    found = given.findings(**{where: before + sent.encode()})
    assert f"expected no token on {where}; seen the token" in [f.message() for f in found]


def test_a_token_that_is_printed_without_being_sent_is_found(
    judged: Callable[[str], Judged], scenario: Scenario
) -> None:
    given = judged("connection-refused")
    stderr = f"Connection refused for {authorization(given.case, scenario)}\n"
    finding = given.finding(stderr=stderr.encode())
    assert finding.message() == "expected no token on stderr; seen the token"


def test_what_a_runtime_writes_by_itself_is_excused_and_nothing_else(success: Judged) -> None:
    warning = Noise(versions="18.", stderr=r"\(node:\d+\) Warning: [^\n]*\n", reason="It is old.")
    habits = Habits(noise=(warning,))
    for stderr, is_right in (
        (b"(node:7) Warning: fetch is new\n", True),
        (b"(node:7) Warning: fetch is new\nNo.\n", False),
        (b"Warning: fetch is new\n", False),
    ):
        seen = msgspec.structs.replace(success.right, stderr=stderr)
        assert (judge(seen, success.case, success.scenario, habits) == []) is is_right


def test_a_runtime_words_an_error_as_its_language_says_and_no_other_way(
    judged: Callable[[str], Judged],
) -> None:
    given = judged("no-dns")
    own = Habits(wording={"nameless": "no nameserver answers", "unsafe": "not trusted"})
    for message, habits, is_right in (
        (b"Name or service not known\n", Habits(), True),
        (b"no nameserver answers\n", Habits(), False),
        (b"no nameserver answers\n", own, True),
        (b"Name or service not known\n", own, False),
        (b"not trusted\n", own, False),
    ):
        seen = msgspec.structs.replace(given.right, stderr=message)
        found = judge(seen, given.case, given.scenario, habits)
        assert (found == []) is is_right, (message, found)


@pytest.mark.parametrize("readings", [0, 1, 120_000])
def test_with_a_moving_clock_the_runtime_may_read_it_as_often_as_it_likes(
    judged: Callable[[str], Judged], scenario: Scenario, readings: int
) -> None:
    given = judged("moving-clock")
    assert given.case.situation.clock
    now = int(given.case.situation.clock.at_seconds) + readings
    assert given.with_headers(Authorization=authorization(given.case, scenario, now)) == []


def test_with_a_moving_clock_times_of_two_readings_are_told_apart(
    judged: Callable[[str], Judged], scenario: Scenario
) -> None:
    given = judged("moving-clock")
    assert given.case.situation.clock
    now = int(given.case.situation.clock.at_seconds) + 5
    sent = authorization(given.case, scenario, now, later=1)
    (finding,) = given.with_headers(Authorization=sent)
    assert finding.observed == "1 s between two readings"


def test_a_run_that_does_not_see_the_moving_clock_is_noticed(
    judged: Callable[[str], Judged], scenario: Scenario
) -> None:
    given = judged("moving-clock")
    sent = authorization(given.case, scenario, int(STARTED))
    findings = given.with_headers(Authorization=sent)
    assert findings
    assert all(re.search(r"^expected \w+ .* off", each.message()) for each in findings)


@pytest.mark.parametrize("case", SAMPLE_OF_EACH_OUTCOME.values())
def test_a_run_that_had_to_be_killed_never_passes(
    judged: Callable[[str], Judged], case: str
) -> None:
    finding = judged(case).finding(exit_status=None, killed="it still ran after 130 s")
    assert (finding.step, finding.message()) == (
        "request",
        "expected an end; seen none: it still ran after 130 s",
    )


@pytest.mark.parametrize("case", SAMPLE_OF_EACH_OUTCOME.values())
def test_a_run_that_could_not_be_observed_never_passes(
    judged: Callable[[str], Judged], case: str
) -> None:
    finding = judged(case).finding(broken="the worker ended early")
    assert (finding.step, finding.message()) == (
        "install",
        "expected a run; seen none: the worker ended early",
    )


def test_nothing_seen_at_all_never_passes(catalog: Catalog) -> None:
    for scenario in catalog.scenarios.values():
        for case in cases_of(scenario, catalog.cases):
            assert judge(Observation("sample"), case, scenario), case.name


def test_an_expectation_that_says_nothing_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="exactly one of `stderr` and `stderr_lines`"):
        Expectation(exit_status=0, requests=0)
    with pytest.raises(ValueError, match="exactly one of `stderr` and `stderr_lines`"):
        Expectation(exit_status=0, requests=0, stderr="", stderr_lines=(1, 1))


@pytest.mark.parametrize("missing", ["exit_status", "requests"])
def test_an_expectation_needs_an_exit_status_and_a_count_of_requests(missing: str) -> None:
    given = {"exit_status": 0, "requests": 1, "stderr": ""}
    del given[missing]
    with pytest.raises(msgspec.ValidationError, match=missing):
        msgspec.convert(given, Expectation)


@pytest.mark.parametrize("lines", [[0, 6], [0, 0]])
def test_a_message_of_no_lines_cannot_be_asked_for(lines: list[int]) -> None:
    given = {"exit_status": 1, "requests": 1, "stderr_lines": lines}
    with pytest.raises(msgspec.ValidationError, match="stderr_lines"):
        msgspec.convert(given, Expectation)


def test_a_table_without_cases_cannot_be_written() -> None:
    given: dict[str, object] = {"credential": "x", "stderr_never": ["x"], "outcomes": {}}
    with pytest.raises(msgspec.ValidationError, match="cases"):
        msgspec.convert(given | {"cases": []}, CasesFile)


def test_a_case_needs_a_reason_and_an_outcome() -> None:
    given = {"name": "success", "reason": "It answers.", "expect": "answered"}
    assert msgspec.convert(given, CaseRow).name == "success"
    for missing in given:
        with pytest.raises(msgspec.ValidationError, match=missing):
            msgspec.convert({k: v for k, v in given.items() if k != missing}, CaseRow)


def test_a_secret_in_what_a_runtime_writes_by_itself_is_found(success: Judged, secret: str) -> None:
    habits = Habits(noise=(Noise(versions="", stderr=r"Warning: [^\n]*\n", reason="It is old."),))
    for text, expected in (
        ("no", []),
        (success.case.credentials[secret], ["no secret on stderr"]),
        (success.right.exchanges[0].header("Authorization")[0], ["no token on stderr"]),
    ):
        seen = msgspec.structs.replace(success.right, stderr=f"Warning: {text}\n".encode())
        found = judge(seen, success.case, success.scenario, habits)
        assert [finding.expected for finding in found] == expected


def execve(program: str, *arguments: str) -> str:
    """A line of strace."""
    words = ", ".join(f'"{word}"' for word in (program, *arguments))
    return f'8 execve("/usr/bin/{program}", [{words}], 0x7ff /* 9 vars */) = 0\n'


def test_a_secret_and_a_token_in_the_arguments_of_a_process_are_found(
    judged: Callable[[str], Judged], scenario: Scenario, secret: str
) -> None:
    given = judged("process-arguments")
    text = given.case.credentials[secret] or ""
    (sent,) = given.right.exchanges[0].header("Authorization")
    for argument, expected in (
        ("--verbose", []),
        (f"-hmac:{text[20:30]}", ["no secret in a process's arguments"]),
        (f"Authorization: {sent}", ["no token in a process's arguments"]),
    ):
        found = given.findings(trace=given.right.trace + execve("tool", argument))
        assert [finding.expected for finding in found] == expected
    other = judged("success")
    assert other.findings(trace=execve("tool", text)) == []
    token = authorization(given.case, scenario, later=1)
    finding = given.finding(trace=given.right.trace + execve("tool", token))
    assert finding.observed == "the token in those of tool"


def test_the_arguments_of_a_declared_program_alone_may_hold_the_secret(
    judged: Callable[[str], Judged], secret: str
) -> None:
    given = judged("process-arguments")
    habits = Habits(exposures=(Exposure(program="openssl", reason="It is short."),))

    def observed(*programs: str) -> list[str]:
        text = given.case.credentials[secret] or ""
        trace = given.right.trace + "".join(execve(program, text) for program in programs)
        seen = msgspec.structs.replace(given.right, trace=trace)
        return [f.observed for f in judge(seen, given.case, given.scenario, habits)]

    assert observed("openssl") == []
    assert observed("openssl", "tool") == ["the secret in those of tool"]
    assert observed() == ["none: remove it from `exposes`"]


def test_a_run_whose_arguments_nobody_wrote_down_never_passes(
    judged: Callable[[str], Judged],
) -> None:
    finding = judged("process-arguments").finding(trace="")
    assert finding.message() == ("expected the arguments of the processes; seen no trace of any")


def contact(host: str = "api.zoom.us", port: int = 443, **options: Any) -> Contact:
    return Contact(STARTED, host, options.pop("address", "198.18.0.2"), port, **options)


@pytest.mark.parametrize(
    ("other", "seen"),
    [
        (contact(port=80), "a connection to api.zoom.us:80"),
        (contact("192.0.2.1"), "a connection to 192.0.2.1:443"),
        (contact("elsewhere.example"), "a connection to elsewhere.example:443"),
        (contact("127.0.0.1", 53, is_datagram=True), "a datagram to 127.0.0.1:53"),
        (
            contact("127.0.0.1", 53, lookup="key.evil.example", is_datagram=True),
            "a look-up of ....evil.example",
        ),
        (
            contact("127.0.0.1", 53, lookup="xapi.zoom.us", is_datagram=True),
            "a look-up of ....zoom.us",
        ),
        (contact("", 0), "more contacts than can be recorded"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("case", ["success", "connection-refused"])
def test_whoever_else_is_contacted_is_named(
    judged: Callable[[str], Judged], case: str, other: Contact, seen: str
) -> None:
    finding = judged(case).finding(contacts=(contact(), other))
    assert finding.message() == f"expected contact with api.zoom.us:443 alone; seen {seen}"


@pytest.mark.parametrize(
    "contacts",
    [
        (),
        (contact(),),
        (contact("127.0.0.1", 53, lookup="API.zoom.us", is_datagram=True),),
        (contact("127.0.0.1", 53, lookup="api.zoom.us.corp.example", is_datagram=True),),
        (contact(address="::1"), contact(address="198.18.0.2")),
    ],
    ids=["none", "one", "look-up", "search-domain", "both-addresses"],
)
def test_the_api_may_be_looked_up_and_tried_at_each_address(
    judged: Callable[[str], Judged], contacts: tuple[Contact, ...]
) -> None:
    assert judged("connection-refused").findings(contacts=contacts) == []


def test_a_connection_that_is_tried_again_is_counted(judged: Callable[[str], Judged]) -> None:
    finding = judged("connection-refused").finding(contacts=(contact(), contact()))
    assert finding.message() == "expected 1 attempt(s) to connect; seen 2"


def encodings(text: str) -> dict[str, str]:
    data = text.encode()
    return {
        "itself": text,
        "a-part": text[3:15],
        "capitals": text.upper(),
        "hex": data.hex(),
        "hex-in-capitals": data.hex().upper(),
        "base64": base64.b64encode(data).decode(),
        "base64-after-one-byte": base64.b64encode(b":" + data).decode(),
        "base64-after-two-bytes": base64.b64encode(b"::" + data + b"!").decode(),
        "base64url": base64.urlsafe_b64encode(data).decode().rstrip("="),
        "percent": "".join(f"%{byte:02x}" for byte in data),
    }


@pytest.mark.parametrize("form", list(encodings("")))
@pytest.mark.parametrize("what", ["API key", "API secret", "token"])
def test_a_credential_in_a_header_is_noticed_in_whatever_encoding(
    judged: Callable[[str], Judged], scenario: Scenario, what: str, form: str
) -> None:
    success = judged("success")
    texts = {leaf.title: success.case.credentials[leaf.environment] for leaf in scenario.leaves}
    sent = success.right.exchanges[0].header("Authorization")[0].split()[1]
    text = texts.get(what) or sent
    (finding,) = success.with_headers(User_Agent=f"tale {encodings(text)[form]}")
    assert finding.message() == f"expected no credential in a header; seen the {what}"


@pytest.mark.parametrize(
    ("characters", "encode"),
    [
        (8, lambda part: part),
        (8, lambda part: part.encode().hex()),
        (10, lambda part: base64.b64encode(part.encode()).decode()),
        (10, lambda part: base64.b64encode(b":" + part.encode() + b":").decode()),
        (10, lambda part: base64.urlsafe_b64encode(b"::" + part.encode() + b"::").decode()),
    ],
    ids=["itself", "hex", "base64", "base64-after-one-byte", "base64-after-two-bytes"],
)
def test_a_short_part_of_a_credential_is_noticed_wherever_it_begins(
    judged: Callable[[str], Judged], secret: str, characters: int, encode: Callable[[str], str]
) -> None:
    success = judged("success")
    text = success.case.credentials[secret] or ""
    for start in range(20, 26):
        sent = f"tale {encode(text[start : start + characters])}"
        (finding,) = success.with_headers(User_Agent=sent)
        assert finding.message() == "expected no credential in a header; seen the API secret"
    assert success.with_headers(User_Agent=f"tale {text[20:27]}") == []


def test_a_credential_in_a_name_is_noticed_though_labels_are_short(
    judged: Callable[[str], Judged], secret: str
) -> None:
    success = judged("success")
    text = encodings(success.case.credentials[secret] or "")["hex"]
    name = ".".join((text[:5], text[5:20], text[20:40], "api.zoom.us"))
    lookup = contact("127.0.0.1", 53, lookup=name, is_datagram=True)
    messages = [finding.message() for finding in success.findings(contacts=(lookup,))]
    assert "expected no credential in a name look-up; seen the API secret" in messages
    assert text[:20] not in "".join(messages)


def test_a_credential_in_the_address_is_noticed(
    judged: Callable[[str], Judged], secret: str
) -> None:
    success = judged("success")
    exchange = success.right.exchanges[0]
    target = f"{exchange.target}&key={success.case.credentials[secret]}"
    changed = msgspec.structs.replace(exchange, target=target)
    messages = [finding.message() for finding in success.findings(exchanges=(changed,))]
    assert "expected no credential in the address of the request; seen the API secret" in messages


@pytest.mark.parametrize(
    ("header", "seen"),
    [
        ({"Cookie": "a=b"}, "one cookie"),
        ({"Range": "bytes=0-"}, "one range"),
        ({"X_" + "9" * 50: "1"}, "one with another name"),
    ],
    ids=["cookie", "range", "odd"],
)
def test_a_header_that_the_scenario_does_not_name_is_noticed(
    judged: Callable[[str], Judged], header: dict[str, str], seen: str
) -> None:
    (finding,) = judged("success").with_headers(**header)
    assert finding.message() == f"expected the headers of the scenario alone; seen {seen}"


def test_what_clients_send_by_themselves_is_no_fault(judged: Callable[[str], Judged]) -> None:
    success = judged("success")
    for name in success.case.client_headers:
        if name not in success.scenario.request.headers and name != "Content-Length":
            assert success.with_headers(**{name.replace("-", "_"): "x"}) == []


def test_a_project_says_which_headers_its_clients_send_by_themselves(
    catalog: Catalog, scenario: Scenario
) -> None:
    (row,) = (row for row in catalog.cases.cases if row.name == "success")
    table = msgspec.structs.replace(
        catalog.cases, cases=(row,), client_headers=("user-agent", "X-Own")
    )
    (case,) = cases_of(scenario, table)
    given = Judged(case, scenario)
    assert given.with_headers(x_own="1") == []
    (finding,) = given.with_headers(Accept_Encoding="gzip")
    assert finding.observed == "one accept-encoding"


def test_a_request_without_a_body_has_no_size_of_one(judged: Callable[[str], Judged]) -> None:
    (finding,) = judged("success").with_headers(Content_Length="0")
    assert finding.message() == "expected GET without the size of a body; seen Content-Length: 0"


@pytest.mark.parametrize(
    "case", ["hang", "stalled-body", "stalled-handshake", "stalled-connection"]
)
@pytest.mark.parametrize(
    ("contact_after", "end_after", "seen"),
    [
        (0.1, 1.1, "one 1.1 s after the start"),
        (0.1, 9.5, "one 9.5 s after the start"),
        (0.1, 9.9, ""),
        (0.1, 10.3, ""),
        (0.1, 13.0, ""),
        (0.1, 15.1, "one 15.0 s after it"),
        (0.1, 19.1, "one 19.0 s after it"),
        # A machine so busy that an interpreter takes 4 s to start may take as long to end it.
        (4.0, 20.0, ""),
        (4.0, 9.5, "one 9.5 s after the start"),
        (4.0, 22.0, "one 18.0 s after it"),
    ],
)
def test_a_run_ends_near_its_timeout(
    judged: Callable[[str], Judged], case: str, contact_after: float, end_after: float, seen: str
) -> None:
    given = judged(case)
    times = {
        "contacts": (msgspec.structs.replace(contact(), at=STARTED + contact_after),),
        "exchanges": tuple(
            msgspec.structs.replace(exchange, received_at=STARTED + contact_after + 0.1)
            for exchange in given.right.exchanges
        ),
        "ended_at": STARTED + end_after,
    }
    messages = [finding.message() for finding in given.findings(**times)]
    assert messages == ([f"expected an end 10 s after the request; seen {seen}"] if seen else [])


def test_without_a_network_of_its_own_a_run_counts_from_its_request(
    judged: Callable[[str], Judged],
) -> None:
    finding = judged("hang").finding(ended_at=STARTED + 19)
    assert finding.message().endswith("seen one 18.7 s after it")


@pytest.mark.parametrize("off", [-1, 1])
def test_where_the_clock_stands_a_second_more_or_less_is_found(
    judged: Callable[[str], Judged], scenario: Scenario, off: int
) -> None:
    given = judged("standing-clock")
    assert given.case.situation.clock
    now = int(given.case.situation.clock.at_seconds) + off
    sent = authorization(given.case, scenario, now)
    findings = given.with_headers(Authorization=sent)
    assert all(f"which is {off:+} s off" in finding.message() for finding in findings)
    assert len(findings) == 2


@pytest.mark.parametrize("case", ["unknown-certificate", "no-tls", "old-tls"])
def test_a_sample_that_never_connects_does_not_refuse_a_certificate(
    judged: Callable[[str], Judged], case: str
) -> None:
    finding = judged(case).finding(connections=0)
    assert finding.message() == "expected 1 connection(s) at least; seen 0"
