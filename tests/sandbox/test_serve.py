from __future__ import annotations

import contextlib
import http.client
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import jwt
import msgspec
import pytest
from click.testing import CliRunner

from tabproof.cli import main
from tabproof.model.scenario import Scenario
from tabproof.project import catalog_reader
from tabproof.sandbox.local_server import DIAGNOSIS, Server, reply
from tabproof.sandbox.protocol import Exchange

RIGHT = Path(__file__).parents[1] / "inputs/right.yml"
SECRET = "ΞΔΦ-0123456789-secret-0123456789"
VARIABLES = {"API_KEY": "the key", "API_SECRET": SECRET}
TARGET = "/v2/users?status=active"
PATIENCE_SECONDS = 60
TABPROOF = [sys.executable, "-c", "from tabproof.cli import main; main()"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "templates/scenarios"
    folder.mkdir(parents=True)
    (folder / "list-users.yml").write_bytes(RIGHT.read_bytes())
    return tmp_path


@pytest.fixture
def scenario(root: Path) -> Scenario:
    return catalog_reader.load(root).scenarios["list-users"]


def token(secret: str = SECRET, **changes: object) -> str:
    now = int(time.time())
    claims = {"iss": "the key", "iat": now, "exp": now + 3600, **changes}
    return jwt.encode(claims, secret.encode(), algorithm="HS256")


def exchange(
    target: str = TARGET, method: str = "GET", authorization: str | None = None, fault: str = ""
) -> Exchange:
    value = f"Bearer {token()}" if authorization is None else authorization
    headers = (("Authorization", value),) if value else ()
    return Exchange("127.0.0.1", method, target, headers, b"", time.time(), fault)


def test_a_right_request_gets_the_example_of_success(scenario: Scenario) -> None:
    result = reply(exchange(), scenario, VARIABLES, time.time())
    assert (result.answer.status, result.answer.body) == (200, b'{"users":[]}')
    assert re.fullmatch(r"GET /v2/users\?status=active 200 \(exp is in \d+ s\)", result.line)


def test_another_query_is_answered_and_noted(scenario: Scenario) -> None:
    result = reply(exchange("/v2/users?status=x"), scenario, VARIABLES, time.time())
    assert result.answer.status == 200
    assert "the sample asks ?status=active" in result.line


def test_a_refused_token_gets_the_example_of_401_and_the_diagnosis(scenario: Scenario) -> None:
    wrong = f"Bearer {token(exp=1_795_600_000_000, iss='ключ')}"
    result = reply(exchange(authorization=wrong), scenario, VARIABLES, time.time())
    assert (result.answer.status, result.answer.body) == (401, b'{"code":124}')
    diagnosis = result.answer.headers[DIAGNOSIS]
    assert diagnosis.startswith("claim-of-another: iss is not the API key")
    assert diagnosis.endswith(
        "| milliseconds: exp is in milliseconds: divide by 1000 and drop the fraction."
    )
    assert result.answer.headers["WWW-Authenticate"] == "Bearer"
    assert result.line == f"GET {TARGET} 401 {diagnosis}"


def test_the_skew_that_a_scenario_states_is_forgiven(scenario: Scenario) -> None:
    now = int(time.time())
    ahead = exchange(authorization=f"Bearer {token(iat=now + 300, exp=now + 3900)}")
    refused = reply(ahead, scenario, VARIABLES, now)
    assert refused.answer.status == 401
    assert "iat is 300 s ahead of this machine's clock" in refused.line
    plan = msgspec.structs.replace(scenario.token, skew_seconds=300)
    tolerant = msgspec.structs.replace(scenario, token=plan)
    result = reply(ahead, tolerant, VARIABLES, now)
    assert result.answer.status == 200
    assert "iat is 300 s ahead of this clock; the scenario allows a clock skew of 300 s" in (
        result.line
    )


def test_what_a_reader_sends_cannot_make_a_header_of_its_own(scenario: Scenario) -> None:
    claims = {"iss": "\r\nX: 1", "é\r\nY": "\x1b[31m", "kéy": ["\r\n"]}
    odd = jwt.encode(claims, SECRET.encode(), algorithm="HS256")
    result = reply(exchange(authorization=f"Bearer {odd}"), scenario, VARIABLES, time.time())
    diagnosis = result.answer.headers[DIAGNOSIS]
    assert re.fullmatch(r"[ -~]+", diagnosis)


def test_a_scenario_without_an_example_of_401_refuses_too(scenario: Scenario) -> None:
    responses = {k: v for k, v in scenario.responses.items() if k != 401}
    bare = msgspec.structs.replace(scenario, responses=responses)
    result = reply(exchange(authorization=""), bare, VARIABLES, time.time())
    assert (result.answer.status, result.answer.body) == (401, b"")
    assert result.answer.headers[DIAGNOSIS].startswith("authorization-missing: ")


@pytest.mark.parametrize(
    ("request_", "status", "line"),
    [
        (exchange("/v2/user"), 404, "GET /v2/user 404 this server has only GET /v2/users"),
        (exchange(method="POST"), 405, f"POST {TARGET} 405 the method must be GET"),
        (exchange(fault="illegal request line"), 400, "400 this is not an HTTP request: illegal"),
    ],
)
def test_another_request_is_refused_in_words(
    request_: Exchange, status: int, line: str, scenario: Scenario
) -> None:
    result = reply(request_, scenario, VARIABLES, time.time())
    assert result.answer.status == status
    assert result.line.startswith(line)


def test_an_answer_to_head_has_no_body(scenario: Scenario) -> None:
    result = reply(exchange(method="HEAD"), scenario, VARIABLES, time.time())
    assert (result.answer.status, result.answer.body) == (405, b"")


def test_a_secret_in_the_address_is_not_logged(scenario: Scenario) -> None:
    result = reply(exchange(f"/v2/users?key={SECRET}"), scenario, VARIABLES, time.time())
    assert SECRET not in result.line


@contextlib.contextmanager
def serving(scenario: Scenario) -> Iterator[tuple[Server, list[str]]]:
    lines: list[str] = []
    with Server(scenario, VARIABLES, 0, None, lines.append) as server:
        thread = threading.Thread(target=server.serve)
        thread.start()
        try:
            yield server, lines
        finally:
            server.close()
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive()


def test_one_connection_carries_many_requests(scenario: Scenario) -> None:
    with serving(scenario) as (server, lines):
        client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_SECONDS)
        with contextlib.closing(client):
            statuses = []
            for value in (f"Bearer {token()}", "x", f"Bearer {token()}"):
                client.request("GET", TARGET, headers={"Authorization": value})
                answer = client.getresponse()
                statuses.append((answer.status, answer.read()))
        assert [status for status, _body in statuses] == [200, 401, 200]
        assert len(lines) == 3


