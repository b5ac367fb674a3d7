"""Find the cause in outputs of installers: some as printed, some written from memory."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tabproof.toolchains import package_managers
from tabproof.toolchains.failure_cause import MAX_CHARACTERS, failure_cause

PIP = """\
WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after \
connection broken by 'SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] \
certificate verify failed: unable to get local issuer certificate (_ssl.c:1006)'))': /simple/pyjwt/
ERROR: Could not find a version that satisfies the requirement pyjwt==2.15.1 (from versions: none)
ERROR: No matching distribution found for pyjwt==2.15.1
"""
PIP_HASHES = """\
ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.
    pyjwt==2.15.1:
        Expected sha256 00
             Got        11
"""
VENV = """\
The virtual environment was not created successfully because ensurepip is not
available.  On Debian/Ubuntu systems, you need to install the python3-venv
package using the following command.

    apt install python3.11-venv

Failing command: /tmp/x/bin/python3
"""
NPM = """\
npm error code UNABLE_TO_VERIFY_LEAF_SIGNATURE
npm error errno UNABLE_TO_VERIFY_LEAF_SIGNATURE
npm error request to https://registry.example/yocto-queue failed, reason: unable to verify the \
first certificate
npm error A complete log of this run can be found in: /home/reader/.npm/_logs/debug-0.log
"""
NPM_NAME = """\
npm error code ENOTFOUND
npm error syscall getaddrinfo
npm error errno ENOTFOUND
npm error network request to https://registry.example/x failed, reason: getaddrinfo ENOTFOUND \
registry.example
npm error network This is a problem related to network connectivity.
npm error network
npm error A complete log of this run can be found in: /home/reader/.npm/_logs/debug-0.log
"""
GO = """\
go: github.com/golang-jwt/jwt/v5@v5.3.1: Get "https://proxy.example/v5.3.1.info": tls: failed to \
verify certificate: x509: certificate signed by unknown authority
"""
DOTNET = """\
/w/Users.cs.csproj : error NU1301: Unable to load the service index for source https://x.example.
/w/Users.cs.csproj : error NU1301:   The SSL connection could not be established.
/w/Users.cs.csproj : error NU1301:   The remote certificate is invalid: PartialChain
"""
NPM_9 = """\
npm ERR! code EUSAGE
npm ERR!
npm ERR! The `npm ci` command can only install with an existing package-lock.json or
npm ERR! npm-shrinkwrap.json with lockfileVersion >= 1.

npm ERR! A complete log of this run can be found in:
npm ERR!     /home/reader/.npm/_logs/2026-11-30T08_40_17_366Z-debug-0.log
"""
COMPOSER = """\
Installing dependencies from lock file

In CurlDownloader.php line 401:

  curl error 6 while downloading https://repo.example/packages.json: Could not resolve host: \
repo.example

install [--prefer-source]
"""
APT = """\
Err:1 https://deb.example/debian bookworm/main amd64 jq amd64 1.6
  Could not resolve 'deb.example'
E: Failed to fetch https://deb.example/pool/jq.deb  Could not resolve 'deb.example'
E: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?
"""
APT_LOCK = """\
E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (apt-get)
E: Unable to acquire the dpkg frontend lock, is another process using it?
"""
BREW = """\
==> Fetching jq
curl: (60) SSL certificate problem: unable to get local issuer certificate
Error: Failed to download resource "jq"
"""


@pytest.mark.parametrize(
    ("output", "begin", "end"),
    [
        (PIP, "'SSLError(", "certificate (_ssl.c:1006)'))': /simple/pyjwt/"),
        (PIP_HASHES, "THESE PACKAGES DO NOT MATCH", "REQUIREMENTS FILE."),
        (VENV, "The virtual environment was not created", "because ensurepip is not"),
        (NPM, "request to https://registry.example", "verify the first certificate"),
        (NPM_NAME, "request to https://registry.example", "ENOTFOUND registry.example"),
        (NPM_9, "The `npm ci` command", "package-lock.json or"),
        (GO, "github.com/golang-jwt/jwt", "certificate signed by unknown authority"),
        (DOTNET, "The remote certificate is invalid", "PartialChain"),
        (COMPOSER, "curl error 6", "Could not resolve host: repo.example"),
        (APT, "Could not resolve", "'deb.example'"),
        (APT_LOCK, "Could not get lock", "(apt-get)"),
        (BREW, "curl: (60) SSL certificate problem", "issuer certificate"),
        ("first\nlast\n", "last", "last"),
        ("", "", ""),
    ],
    ids=[
        *(
            "pip",
            "pip-hashes",
            "venv",
            "npm",
            "npm-name",
            "npm-9",
            "go",
            "dotnet",
            "composer",
            "apt",
        ),
        *("apt-lock", "brew", "no-cause", "nothing"),
    ],
)
def test_the_cause_is_found_anywhere_in_the_output(output: str, begin: str, end: str) -> None:
    cause = failure_cause(output)
    assert cause.startswith(begin)
    assert cause.endswith(end)


def test_a_long_cause_is_shortened() -> None:
    assert len(failure_cause(f"error: {'x' * 1000}")) <= MAX_CHARACTERS + len("...")


def test_the_cause_that_npm_prints_is_reported() -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    failure = package_managers.install_failure(
        [npm, "ci", "--loglevel=error", "--prefix", "/no/such/folder"]
    )
    assert "package-lock.json" in failure.partition("failed: ")[2]


def test_an_index_that_apt_could_not_fetch_is_named_where_a_package_is_then_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warning = "W: Failed to fetch https://deb.example/InRelease  Could not resolve 'deb.example'"
    shell = shutil.which("sh")
    for name, script in {"apt-get": f'echo "{warning}" >&2', "apt-cache": "exit 1"}.items():
        program = tmp_path / name
        program.write_text(f"#!{shell}\n{script}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert package_managers.DEBIAN.install(["tale-cli"]) == (
        "this release has no package tale-cli; Failed to fetch https://deb.example/InRelease  "
        "Could not resolve 'deb.example'"
    )
