"""What fences without keys become: each gives pairs of a heading and HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from tabproof.errors import ScenarioFaultsError
from tabproof.pages.project_samples import Project, open_project
from tabproof.pages.reference import command_line, file_formats, proof_table
from tabproof.pages.site import Build
from tabproof.project.cases import cases_of
from tabproof.samples.current import render_all


def sections(name: str, root: Path, build: Build | None) -> Iterator[tuple[str, str]]:
    """The headings and the HTML of one of `SECTIONS`.

    Args:
        name: which.
        root: the project's folder.
        build: if given, the project is looked at once for all pages of this build.

    Raises:
        InputError: a file of the project is not right; `tabproof-proof` shows every scenario.
    """
    return SECTIONS[name](open_project(root, build))


def _proof(project: Project) -> Iterator[tuple[str, str]]:
    known = project.catalog
    made = render_all(project.root, known)
    if made.faults:
        raise ScenarioFaultsError([fault.error for fault in made.faults])
    digests = {sample.key: sample.digest for sample in made.samples}
    for scenario in known.scenarios.values():
        cases = cases_of(scenario, known.cases)
        table = proof_table.proof_table(scenario, cases, known.languages, digests, project.proof)
        yield scenario.title, proof_table.html(table)


def _cases(project: Project) -> Iterator[tuple[str, str]]:
    yield "", proof_table.cases_html(project.catalog.cases)


SECTIONS: dict[str, Callable[[Project], Iterator[tuple[str, str]]]] = {
    "proof": _proof,
    "cases": _cases,
    "commands": lambda _project: command_line.sections(),
    "exit-statuses": lambda _project: iter([("", command_line.exit_statuses_html())]),
    "schema": lambda _project: file_formats.sections(),
}
