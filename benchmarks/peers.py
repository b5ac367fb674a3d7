"""Install the npm peers from their lock, and run each as a node process of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import click

from benchmarks.measure import output_of

HERE = Path(__file__).parent
PEERS = (
    "@scalar/snippetz",
    "httpsnippet",
    "@readme/httpsnippet",
    "openapi-snippet",
    "curlconverter",
    "postman-code-generators",
)


def install() -> None:
    """Install the peers as the lock has them, where that is not done.

    Raises:
        click.ClickException: there is no npm, or it cannot.
    """
    lock, mark = HERE / "package-lock.json", HERE / "node_modules/.package-lock.json"
    if mark.is_file() and mark.stat().st_mtime >= lock.stat().st_mtime:
        return
    npm = shutil.which("npm")
    if npm is None:
        raise click.ClickException("npm is not installed (Debian: npm)")
    command = [npm, "ci", "--silent", "--no-audit", "--no-fund", "--prefix", str(HERE)]
    if subprocess.run(command, check=False).returncode:
        raise click.ClickException("npm could not install the peers")


def command(name: str, *arguments: str) -> list[str]:
    """Return the command that makes a peer render."""
    return [node(), str(HERE / "peers.mjs"), name, *arguments]


def node() -> str:
    """Return the path of Node.js.

    Raises:
        click.ClickException: it is not installed.
    """
    path = shutil.which("node")
    if path is None:
        raise click.ClickException("node is not installed (Debian: nodejs)")
    return path


def versions() -> str:
    """Return Node's version, and those of the peers."""
    version = output_of([node(), "--version"]).strip().removeprefix("v")
    packages = (HERE / "node_modules" / name / "package.json" for name in PEERS)
    manifests = [json.loads(path.read_text(encoding="utf-8")) for path in packages]
    peers = ", ".join(f"{manifest['name']} {manifest['version']}" for manifest in manifests)
    return f"Node {version}, {peers}"
