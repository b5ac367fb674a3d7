"""The Markdown extension: a `tabproof` fence becomes a set of content tabs.

Two further fences, without keys: `tabproof-proof` becomes what the record says of each sample in
each case, `tabproof-cases` the list of the cases.

It is a preprocessor that runs after snippets (priority 32) and before superfences (25), so that
the tabs are ordinary Material tabs. Whatever would put a wrong sample on a page is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import click
import msgspec
from markdown import Extension, Markdown
from markdown.preprocessors import Preprocessor

from tabproof import matrix, record, tree
from tabproof.cases import cases_of
from tabproof.catalog import load
from tabproof.errors import InputError, TabproofError, choose, located
from tabproof.model.catalog import Catalog
from tabproof.model.language import Language, Variant
from tabproof.model.sample import Sample
from tabproof.model.scenario import Shape
from tabproof.page import Opened, fences, origin
from tabproof.render import Renderer
from tabproof.yaml_file import parse

PRIORITY = 28
NAME = "tabproof"
WATCHED = ("templates", "samples")
TAB = "    "


class FenceError(click.ClickException):
    """MkDocs prints it in one line, with the page's name before it, and exits with 1."""


class Fence(Shape, frozen=True, kw_only=True):
    """What a fence asks for."""

    scenario: str
    variant: Variant


class Project(msgspec.Struct, frozen=True):
    """Everything that fences show, as it is on disk."""

    root: Path
    catalog: Catalog
    renderer: Renderer
    proof: record.Record


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
            project = _project(self._root)
            return list(_render(fence, project) if fence else self._tables(opened.info, project))
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


def _render(fence: Fence, project: Project) -> Iterator[str]:
    known = project.catalog.scenarios
    if fence.scenario not in known:
        raise InputError(f"unknown scenario '{fence.scenario}'; {choose(known)}.")
    scenario = known[fence.scenario]
    first = True
    for language in project.catalog.languages.values():
        sample = project.renderer.sample(scenario, fence.variant, language)
        status = _status(sample, project)
        # `===!` starts a set of its own, whatever stands above.
        yield from ("", f'{"===!" if first else "==="} "{language.data.title}"', "")
        yield from (TAB + line if line else "" for line in _panel(sample, language, status))
        first = False
    yield ""


def _panel(sample: Sample, language: Language, status: str) -> Iterator[str]:
    longest = max((len(run) for run in re.findall("`+", sample.text)), default=0)
    marks = "`" * max(3, longest + 1)
    name = sample.path.rpartition("/")[2]
    yield f'{marks}{language.data.lexer} title="{name}"'
    yield from sample.text.removesuffix("\n").split("\n")
    yield marks
    yield ""
    yield f"*{status}*"
    yield ""


def _status(sample: Sample, project: Project) -> str:
    """What was proved of a sample, in words for readers."""
    found = tree.read_sample(project.root, sample.path)
    if found is None:
        raise InputError(f"{tree.FOLDER}/{sample.path}: is missing; run `tabproof generate`.")
    if found != sample.content:
        raise InputError(
            f"{tree.FOLDER}/{sample.path}: is not what the templates make now; "
            "run `tabproof generate`."
        )
    scenario = project.catalog.scenarios[sample.key.scenario]
    cases = cases_of(scenario, project.catalog.cases, sample.key.language)
    standing = record.standing(sample.key, sample.digest, cases, project.proof)
    if not standing.publishable:
        raise InputError(
            f"{tree.FOLDER}/{sample.path}: {standing.reason}; run `tabproof prove --record`."
        )
    date = standing.date.partition("T")[0]
    if standing.state == "parsed":
        return f"{standing.reason[:1].upper()}{standing.reason[1:]}, {date}."
    boxes = "; ".join(toolbox.shown() for toolbox in standing.toolboxes)
    count = standing.case_count
    number = str(count) if count == len(cases) else f"{count} of {len(cases)}"
    return f"Run on {date} in {number} cases with {boxes}."


def _project(root: Path) -> Project:
    return _loaded(root, _signature(root))


@lru_cache(maxsize=2)
def _loaded(root: Path, _files: tuple[tuple[str, int, int], ...]) -> Project:
    catalog = load(root)
    return Project(root, catalog, Renderer(catalog), record.read(root, record.RECORD))


def _signature(root: Path) -> tuple[tuple[str, int, int], ...]:
    """What changes when a file that fences depend on does."""
    files = (path for folder in WATCHED for path in sorted((root / folder).rglob("*")))
    stats = ((str(path), path.stat()) for path in files if path.is_file())
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


def makeExtension(**options: Any) -> TabproofExtension:  # noqa: N802 - Python-Markdown's name
    """Make the extension; the entry point `tabproof` of `markdown.extensions`."""
    return TabproofExtension(**options)