def test_what_is_no_http_is_told_and_the_next_is_served(scenario: Scenario) -> None:
    with serving(scenario) as (server, lines):
        address = ("127.0.0.1", server.port)
        with socket.create_connection(address, PATIENCE_SECONDS) as client:
            client.sendall(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n")
            assert client.recv(100).startswith(b"HTTP/1.1 400 Bad Request\r\n")
        client_two = http.client.HTTPConnection(*address, timeout=PATIENCE_SECONDS)
        with contextlib.closing(client_two):
            client_two.request("GET", "/", headers={"Connection": "close"})
            assert client_two.getresponse().status == 404
        assert [line.partition(" ")[0] for line in lines] == ["400", "GET"]


def test_closing_leaves_no_thread_though_clients_are_connected(scenario: Scenario) -> None:
    before = threading.active_count()
    with serving(scenario) as (server, _lines):
        clients = [
            socket.create_connection(("127.0.0.1", server.port), PATIENCE_SECONDS)
            for _number in range(5)
        ]
        clients[0].sendall(b"GET / HTTP/1.1\r\n")
    assert threading.active_count() == before
    for client in clients:
        client.close()


def test_a_port_that_is_in_use_is_reported_in_one_line(root: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = ["--root", str(root), "serve", "--port", port]
        result = CliRunner().invoke(main, command, env=VARIABLES, catch_exceptions=False)
    assert result.exit_code == 3
    assert result.stderr == (
        f"tabproof: cannot listen on port {port} of 127.0.0.1: Address already in use; choose "
        "another with --port.\n"
    )


@contextlib.contextmanager
def command(
    root: Path, *arguments: str, **variables: str
) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Start the command in a process of its own; yield it, with its messages until it listens."""
    environment = {k: v for k, v in os.environ.items() if k not in VARIABLES}
    with subprocess.Popen(
        [*TABPROOF, "--root", str(root), "serve", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**environment, "TMPDIR": str(root), "PYTHONUNBUFFERED": "1", **variables},
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            messages = []
            for line in process.stderr:
                messages.append(line)
                if "Ctrl-C" in line:
                    break
            yield process, messages
        finally:
            process.kill()


def remaining_files(root: Path) -> list[str]:
    return [path.name for path in root.iterdir() if path.name != "templates"]


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_https_with_an_authority_that_is_named_and_gone_after_the_stop(
    stop: signal.Signals, root: Path
) -> None:
    with command(root, "--tls", **VARIABLES) as (process, messages):
        option = re.search(r"--cacert (\S+)\n", messages[0])
        address = re.search(r"https://127\.0\.0\.1:(\d+)/v2/users\?status=active", messages[1])
        assert option
        assert address
        context = ssl.create_default_context(cafile=option[1])
        for host in ("127.0.0.1", "localhost"):
            client = http.client.HTTPSConnection(
                host, int(address[1]), timeout=PATIENCE_SECONDS, context=context
            )
            with contextlib.closing(client):
                client.request("GET", TARGET, headers={"Authorization": f"Bearer {token()}"})
                assert client.getresponse().status == 200
        process.send_signal(stop)
        assert process.wait(PATIENCE_SECONDS) == 130
        assert process.stdout is not None
        lines = process.stdout.read().splitlines()
        assert [re.sub(r"^[\d:]{8} |\(.*", "", line) for line in lines] == [
            f"GET {TARGET} 200 "
        ] * 2
        assert process.stderr is not None
        assert process.stderr.read() == "tabproof: interrupted\n"
    assert remaining_files(root) == []


def test_credentials_that_are_not_set_are_made_up_and_the_others_kept_secret(root: Path) -> None:
    with command(root, API_SECRET=SECRET) as (process, messages):
        export = re.fullmatch(r"  export API_KEY=(made-up-[0-9a-f]{64})\n", messages[1])
        address = re.search(r"http://127\.0\.0\.1:(\d+)/", messages[-1])
        assert export
        assert address
        assert SECRET not in "".join(messages)
        client = http.client.HTTPConnection("127.0.0.1", int(address[1]), timeout=PATIENCE_SECONDS)
        with contextlib.closing(client):
            headers = {"Authorization": f"Bearer {token(iss=export[1])}"}
            client.request("GET", TARGET, headers=headers)
            assert client.getresponse().status == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_SECONDS) == 130
