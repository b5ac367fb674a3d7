"""Render HTML from the Jinja templates beside the modules that use them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

CODE = re.compile("`([^`]+)`")


def render(name: str, **values: Any) -> str:
    """Return the HTML of a template, without newlines at its end.

    Args:
        name: its path below this folder.
        values: what it is given; texts are escaped.
    """
    return _environment().get_template(name).render(values).rstrip("\n")


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
        auto_reload=False,  # a process shows one state
    )
    environment.filters["spans"] = CODE.split
    return environment
