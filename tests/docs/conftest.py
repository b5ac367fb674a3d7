from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tabproof.cli import main
from tabproof.project import catalog_reader
from tabproof.render.renderer import Renderer
from tabproof.sandbox import isolation_choice

ROOT = Path(__file__).parent.parent.parent
KEY = "your API key"
SECRET = "your API secret"
COMMITTED = ("templates", "samples", "docs", "mkdocs.yml", ".gitignore")
PROGRAMS = ("activate", "mkdocs", "tabproof")
PAGES = ("docs/quickstart.mdx", "pages/quickstart.md")
FENCE = "# Quickstart\n\n```tabproof\nscenario: list-users\nvariant: library\n```\n"
EDITS = {
    "*.jinja": "s/No answer from/No reply from/",
    "*.yml": "s/^title: List users$/title: List orders/",
}
"""What `$EDITOR` does to a file: the pages say the same in words."""


LONGEST_SECONDS = 300
"""No command that is shown takes so long, on however busy a machine."""


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _token() -> str:
    """A token with `exp` in milliseconds, made on 25 November 2026."""
    claims = {"iss": KEY, "iat": 1_795_582_400, "exp": 1_795_586_000_000}
    text = ".".join(_part(json.dumps(p).encode()) for p in ({"alg": "HS256", "typ": "JWT"}, claims))
    return f"{text}.{_part(hmac.digest(SECRET.encode(), text.encode(), hashlib.sha256))}"


@pytest.fixture(scope="session")
def _checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a reader has after `make`: the committed files, the environment, the toolchains."""
    root = tmp_path_factory.mktemp("checkout")
    for name in COMMITTED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, root / name)
    (root / ".tabproof").mkdir()
    (root / ".tabproof/toolchains").symlink_to(ROOT / ".tabproof/toolchains")
    kept = catalog_reader.TemplateCaches(root)
    list(Renderer(catalog_reader.load(root, kept)).all())
    kept.save()
    # The programs alone: what a page installs must not end up in this repository's environment.
    (root / ".venv/bin").mkdir(parents=True)
    for program in PROGRAMS:
        (root / ".venv/bin" / program).symlink_to(Path(sys.executable).with_name(program))
    (root / "token.txt").write_text(_token() + "\n", encoding="utf-8")
    pasted = f"curl -H 'Authorization: Bearer {_token()}' https://api.shop.example/v1/carts\n"
    (root / "pasted.txt").write_text(pasted, encoding="utf-8")
    for page in PAGES:
        (root / page).parent.mkdir(exist_ok=True)
        (root / page).write_text(FENCE, encoding="utf-8")
    for machine in ("linux", "windows"):
        shutil.copy(ROOT / "samples/proof.json", root / f"{machine}.json")
    git = ["git", "-c", "user.name=Reader", "-c", "user.email=reader@example.com"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "As it was"]):
        subprocess.run([*git, *arguments], cwd=root, check=True)
    return root


class Terminal:
    """A reader's terminal: what one command exports, the next one finds."""

    def __init__(self, project: Path, home: Path) -> None:
        """Open it in the project."""
        home.mkdir()
        edits = " ".join(f"{glob}) sed -i '{edit}' \"$1\";;" for glob, edit in EDITS.items())
        editor = home / "editor"
        editor.write_text(f'#!/bin/sh\ncase "$1" in {edits} esac\n', encoding="utf-8")
        editor.chmod(0o755)
        self.project, self.home = project, home
        self._typed = (project / "token.txt").read_text(encoding="utf-8")
        self._state = home / "state"
        self._environment = {
            "PATH": f"{project}/.venv/bin:{os.environ['PATH']}",
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "EDITOR": str(editor),
            "GIT_PAGER": "cat",
            "NO_MKDOCS_2_WARNING": "1",
            "ZOOM_API_KEY": KEY,
            "ZOOM_API_SECRET": SECRET,
        }

    def run(self, commands: str) -> tuple[int, str]:
        """The exit status of the first command that fails, and what the terminal shows."""
        script = (
            f'[ -e "{self._state}" ] && . "{self._state}"\n'
            f"trap 'export -p > \"{self._state}\"' EXIT\nset -e\n{commands}"
        )
        with subprocess.Popen(
            ["/bin/bash", "-c", script],
            cwd=self.project,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                shown, _ = process.communicate(self._typed, LONGEST_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGTERM)
                pytest.fail(f"does not end: {commands}")
        return process.returncode, shown

    def invoke(self, words: list[str]) -> tuple[int, str]:
        """As `run` of one command of Tabproof's, in this process, which has imported it all."""
        runner = CliRunner(env=self._environment)
        result = runner.invoke(main, words, input=self._typed, catch_exceptions=False)
        return result.exit_code, result.output


@pytest.fixture(scope="session")
def _lacking() -> str:
    if not (ROOT / ".tabproof/toolchains").is_dir():
        return "the samples' libraries are not installed; run `make toolchains`"
    return isolation_choice.missing_sandbox()


@pytest.fixture
def terminal(_checkout: Path, _lacking: str, tmp_path: Path) -> Terminal:
    """A terminal in a checkout of its own."""
    if _lacking:
        pytest.skip(_lacking)
    shutil.copytree(_checkout, tmp_path / "project", symlinks=True)
    return Terminal(tmp_path / "project", tmp_path / "home")
