"""The messages on the Troubleshooting page are those that the program prints."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")
ONE_CASE = "tabproof prove --fresh --scenario list-users --language python --case success"
REFUSAL = "bwrap: Creating new namespace failed: Operation not permitted"
CONFLICT = "<<<<<<< HEAD\n=======\n>>>>>>> theirs\n"


def messages(section: str) -> list[str]:
    """Return the lines of a section's blocks that show a message."""
    body = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    return [
        line
        for block in re.findall("```text\n(.+?)```", body, re.DOTALL)
        for line in block.splitlines()
    ]


def test_a_missing_library_is_reported_as_the_page_shows(terminal: Any) -> None:
    (terminal.project / ".tabproof/toolchains").unlink()
    _status, shown = terminal.run(f"{ONE_CASE} --variant library || true")
    (message,) = messages("Missing toolchains")
    assert message in shown.splitlines()


def test_a_sandbox_that_is_not_permitted_is_reported_as_the_page_shows(terminal: Any) -> None:
    refusing = terminal.project / ".venv/bin/bwrap"
    refusing.write_text(f"#!/bin/sh\necho '{REFUSAL}' >&2\nexit 1\n", encoding="utf-8")
    refusing.chmod(0o755)
    status, shown = terminal.run(f"{ONE_CASE} --variant stdlib --isolation bubblewrap")
    (message,) = messages("bubblewrap is not permitted")
    assert (status, REFUSAL in message) == (3, True)
    assert message in shown


@pytest.mark.parametrize(
    ("file", "line"),
    [("list-users/library/list_users.py", 9), ("manifest.json", 4), ("proof.json", 4)],
)
def test_a_merge_conflict_is_reported_as_the_page_shows(
    terminal: Any, file: str, line: int
) -> None:
    path: Path = terminal.project / "samples" / file
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines[: line - 1], CONFLICT, *lines[line - 1 :]]), encoding="utf-8")
    status, shown = terminal.run("tabproof check")
    message = f"samples/{file}:{line}: a merge conflict begins here"
    assert (status, message in shown) == (2, True)
    assert f"\n| `{message}` |" in PAGE


def test_a_read_only_checkout_is_reported_as_the_page_shows(terminal: Any) -> None:
    bubblewrap = shutil.which("bwrap")
    project = terminal.project
    read_only = f"{bubblewrap} --bind / / --dev /dev --ro-bind {project} {project}"
    command = f"{ONE_CASE} --variant stdlib --isolation rebased"
    status, shown = terminal.run(f"{read_only} {command} --record")
    (message,) = messages("Read-only checkout")
    assert status == 3
    assert message.replace("/srv/docs", str(project)) in shown.splitlines()
    status, shown = terminal.run(f"{read_only} {command}")
    (not_saved,) = re.findall("`(These results .+?)`", PAGE)
    assert (status, f"\n{not_saved}" in shown) == (0, True)
