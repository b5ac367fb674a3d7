"""The formats of a report by their names. Pure."""

from __future__ import annotations

from importlib import import_module

from tabproof.model.catalog import Catalog
from tabproof.proof.reports.account import Report

TABLE = "table"
TEXTS = {"json": "as_json", "junit": "junit", "github": "github", "html": "document"}
"""What other programs read, beside the table for a terminal -> the module here that writes it."""

NAMES = (TABLE, *TEXTS)


def text(form: str, report: Report, catalog: Catalog) -> str:
    """A report as other programs read it.

    Args:
        form: a key of `TEXTS`; the other formats are not imported.
        report: what it tells.
        catalog: what the templates say, for what a report does not hold.
    """
    made: str = import_module(f"{__package__}.{TEXTS[form]}").text(report, catalog)
    return made
