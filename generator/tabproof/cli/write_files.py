"""Show the files that a command is about to write, ask, and write all of them or none."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from difflib import unified_diff
from pathlib import Path

import click
import msgspec

from tabproof.errors import InputError, pluralize
from tabproof.model.settings import OWN_FILE
from tabproof.project import json_schema, settings_file
from tabproof.system.files import remove, remove_empty, write_if_changed

SITES = ("mkdocs.yml", "mkdocs.yaml", "zensical.toml")
"""The names that a site's configuration may have; the first that exists counts."""

PROJECT_MARKERS = (*SITES, "templates", OWN_FILE)
"""Files and folders by which a folder counts as a project."""


class Change(msgspec.Struct, frozen=True):
    """Hold the old and the new content of a file.

    Attributes:
        before: the content on disk; None for a new file.
        purpose: what a new file is for; "" where the name makes it clear.
    """

    path: str
    before: str | None
    after: str
    purpose: str = ""


def write_changes(root: Path, changes: Sequence[Change], *, yes: bool) -> bool:
    """Show what will be written, ask, and write it: all of it or nothing.

    Args:
        root: the folder that paths are relative to.
        changes: the files. Each existing one has a question of its own.
        yes: whether to write without a question.

    Returns:
        Whether it was written.

    Raises:
        InputError: stdin is not a terminal.
        MachineError: a file cannot be written; new files are removed again.
    """
    show_changes(changes)
    chosen = [change for change in changes if yes or change.before is None or _is_approved(change)]
    if not yes and not confirm(f"Write {len(chosen)} of {pluralize(len(changes), 'file')}?"):
        click.echo("Nothing was written.", err=True)
        return False
    attempted: list[Change] = []
    try:
        for change in chosen:
            attempted.append(change)
            write_if_changed(root / change.path, change.after.encode())
    except BaseException:
        _undo(root, attempted)
        raise
    return True


def show_changes(changes: Iterable[Change]) -> None:
    """Print new files with their length, and changed files with a diff."""
    for change in changes:
        click.echo(_description(change), nl=False)


def schema_changes(root: Path, *names: str) -> list[Change]:
    """Return the JSON Schemas that the project does not have yet."""
    paths = {f"templates/schemas/{name}.json": name for name in names}
    return [
        Change(path, None, json_schema.schema_text(name))
        for path, name in paths.items()
        if not (root / path).exists()
    ]


def is_terminal() -> bool:
    """Return whether a person can answer questions on stdin."""
    return sys.stdin.isatty()


def confirm(question: str) -> bool:
    """Ask a yes-or-no question; Enter alone means yes.

    Raises:
        InputError: stdin is not a terminal.
    """
    if not is_terminal():
        raise InputError("not a terminal; use --yes to write these files.")
    return click.confirm(question, default=True, err=True)


def _undo(root: Path, attempted: Sequence[Change]) -> None:
    for change in reversed(attempted):
        path = root / change.path
        if change.before is not None:
            write_if_changed(path, change.before.encode())
        elif path.is_file():
            remove(path)
            remove_empty(path.parent, root)


def _description(change: Change) -> str:
    if change.before is None:
        purpose = f": {change.purpose}" if change.purpose else ""
        return (
            f"create {change.path} ({pluralize(len(change.after.splitlines()), 'line')}){purpose}\n"
        )
    before, after = (text.splitlines(keepends=True) for text in (change.before, change.after))
    diff = unified_diff(before, after, change.path, change.path)
    lines = (line if line.endswith("\n") else f"{line}\n" for line in diff)
    return f"change {change.path}\n{''.join(lines)}"


def _is_approved(change: Change) -> bool:
    return confirm(f"Change {change.path}?")


def write_new_files(root: Path, changes: Sequence[Change], *, yes: bool) -> bool:
    """Write the files of a new scenario or language, as `write_changes` does.

    Print a note if the folder was not a project: perhaps another one was meant.
    """
    was_project = _is_project(root)
    written = write_changes(root, changes, yes=yes)
    if written and not was_project:
        click.echo(
            f"note: this folder was not a project: it has no {SITES[0]}, no templates/ and no "
            "settings; `tabproof init` creates one.",
            err=True,
        )
    return written


def _is_project(root: Path) -> bool:
    """Return whether a folder has a site, templates or settings."""
    return any((root / name).exists() for name in PROJECT_MARKERS) or bool(
        settings_file.read_settings(root).file
    )
