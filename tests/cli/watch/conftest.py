from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from tests import records

from tabproof.project import catalog_reader
from tabproof.project.template_files import packaged_templates
from tabproof.render.renderer import Renderer
from tabproof.samples import tree

DEADLINE_SECONDS = 240
"""Far more than anything takes; a machine may be slow."""
QUICK_CASES = "success", "status-401"
PAGE = "# A page\n\n```tabproof\nscenario: list-users\nvariant: stdlib\nlanguages: [ruby]\n```\n"


def until(holds: Callable[[], object], otherwise: Callable[[], str]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, otherwise()
        time.sleep(0.05)


def _only(text: str, names: tuple[str, ...]) -> str:
    """A file of cases with these rows alone."""
    head, *rows = text.split("\n  - name: ")
    kept = [row for row in rows if row.split("\n")[0].strip() in names]
    assert len(kept) == len(names)
    return "\n  - name: ".join([head, *kept]) + "\n"


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with two cases, one scenario, and a record (made up) that proves it all."""
    root = tmp_path_factory.mktemp("served")
    hidden = shutil.ignore_patterns("__pycache__", ".*", "videosdk*")
    shutil.copytree(packaged_templates(), root / "templates", ignore=hidden)
    cases = root / "templates/cases.yml"
    cases.write_text(_only(cases.read_text(), QUICK_CASES))
    known = catalog_reader.load(root)
    samples = list(Renderer(known).all())
    (root / "samples").mkdir()
    tree.write(root, tree.compare(root, samples))
    records.write_record(root, records.all_passed(known, samples))
    (root / "docs").mkdir()
    (root / "docs/index.md").write_text(PAGE)
    return root


class Live(msgspec.Struct):
    """`tabproof watch` on a project of its own."""

    root: Path
    address: str
    log: Path
    temporary: Path
    process: subprocess.Popen[bytes]

    def page(self) -> str:
        """The served page; "" while there is none."""
        try:
            with urllib.request.urlopen(self.address) as answer:  # noqa: S310 - our own server
                text: str = answer.read().decode()
                return text
        except (urllib.error.URLError, ConnectionError):
            return ""

    def said(self) -> str:
        """What both programs wrote so far."""
        return self.log.read_text()

    def shows(self, text: str) -> None:
        """Wait until the page has a text."""
        until(lambda: text in self.page(), lambda: f"{text!r} on the page; {self.said()}")

    def says(self, text: str) -> None:
        """Wait until the terminal has a text."""
        until(lambda: text in self.said(), lambda: f"{text!r} in the terminal; {self.said()}")

    def waits(self, holds: Callable[[], object]) -> None:
        """Wait until something holds."""
        until(holds, self.said)

    def save(self, path: str, old: str, new: str) -> None:
        """Change a file of the project as an editor does: whole, by renaming."""
        file = self.root / path
        text = file.read_text()
        assert old in text
        beside = file.with_name(f".{file.name}.new")
        beside.write_text(text.replace(old, new, 1))
        beside.replace(file)

    def interrupt(self) -> int:
        """Press Ctrl-C; gives the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(DEADLINE_SECONDS)


@pytest.fixture
def live(served: Path, tmp_path: Path) -> Iterator[Live]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with watch(served, tmp_path, [], port) as live:
        until(live.page, live.said)
        yield live


@contextmanager
def watch(served: Path, folder: Path, server: Sequence[str], port: int = 0) -> Iterator[Live]:
    """Start `tabproof watch` in a copy of a project, with this server in place of MkDocs."""
    root, temporary, log = folder / "project", folder / "temporary", folder / "log"
    shutil.copytree(served, root)
    temporary.mkdir()
    (root / "mkdocs.yml").write_text(
        f"site_name: A site\ntheme: mkdocs\ndev_addr: 127.0.0.1:{port}\nplugins: []\n"
        "markdown_extensions:\n"
        "  - pymdownx.superfences\n"
        "  - pymdownx.tabbed: {alternate_style: true}\n"
        "  - tabproof: {root: !relative $config_dir}\n"
    )
    environment = os.environ | {"TMPDIR": str(temporary), "PYTHONUNBUFFERED": "1"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tabproof", "--root", str(root), "watch", "--", *server],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
        )
    try:
        yield Live(root, f"http://127.0.0.1:{port}/", log, temporary, process)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        finally:
            process.kill()
