"""Find and call what some cases need: libfaketime (clock), strace (arguments), TLS 1.1."""

from __future__ import annotations

import shutil
import ssl
from collections.abc import Collection
from contextlib import suppress
from functools import cache
from pathlib import Path

from tabproof.model.case import Case, Clock
from tabproof.sandbox.certificate_files import offer_old_version
from tabproof.sandbox.protocol import TRACE

PACKAGES = {"libfaketime": "libfaketime", "strace": "strace"}
"""Tool -> the Debian package that has it."""

OLD_TLS = "TLS 1.1"
IPV6 = "IPv6"
ABSENCE = {
    **{name: f"{name} is not installed (Debian: {package})" for name, package in PACKAGES.items()},
    OLD_TLS: f"the OpenSSL of this Python does not speak {OLD_TLS}",
    IPV6: "the kernel has no IPv6",
}
"""Tool -> what is told where it is missing."""

IPV6_ADDRESSES = Path("/proc/net/if_inet6")

LONGEST_ARGUMENT_BYTES = 65536
MOST_TRACE_BYTES = 16 << 20
"""Also the size of the largest file that a traced run can write."""


def missing_tools() -> list[str]:
    """Return the names of the tools that are not installed."""
    available = {
        "libfaketime": _libfaketime(),
        "strace": shutil.which("strace"),
        OLD_TLS: _speaks_old_tls(),
        IPV6: IPV6_ADDRESSES.exists() and IPV6_ADDRESSES.read_text(),
    }
    return [name for name, value in available.items() if not value]


def missing_tool_reason(case: Case, missing: Collection[str]) -> str:
    """Return why this machine cannot make a case; "" where it can.

    Args:
        case: the case.
        missing: the tools that are not installed.
    """
    needed = {
        "libfaketime": case.situation.clock is not None,
        "strace": case.situation.traced,
        OLD_TLS: case.protocol == "tls-1.1",
        IPV6: case.resolves == "ipv6",
    }
    return "; ".join(ABSENCE[name] for name in missing if needed[name])


def clock_environment(clock: Clock | None) -> dict[str, str]:
    """Return the variables that give a process the clock (libfaketime's manual page)."""
    library = _libfaketime()
    if clock is None or library is None:
        return {}
    step = f" i{clock.step_seconds}.0" if clock.step_seconds else ""
    return {
        "LD_PRELOAD": library,
        # With `@`, the clock moves from there on.
        "FAKETIME": f"{'' if clock.stands else '@'}{clock.at_seconds}{step}",
        "FAKETIME_FMT": "%s",
        # Timeouts stay in real time.
        "DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }


def tracer() -> tuple[str, ...]:
    """Return the command around another that writes its processes' arguments to `TRACE`."""
    strace, prlimit = (shutil.which(name) or name for name in ("strace", "prlimit"))
    limit = str(LONGEST_ARGUMENT_BYTES)
    return (
        *(prlimit, f"--fsize={MOST_TRACE_BYTES}", "--"),
        *(strace, "-f", "-qq", "-e", "trace=execve", "-s", limit, "-o", TRACE, "--"),
    )


@cache
def _speaks_old_tls() -> bool:
    """Return whether a server of this process can speak TLS 1.1, by a handshake with itself."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        server = _anonymous(ssl.PROTOCOL_TLS_SERVER).wrap_bio(
            to_server, to_client, server_side=True
        )
        client = _anonymous(ssl.PROTOCOL_TLS_CLIENT).wrap_bio(to_client, to_server)
        for side in (client, server, client, server, client):
            with suppress(ssl.SSLWantReadError):
                side.do_handshake()
    except ssl.SSLError:
        return False
    return client.version() == server.version() == "TLSv1.1"


def _anonymous(protocol: int) -> ssl.SSLContext:
    """Return a context that needs no certificate."""
    context = ssl.SSLContext(protocol)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    offer_old_version(context)
    context.set_ciphers("AECDH:@SECLEVEL=0")
    return context


@cache
def _libfaketime() -> str | None:
    patterns = ("faketime/libfaketime.so.1", "*/faketime/libfaketime.so.1")
    paths = sorted(path for pattern in patterns for path in Path("/usr/lib").glob(pattern))
    return str(paths[0]) if paths else None
