"""A Markdown page's lines: where its fences are, and which file they came from."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import msgspec

OPENING = re.compile(r"^(?P<indent>[ \t]*)(?P<marks>`{3,}|~{3,})[ \t]*(?P<info>[^`]*?)[ \t]*$")


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


def fences(lines: Sequence[str], names: Collection[str]) -> Iterator[tuple[Opened, int]]:
    """Each fence of these names that is no example: its opening, and the number of its last line.

    A fence inside a longer fence or inside an HTML comment is shown as it is written.
    """
    opened: Opened | None = None
    comment = False
    for number, line in enumerate(lines):
        if comment:
            comment = "-->" not in line
        elif opened is not None:
            if opened.closes(line):
                if opened.info in names:
                    yield opened, number
                opened = None
        elif match := OPENING.match(line):
            opened = Opened(number, match["indent"], match["marks"], match["info"])
        else:
            comment = "<!--" in line and "-->" not in line.partition("<!--")[2]


def origin(
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
