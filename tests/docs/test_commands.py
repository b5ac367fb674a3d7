"""Every command that the pages show is run, and what it prints is what the page says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

import pytest
from sybil import Document, Example, Region
from sybil.example import SybilFailure
from sybil.parsers.markdown.lexers import DirectiveInHTMLCommentLexer, RawFencedCodeBlockLexer

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SHELLS = ("bash", "sh", "zsh", "fish", "console", "shell", "powershell", "bat")
BLOCK = re.compile(r'(?P<language>\w+)(?:[^\n]*\btitle="(?P<title>[^"]*)")?[^\n]*\n')
MARKS = {"not run": ".+?", "exits with": "[0-9]+"}
"""What a comment before a block may say -> what follows it there."""


class Terminal(Protocol):
    """Where the commands are run."""

    project: Path

    def run(self, commands: str) -> tuple[int, str]:
        """The exit status, and what is shown."""


class Page:
    """A page, and what its reader has seen so far."""

    def __init__(self, path: Path, terminal: Terminal | None) -> None:
        """Read it; without a terminal nothing is run."""
        self._terminal = terminal
        self._mark: tuple[str, str] | None = None
        self._shown: str | None = None
        self.commands = 0
        self.document = Document.parse(str(path), self._marks, self._blocks)

    def read(self) -> None:
        """Do what the page says, from its beginning to its end."""
        for example in self.document:
            example.evaluate()
        assert self._mark is None, f"a comment marks nothing: {self._mark}"

    def _marks(self, document: Document) -> Iterable[Region]:
        for words, argument in MARKS.items():
            for region in DirectiveInHTMLCommentLexer(words, argument)(document):
                region.evaluator = self._note
                yield region

    def _blocks(self, document: Document) -> Iterator[Region]:
        for region in RawFencedCodeBlockLexer(BLOCK)(document):
            language = region.lexemes["language"]
            if region.lexemes["title"] and language != "php":
                region.evaluator = self._save
            elif language in SHELLS:
                region.evaluator = self._run
            elif language == "text":
                region.evaluator = self._compare
            else:
                continue
            yield region

    def _note(self, example: Example) -> str | None:
        if self._mark:
            return f"{self._mark} marks nothing"
        self._mark = (example.region.lexemes["directive"], example.region.lexemes["arguments"])
        return None

    def _save(self, example: Example) -> None:
        """The reader saves a block under the name above it."""
        if self._terminal:
            path = self._terminal.project / example.region.lexemes["title"]
            path.write_text(example.region.lexemes["source"], encoding="utf-8")

    def _run(self, example: Example) -> str | None:
        mark, argument = self._mark or ("exits with", "0")
        self._mark = self._shown = None
        if mark == "not run":
            return None
        self.commands += 1
        if example.region.lexemes["language"] != "bash":
            return "only bash is run; say in a comment before it why it is not run"
        if self._terminal:
            status, self._shown = self._terminal.run(example.region.lexemes["source"])
            if status != int(argument):
                return f"the exit status is {status}, not {argument}:\n{self._shown}"
        return None

    def _compare(self, example: Example) -> str | None:
        if self._mark:
            return f"{self._mark} marks no command"
        shown, self._shown = self._shown, None
        wanted = example.region.lexemes["source"]
        if shown is None or matches(shown, wanted):
            return None
        return f"the page shows:\n{wanted}\nthe command prints:\n{shown}"


def matches(shown: str, wanted: str) -> bool:
    """Whether a text is what a page shows; a line `...` stands for any lines."""
    lines = [".*" if line == "..." else re.escape(line) for line in _plain(wanted)]
    pattern = "\n".join(lines).replace(".*\n", "(?:.*\n)?").replace("\n.*", "(?:\n.*)?")
    return re.fullmatch(pattern, "\n".join(_plain(shown)), re.DOTALL) is not None


def _plain(text: str) -> list[str]:
    """A text's lines without what differs from day to day and from machine to machine."""
    text = re.sub(r"\b\d{4}-\d\d-\d\d\b", "DATE", text)
    text = re.sub(r"\b\d\d:\d\d:\d\d\b", "TIME", text)
    text = re.sub(r"\b[0-9a-f]{12,}\b", "DIGEST", text)
    text = re.sub(r"\b\d+(?:\.\d+)+\b", "VERSION", text)
    return [re.sub(r" {2,}", "  ", line).rstrip() for line in text.strip("\n").split("\n")]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_each_command_of_a_page_prints_what_the_page_shows(path: Path, terminal: Terminal) -> None:
    Page(path, terminal).read()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_command_that_is_not_run_says_why(path: Path) -> None:
    Page(path, None).read()


def test_most_commands_are_run() -> None:
    pages = [Page(path, None) for path in PAGES]
    for page in pages:
        page.read()
    assert sum(page.commands for page in pages) > 20


@pytest.mark.parametrize(
    ("shown", "wanted"),
    [
        ("a\nb\nc\n", "a\n...\nc"),
        ("a\nc\n", "a\n...\nc"),
        ("a\nb\n", "...\nb"),
        ("a\nb\nc\n", "a\n..."),
        ("node 20.20.2, 2026-11-25   ok", "node 18.1, 2026-12-01  ok"),
    ],
)
def test_dates_versions_and_left_out_lines_may_differ(shown: str, wanted: str) -> None:
    assert matches(shown, wanted)


@pytest.mark.parametrize(
    ("shown", "wanted"),
    [("a\nb\n", "a"), ("a", "a\nb"), ("ab\n", "a\n..."), ("1 passed", "2 passed"), ("a.b", "a...")],
)
def test_nothing_else_may_differ(shown: str, wanted: str) -> None:
    assert not matches(shown, wanted)


def test_a_page_whose_command_prints_something_else_is_refused(tmp_path: Path) -> None:
    class Parrot:
        project = tmp_path

        def run(self, commands: str) -> tuple[int, str]:
            return 0, commands

    page = tmp_path / "page.md"
    page.write_text("```bash\nsay so\n```\n\n```text\nsay so\n```\n", encoding="utf-8")
    Page(page, Parrot()).read()
    page.write_text("```bash\nsay so\n```\n\n```text\nsay no\n```\n", encoding="utf-8")
    with pytest.raises(SybilFailure, match="say no"):
        Page(page, Parrot()).read()
    page.write_text("```fish\nsay so\n```\n", encoding="utf-8")
    with pytest.raises(SybilFailure, match="say in a comment"):
        Page(page, None).read()
