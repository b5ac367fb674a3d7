"""The formats of a report by their names. Pure."""

from __future__ import annotations

from collections.abc import Callable

from tabproof.model.catalog import Catalog
from tabproof.proof.reports import as_json, document, github, junit
from tabproof.proof.reports.account import Report

TABLE = "table"
TEXTS: dict[str, Callable[[Report, Catalog], str]] = {
    "json": lambda report, _catalog: as_json.text(report),
    "junit": lambda report, _catalog: junit.text(report),
    "github": lambda report, _catalog: github.text(report),
    "html": document.text,
}
"""What other programs read, beside the table for a terminal."""

NAMES = (TABLE, *TEXTS)
