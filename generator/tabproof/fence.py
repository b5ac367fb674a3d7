"""The Markdown extension: a `tabproof` fence becomes a set of content tabs.

It is a preprocessor that runs after snippets (priority 32) and before superfences (25), so that
the tabs are ordinary Material tabs. Whatever would put a wrong sample on a page is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import click
import msgspec
from markdown import Extension, Markdown
from markdown.preprocessors import Preprocessor

from tabproof import record, tree
from tabproof.cases import cases_of
from tabproof.catalog import load
from tabproof.errors import InputError, TabproofError, choose, located
from tabproof.model.catalog import Catalog
from tabproof.model.language import Language, Variant
from tabproof.model.sample import Sample
from tabproof.model.scenario import Shape
from tabproof.render import Renderer
from tabproof.yaml_file import parse

PRIORITY = 28
NAME = "tabproof"
OPENING = re.compile(r"^(?P<indent>[ \t]*)(?P<marks>`{3,}|~{3,})[ \t]*(?P<info>[^`]*?)[ \t]*$")
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


class Opened(msgspec.Struct, frozen=True):
    """A fence's opening line: where, how far indented, by which marks, and of what."""

    number: int
    indent: str
    marks: str
    info: str

    def closes(self, line: str) -> bool:
        """Whether a line ends this fence (CommonMark, section 4.5)."""
        mark = re.escape(self.marks[0])
        return bool(re.fullmatch(rf"[ \t]*{mark}{{{len(self.marks)},}}[ \t]*", line))


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
        for opened, end in fences(lines):
            body = lines[opened.number + 1 : end]
            try:
                tabs = self._tabs(opened, body, lines)
            except TabproofError as error:
                raise FenceError(str(error)) from error
            written += lines[rest : opened.number]
            written += [opened.indent + line if line else "" for line in tabs]
            rest = end + 1
        return written + lines[rest:]

    def _tabs(self, opened: Opened, body: Sequence[str], lines: Sequence[str]) -> list[str]:
        page, line = _origin(self._docs, self._root, lines, opened.number, len(body))
        # The blank lines make the parser count from the top of the file.
        text = "\n" * line + "\n".join(text.removeprefix(opened.indent) for text in body)
        fence, _lines = parse(text, Fence, page)
        try:
            project = _project(self._root)
            known = project.catalog.scenarios
            if fence.scenario not in known:
                raise InputError(f"unknown scenario '{fence.scenario}'; {choose(known)}.")
            return list(_render(fence, project))
        except TabproofError as error:
            raise located(page, line, str(error)) from error


def fences(lines: Sequence[str]) -> Iterator[tuple[Opened, int]]:
    """Each `tabproof` fence that is no example: its opening, and the number of its last line.

    A fence inside a longer fence or inside an HTML comment is shown as it is written.
    """
    opened: Opened | None = None
    comment = False
    for number, line in enumerate(lines):
        if comment:
            comment = "-->" not in line
        elif opened is not None:
            if opened.closes(line):
                if opened.info == NAME:
                    yield opened, number
                opened = None
        elif match := OPENING.match(line):
            opened = Opened(number, match["indent"], match["marks"], match["info"])
        else:
            comment = "<!--" in line and "-->" not in line.partition("<!--")[2]


def _render(fence: Fence, project: Project) -> Iterator[str]:
    scenario = project.catalog.scenarios[fence.scenario]
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
    cases = cases_of(scenario, project.catalog.cases)
    standing = record.standing(sample.key, sample.digest, cases, project.proof)
    if not standing.publishable:
        raise InputError(
            f"{tree.FOLDER}/{sample.path}: {standing.reason}; run `tabproof prove --record`."
        )
    date = standing.date.partition("T")[0]
    if standing.state == "parsed":
        return f"{standing.reason[:1].upper()}{standing.reason[1:]}, {date}."
    boxes = "; ".join(toolbox.shown() for toolbox in standing.toolboxes)
    return f"Run on {date} in {len(cases)} cases with {boxes}."


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


def _origin(
    docs: Path, root: Path, lines: Sequence[str], number: int, length: int
) -> tuple[str, int]:
    """The file and the line (from 1) of a fence's opening.

    A preprocessor gets neither the page's name nor its front matter, and snippets are expanded
    before it: the file is the one that holds the fence and shares the most lines with the page.
    """
    wanted = list(lines[number : number + length + 2])
    before = lines[:number].count(wanted[0])
    best: tuple[int, str, int] = (0, "page", number + 1)
    for path in sorted(docs.rglob("*.md")):
        text = path.read_text(encoding="utf-8", errors="replace").splitlines()
        places = [n for n in range(len(text)) if text[n : n + len(wanted)] == wanted]
        if places:
            shared = len(set(text) & set(lines))
            line = places[min(before, len(places) - 1)] + 1
            shown = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
            best = max(best, (shared, shown, line))
    return best[1], best[2]


def makeExtension(**options: Any) -> TabproofExtension:  # noqa: N802 - Python-Markdown's name
    """Make the extension; the entry point `tabproof` of `markdown.extensions`."""
    return TabproofExtension(**options)
