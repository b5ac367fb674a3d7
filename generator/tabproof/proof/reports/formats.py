"""Choose the format of a report: each is the module of this package with its name. Pure."""

from __future__ import annotations

from importlib import import_module

from tabproof.model.catalog import Catalog
from tabproof.proof.reports.report_data import Report

TABLE = "table"
"""For people; the others are read by other programs."""

OF_A_RUN = (TABLE, "json", "junit", "github")
OF_THE_RECORD = (*OF_A_RUN, "html")
"""A page of its own, for sites that are built without MkDocs."""


def text(form: str, report: Report, catalog: Catalog) -> str:
    """Return a report as a text.

    Args:
        form: the format's name; only its module is imported.
        report: the results.
        catalog: what the templates say.
    """
    made: str = import_module(f"{__package__}.{form}").text(report, catalog)
    return made
