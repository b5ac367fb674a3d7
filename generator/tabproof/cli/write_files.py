"""Files that a command is about to write: shown first, and written when a person says so."""

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


class Change(msgspec.Struct, frozen=True):
    """A file as it will be.

    Attributes:
        before: what is in it; None where there is none yet.
        purpose: what a new file is for; "" where its name says it.
    """

    path: str
    before: str | None
    after: str
    purpose: str = ""


def write_changes(root: Path, changes: Sequence[Change], *, yes: bool) -> bool:
    """Show what will be written, ask, and write it: all of it or nothing.

    Args:
        root: the folder that paths begin at.
        changes: the files. Each that is there already is asked for by itself.
        yes: whether nothing is asked.

    Returns:
        Whether it was written.

    Raises:
        InputError: nobody is there to be asked.
        MachineError: a file cannot be written; what is new is removed again.
    """
    show_changes(changes)
    chosen = [change for change in changes if yes or change.before is None or _is_approved(change)]
    if not yes and not confirm(f"Write {len(chosen)} of {pluralize(len(changes), 'file')}?"):
        click.echo("Nothing was written.", err=True)
        return False
    begun: list[Change] = []
    try:
        for change in chosen:
            begun.append(change)
            write_if_changed(root / change.path, change.after.encode())
    except BaseException:
        _undo(root, begun)
        raise
    return True


def show_changes(changes: Iterable[Change]) -> None:
    """Show what will be written: new files by their length, others by what changes in them."""
    for change in changes:
        click.echo(_description(change), nl=False)


def schema_changes(root: Path, *names: str) -> list[Change]:
    """The JSON Schemas that files name at their heads, where the project has none of them yet."""
    paths = {f"templates/schemas/{name}.json": name for name in names}
    return [
        Change(path, None, json_schema.schema_text(name))
        for path, name in paths.items()
        if not (root / path).exists()
    ]


def is_terminal() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty()


def confirm(question: str) -> bool:
    """What a person says to a question; yes where only Enter is pressed.

    Raises:
        InputError: nobody is there to be asked.
    """
    if not is_terminal():
        raise InputError("nobody is there to be asked; say --yes to write all of this.")
    return click.confirm(question, default=True, err=True)


def _undo(root: Path, begun: Sequence[Change]) -> None:
    for change in reversed(begun):
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


SITES = ("mkdocs.yml", "mkdocs.yaml", "zensical.toml")
"""The names that a site's configuration may have; the first that is there counts."""
PROJECT_MARKERS = (*SITES, "templates", OWN_FILE)


def write_new_files(root: Path, changes: Sequence[Change], *, yes: bool) -> bool:
    """Write the files of something new, as `writing.write` does.

    Where there was no project, it says so: perhaps another folder was meant.
    """
    was_project = _is_project(root)
    written = write_changes(root, changes, yes=yes)
    if written and not was_project:
        words = f"no {SITES[0]}, no templates/ and no settings; `tabproof init` begins one"
        click.echo(f"note: this folder was no project: {words}.", err=True)
    return written


def _is_project(root: Path) -> bool:
    """Whether a folder has a site, templates or settings."""
    return any((root / name).exists() for name in PROJECT_MARKERS) or bool(
        settings_file.read_settings(root).file
    )
