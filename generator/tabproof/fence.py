"""The Markdown extension: a `tabproof` fence becomes a set of content tabs.

Two further fences, without keys: `tabproof-proof` becomes what the record says of each sample in
each case, `tabproof-cases` the list of the cases.

It is a preprocessor that runs after snippets (priority 32) and before superfences (25), so that
the tabs are ordinary Material tabs. Whatever would put a wrong sample on a page is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from markdown import Extension, Markdown
from markdown.preprocessors import Preprocessor

from tabproof import matrix
from tabproof.cases import cases_of
from tabproof.errors import InputError, TabproofError, located
from tabproof.page import Opened, fences, origin
from tabproof.tabs import material
from tabproof.tabs.project import Project, open_project
from tabproof.tabs.request import Fence
from tabproof.tabs.shown import tab_sets
from tabproof.yaml_file import parse

PRIORITY = 28
NAME = "tabproof"


class FenceError(click.ClickException):
    """MkDocs prints it in one line, with the page's name before it, and exits with 1."""


class TabproofExtension(Extension):
    """The extension; its option `root` is the project's folder."""

    def __init__(self, **options: Any) -> None:
        """Declare the options."""
        self.config = {
            "root": [".", "the folder that holds templates/ and samples/"],
            "docs": ["docs", "the folder of the pages, below the root; messages name its files"],
        }
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        """Register the preprocessor."""
        root = Path(str(self.getConfig("root"))).resolve()
        md.preprocessors.register(
            TabproofPreprocessor(md, root, root / str(self.getConfig("docs"))), NAME, PRIORITY
        )


class TabproofPreprocessor(Preprocessor):
    """Puts tabs where the fences are."""

    def __init__(self, md: Markdown, root: Path, docs: Path) -> None:
        """Keep the folders."""
        super().__init__(md)
        self._root = root
        self._docs = docs

    def run(self, lines: list[str]) -> list[str]:
        """The page's lines with each fence replaced.

        Raises:
            FenceError: a fence cannot be shown; with the page and the line in its file.
        """
        written: list[str] = []
        rest = 0
        for opened, end in fences(lines, {NAME, *TABLES}):
            body = lines[opened.number + 1 : end]
            try:
                shown = self._shown(opened, body, lines)
            except TabproofError as error:
                raise FenceError(str(error)) from error
            written += lines[rest : opened.number]
            written += [opened.indent + line if line else "" for line in shown]
            rest = end + 1
        return written + lines[rest:]

    def _shown(self, opened: Opened, body: Sequence[str], lines: Sequence[str]) -> list[str]:
        page, line = origin(self._docs, self._root, lines, opened.number, len(body))
        # The blank lines make the parser count from the top of the file.
        text = "\n" * line + "\n".join(text.removeprefix(opened.indent) for text in body)
        fence = None if opened.info in TABLES else parse(text, Fence, page)[0]
        try:
            if fence is None and text.strip():
                raise InputError(f"a `{opened.info}` fence has no keys; remove what is in it.")
            project = open_project(self._root)
            return list(
                material.lines(tab_sets(fence, project))
                if fence
                else self._tables(opened.info, project)
            )
        except TabproofError as error:
            raise located(page, line, str(error)) from error

    def _tables(self, name: str, project: Project) -> Iterator[str]:
        """Headings, for the page's contents, and tables.

        The HTML waits in Python-Markdown's stash, so that a table may also stand in a list.
        """
        for title, html in TABLES[name](project):
            yield from ("", f"## {title}") if title else ()
            yield from ("", self.md.htmlStash.store(html), "")


def _proof(project: Project) -> Iterator[tuple[str, str]]:
    known = project.catalog
    digests = {sample.key: sample.digest for sample in project.renderer.all()}
    for scenario in known.scenarios.values():
        cases = cases_of(scenario, known.cases)
        table = matrix.of(scenario, cases, known.languages, digests, project.proof)
        yield scenario.title, matrix.html(table)


def _cases(project: Project) -> Iterator[tuple[str, str]]:
    yield "", matrix.cases_html(project.catalog.cases)


TABLES: dict[str, Callable[[Project], Iterator[tuple[str, str]]]] = {
    f"{NAME}-proof": _proof,
    f"{NAME}-cases": _cases,
}
"""The fences that become tables: each gives pairs of a heading and HTML."""


def makeExtension(**options: Any) -> TabproofExtension:  # noqa: N802 - Python-Markdown's name
    """Make the extension; the entry point `tabproof` of `markdown.extensions`."""
    return TabproofExtension(**options)
