"""Make what fences without keys become: pairs of a heading and HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

from tabproof.errors import ScenarioFaultsError
from tabproof.pages.project_samples import Project, open_project
from tabproof.pages.reference import command_line, file_formats, proof_table
from tabproof.pages.site import Build
from tabproof.project.cases import cases_of
from tabproof.samples.coverage import coverage_notes
from tabproof.samples.current import render_all


def sections(name: str, root: Path, build: Build | None) -> Iterator[tuple[str, str]]:
    """Return the headings and the HTML of one of `SECTIONS`.

    Args:
        name: which.
        root: the project's folder.
        build: if given, the project is looked at once for all pages of this build.

    Raises:
        InputError: a file of the project is not right; `tabproof-proof` shows every scenario.
    """
    return SECTIONS[name](open_project(root, build))


def _proof(project: Project) -> Iterator[tuple[str, str]]:
    catalog = project.catalog
    rendering = render_all(project.root, catalog)
    if rendering.faults:
        raise ScenarioFaultsError([fault.error for fault in rendering.faults])
    if notes := list(coverage_notes(catalog)):
        yield "", "".join(f"<p>{escape(note)}</p>" for note in notes)
    digests = {sample.key: sample.digest for sample in rendering.samples}
    for scenario in catalog.scenarios.values():
        cases = cases_of(scenario, catalog.cases)
        table = proof_table.proof_table(scenario, cases, catalog.languages, digests, project.proof)
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
