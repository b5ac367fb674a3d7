"""`tabproof prove` itself: programs are asked for their versions first, then all else begins."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from pathlib import Path

from tabproof import catalog
from tabproof.cli.asked import Asked
from tabproof.cli.choosing import refuse_no_scenario
from tabproof.proof import isolation
from tabproof.proof.survey import Survey


def run(root: Path, asked: Asked) -> int:
    """Prove, keep the results, and report; the exit status.

    Raises:
        TabproofError: what is asked for cannot be done.
    """
    kept = catalog.Keeping(root)
    known = catalog.load(root, kept)
    refuse_no_scenario(known)
    apart = partial(isolation.choose, asked.isolation)
    with Survey(root, known, asked.selection, apart) as survey:
        # It takes as long to be imported as programs take to say their versions.
        prove = import_module("tabproof.cli.proved").prove
        status: int = prove(root, asked, known, kept, survey)
    return status
