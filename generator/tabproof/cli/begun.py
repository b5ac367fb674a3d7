"""Whether a folder is a project before something is written into it."""

from __future__ import annotations

from pathlib import Path

import click

from tabproof import configuration
from tabproof.cli.init import SITE
from tabproof.model.configuration import OWN_FILE

MARKS = (SITE, "templates", OWN_FILE)


def is_project(root: Path) -> bool:
    """Whether a folder has a site, templates or settings."""
    return any((root / name).exists() for name in MARKS) or bool(configuration.read(root).file)


def tell_of_none() -> None:
    """Say that there was none: perhaps another folder was meant."""
    words = f"no {SITE}, no templates/ and no settings; `tabproof init` begins one"
    click.echo(f"note: this folder was no project: {words}.", err=True)
