"""Find the source file and line that a line of a page comes from.

A Markdown extension gets a page without its front matter, with snippets in it, and without its
name. MkDocs and Zensical leave the name where it can be found; without one, the file is the one
below the folder of pages that shares the most lines.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from markdown import Markdown

NAMED = re.compile(r"-8<-+\s+[\"'](?P<quoted>[^\"']+)[\"']|^\s*(?P<bare>\S+\.\w+\S*)\s*$")


class PageFile(msgspec.Struct, frozen=True):
    """Hold a file's lines, and its path as messages show it."""

    display_path: str
    lines: list[str]


class SourceLines:
    """Locate lines of the current page; files are read only to report an error."""

    def __init__(self, md: Markdown) -> None:
        """Keep the parser."""
        self._md: Any = md
        self._root = self._docs = Path()
        self._raw: list[str] = []
        self._file: PageFile | None = None

    def begin(self, raw: Sequence[str], root: Path, docs: Path) -> None:
        """Begin a page.

        Args:
            raw: the page before any extension has changed it.
            root: the project's folder; messages name files from there.
            docs: the folder of the pages.
        """
        self._raw = plain_lines("\n".join(raw))
        self._root, self._docs = root, docs
        self._file = None

    def folder(self) -> Path:
        """Return the folder of the site's configuration; the working directory if unknown."""
        if "relpath" in self._md.treeprocessors:  # MkDocs 1.6
            config = getattr(self._md.treeprocessors["relpath"], "config", None)
            path = config and config.get("config_file_path")
            return Path(path).parent if path else Path()
        if "rendering_context" in self._md.preprocessors:  # Zensical
            return Path(self._md.preprocessors["rendering_context"].config["root_dir"])
        return Path()

    def place(self, lines: Sequence[str], number: int, last: int) -> tuple[str, int]:
        """Return the file, as messages show it, and the line (from 1) of some lines of the page.

        Args:
            lines: the page with its snippets.
            number: the first of the lines, from 0.
            last: the last of them.
        """
        raw = _matching(lines, self._raw, number)
        stripped_lines = [line.strip() for line in lines[number : last + 1]]
        if raw is None:
            for path in self._snippets(self._raw):
                file = self._read(path)
                if file and (index := _search(file.lines, stripped_lines)) is not None:
                    return file.display_path, index + 1
        self._file = self._file or self._page()
        if self._file:
            index = None if raw is None else _matching(self._raw, self._file.lines, raw)
            # What a plugin has put into the page is nowhere in its file.
            return self._file.display_path, (number if index is None else index) + 1
        return self._alike(lines, number, stripped_lines)

    def _page(self) -> PageFile | None:
        """Return the page's file; None if the site generator does not name it."""
        if "relpath" in self._md.treeprocessors:
            file = getattr(self._md.treeprocessors["relpath"], "file", None)
            if file is not None:
                path = Path(file.abs_src_path or file.src_uri)
                page_file = self._read(path) if path.is_relative_to(self._root) else None
                # Of a page that a plugin made there is no file that an author knows.
                return page_file or PageFile(file.src_uri, plain_lines(file.content_string))
        if "rendering_context" in self._md.preprocessors:
            context = self._md.preprocessors["rendering_context"]
            config = context.config
            return self._read(Path(config["root_dir"], config["docs_dir"], context.page.path))
        return None

    def _read(self, path: Path, display_path: str = "") -> PageFile | None:
        try:
            text = path.read_text(encoding="utf-8-sig", errors="replace")
        except OSError:
            return None
        inside = path.is_relative_to(self._root)
        name = path.relative_to(self._root).as_posix() if inside else str(path)
        return PageFile(display_path or name, plain_lines(text))

    def _snippets(self, lines: Sequence[str]) -> Iterator[Path]:
        """Yield the files that lines include, and those that these include."""
        if "snippet" not in self._md.preprocessors:
            return
        bases = [Path(base) for base in self._md.preprocessors["snippet"].base_path]
        pending, visited = list(lines), set[Path]()
        while pending:
            match = NAMED.search(pending.pop(0))
            name = (match["quoted"] or match["bare"]).partition(":")[0] if match else ""
            for base in bases if name else ():
                path = base / name if base.is_dir() else base
                if path in visited or not path.is_file():
                    continue
                visited.add(path)
                yield path
                pending += plain_lines(path.read_text(encoding="utf-8", errors="replace"))

    def _alike(
        self, lines: Sequence[str], number: int, stripped_lines: Sequence[str]
    ) -> tuple[str, int]:
        """Return the file that contains the lines and shares the most with the page."""
        before = [line.strip() for line in lines[:number]].count(stripped_lines[0])
        best: tuple[int, str, int] = (0, "page", number + 1)
        for path in sorted(self._docs.rglob("*.md")):
            file = self._read(path)
            if file and (index := _search(file.lines, stripped_lines, before)) is not None:
                shared = len(set(file.lines) & set(lines))
                best = max(best, (shared, file.display_path, index + 1))
        return best[1], best[2]


def plain_lines(text: str) -> list[str]:
    """Split a text into lines, whatever its line endings."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _matching(lines: Sequence[str], others: Sequence[str], number: int) -> int | None:
    """Return the number of the same line in other lines; None if it is not among them."""
    offset = len(others) - len(lines)
    if offset >= 0 and list(others[offset:]) == list(lines):
        return number + offset
    matcher = difflib.SequenceMatcher(None, lines, others, autojunk=False)
    for block in matcher.get_matching_blocks():
        if block.a <= number < block.a + block.size:
            return block.b + number - block.a
    return None


def _search(lines: Sequence[str], stripped_lines: Sequence[str], skipped: int = 0) -> int | None:
    """Return where lines are in a file, whatever their indentation, after skipping some matches."""
    stripped = [line.strip() for line in lines]
    length = len(stripped_lines)
    places = [n for n in range(len(lines)) if stripped[n : n + length] == stripped_lines]
    return places[min(skipped, len(places) - 1)] if places else None
