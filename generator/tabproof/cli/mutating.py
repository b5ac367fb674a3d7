"""`tabproof prove --mutate`: samples are made wrong on purpose, and the proof must notice."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import msgspec
from rich.console import Console

from tabproof import mutations
from tabproof.cli.reporting import CANNOT, NOT_RIGHT
from tabproof.cli.showing import PLAIN_WIDTH_COLUMNS
from tabproof.errors import InputError
from tabproof.model.catalog import Catalog
from tabproof.proof import mutate as proof
from tabproof.proof.plan import Selection, Subject
from tabproof.proof.prove import Progress
from tabproof.proof.reports import mutants
from tabproof.proof.runs import Runner


def chosen(known: Catalog, selection: Selection) -> Selection:
    """Which samples are made wrong: those of a selection, of one scenario where it names none.

    Raises:
        InputError: there is no scenario.
    """
    if not known.scenarios:
        raise InputError("templates/scenarios: there is no scenario; write one.")
    # A fault of a language is the same in each scenario: one of them shows it.
    scenarios = selection.scenarios or (min(known.scenarios),)
    return msgspec.structs.replace(selection, scenarios=scenarios, cases=())


def mutate(
    root: Path,
    subjects: tuple[Subject, ...],
    cases: tuple[str, ...],
    runner: Runner,
    progress: Callable[[], AbstractContextManager[Progress]],
) -> list[proof.Fated]:
    """Make and run the mutants, and say what came of them.

    Args:
        root: the project's folder.
        subjects: the samples.
        cases: the names of the cases to run mutants in; all of them if empty.
        runner: makes the runs.
        progress: shows how far it is while it runs.

    Raises:
        InputError: a mutation does not fit a sample.
    """
    table = mutations.load(root, {subject.language.name for subject in subjects})
    made, idle = proof.mutants_of(subjects, table, cases)
    with progress() as showing:
        fated = proof.run(made, showing, runner)
    titles = {subject.language.name: subject.language.data.title for subject in subjects}
    width = None if sys.stdout.isatty() else PLAIN_WIDTH_COLUMNS
    mutants.show([*fated, *idle], table.kinds, titles, Console(width=width))
    return fated


def status(fated: list[proof.Fated], require: str | None) -> int:
    """The exit status; `require` "all" counts a mutant that cannot run here as an error."""
    fates = {each.fate for each in fated}
    if "unfit" in fates:
        return InputError.exit_status
    if "survived" in fates:
        return NOT_RIGHT
    if "killed" not in fates or (require == "all" and "not run" in fates):
        return CANNOT
    return 0
