"""Check that a server leaves no thread when it ends.

One that is left reads from whatever is given its socket's number next: another run's output.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tabproof.sandbox.certificates import Certificates
from tabproof.sandbox.mock_api import MockApi
from tabproof.sandbox.protocol import ServerPlan

ADDRESS = "127.0.0.1"
PATIENCE_SECONDS = 30


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    return Certificates()


@pytest.fixture
def client(certificates: Certificates, tmp_path: Path) -> ssl.SSLContext:
    bundle = tmp_path / "authority.pem"
    certificates.write_bundle(bundle)
    return ssl.create_default_context(cafile=str(bundle))


@pytest.fixture
def port() -> Iterator[int]:
    """Reserve a port while servers come and go on it."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.bind((ADDRESS, 0))
        yield holder.getsockname()[1]


def api(certificates: Certificates, port: int) -> MockApi:
    plan = ServerPlan((ADDRESS,), port, listens=True, certificate="trusted", actions=())
    context = certificates.context("trusted", (ADDRESS,))
    return MockApi(plan, {ADDRESS: ADDRESS}, context, lambda: None)


def connected(client: ssl.SSLContext, port: int) -> ssl.SSLSocket:
    plain = socket.create_connection((ADDRESS, port), PATIENCE_SECONDS)
    return client.wrap_socket(plain, server_hostname=ADDRESS)


def test_at_the_end_no_thread_is_left_and_the_client_is_told(
    certificates: Certificates, client: ssl.SSLContext, port: int
) -> None:
    before = threading.active_count()
    with contextlib.ExitStack() as stack:
        with api(certificates, port) as server:
            talking = stack.enter_context(connected(client, port))
            silent = stack.enter_context(socket.create_connection((ADDRESS, port)))
            while server.exchanges()[1] < 2:
                pass
        assert threading.active_count() == before
        silent.settimeout(PATIENCE_SECONDS)
        assert silent.recv(1) == b""
        with contextlib.suppress(ssl.SSLEOFError):
            assert talking.recv(1) == b""
