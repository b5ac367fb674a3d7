"""What begins something new: it says so where the folder was no project before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from tabproof.cli import write_files
from tabproof.cli.init.site_configuration import SITES
from tabproof.cli.write_files import Change
from tabproof.model.settings import OWN_FILE
from tabproof.project import settings_file

MARKS = (*SITES, "templates", OWN_FILE)


def write_new_files(root: Path, changes: Sequence[Change], *, yes: bool) -> bool:
    """Write the files of something new, as `writing.write` does.

    Where there was no project, it says so: perhaps another folder was meant.
    """
    was_project = _is_project(root)
    written = write_files.write(root, changes, yes=yes)
    if written and not was_project:
        words = f"no {SITES[0]}, no templates/ and no settings; `tabproof init` begins one"
        click.echo(f"note: this folder was no project: {words}.", err=True)
    return written


def _is_project(root: Path) -> bool:
    """Whether a folder has a site, templates or settings."""
    return any((root / name).exists() for name in MARKS) or bool(
        settings_file.read_settings(root).file
    )
