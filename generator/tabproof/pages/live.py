"""While people work on samples, a page shows them before they are proved, and says so.

That is the case for the server that `tabproof watch` starts, which finds a variable in its
environment. Whatever else runs there is not live (`mkdocs build`, `mkdocs gh-deploy`, `tabproof
expand`): what it writes may be published.
"""

from __future__ import annotations

import os

import click

VARIABLE = "TABPROOF_LIVE"
NOT_YET = "Not proved yet."


def is_live() -> bool:
    """Whether this process serves pages to those who work on them."""
    context = click.get_current_context(silent=True)
    serving = context is None or context.info_name == "serve"
    return serving and bool(os.environ.get(VARIABLE))


def fault_html(message: str) -> str:
    """Return an error as it stands on a page in place of the tabs, as HTML."""
    # Few pages have one, and templates take their time to be imported.
    from tabproof.pages.html_templates import render  # noqa: PLC0415

    return render("markdown/fault.html.jinja", message=message)
