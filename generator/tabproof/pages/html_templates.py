"""Render HTML from the Jinja templates beside the modules that use them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

CODE = re.compile("`([^`]+)`")


PAGES = Path(__file__).parent


def render(name: str, *, folder: Path = PAGES, **values: Any) -> str:
    """Return the HTML of a template, without newlines at its end.

    Args:
        name: its path below the folder.
        folder: where templates are.
        values: what it is given; texts are escaped.
    """
    return _environment(folder).get_template(name).render(values).rstrip("\n")


@cache
def _environment(folder: Path) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
        auto_reload=False,  # a process shows one state
    )
    environment.filters["spans"] = CODE.split
    return environment
