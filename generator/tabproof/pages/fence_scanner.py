"""Find our fences in a page's Markdown, and report those that would not be read. Pure.

The rules are those of Python-Markdown with `pymdownx.superfences`: a fence may stand in a list, an
admonition, a tab or a blockquote, and each of its lines begins as its first one does.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Sequence

import msgspec

from tabproof.errors import InputError, choose

TAB_LENGTH = 4
"""How far Python-Markdown indents what is inside something else."""

OPENING = re.compile(r"^(?P<indent>[ \t>]*)(?P<marks>`{3,}|~{3,})[ \t]*(?P<info>[^`]*?)[ \t\r]*$")
OURS = re.compile(r"\{?[ \t]*\.?(?P<name>tabproof[\w-]*)", re.IGNORECASE)
KEYED = re.compile(r"\b(?:scenario|variant)[ \t]*:")
SPAN = re.compile(r"(?<!`)(?P<marks>`+)(?!`)(?P<code>.*?)(?:(?<!`)(?P=marks)(?!`)|$)")
NEARLY = 0.75
"""How much of a name must be right for it to be taken as meant, from 0 to 1."""
LIST_MARK = r"(?:[-*+:]|\d+[.)]|\[\^[^\]]+\]:)"
IN_LIST_MARK = re.compile(rf"[ \t>]*{LIST_MARK}[ \t]+~~~+[ \t]*(?P<info>.*)$")
CONTAINER = re.compile(rf"{LIST_MARK}(?:[ \t]|$)|(?:!!!|\?\?\?\+?|===[!+]*)[ \t]")


class FenceOpening(msgspec.Struct, frozen=True):
    """Hold a fence's opening line: its number, indentation, marks and info string.

    Attributes:
        indent: the spaces, tabs and `>` before the marks; each line of the fence begins so.
    """

    number: int
    indent: str
    marks: str
    info: str

    @property
    def columns(self) -> int:
        """Return how many columns it is indented by."""
        return len(self.indent.expandtabs(TAB_LENGTH))

    def inside(self, line: str) -> str | None:
        """Return a line of this fence without its indentation; None if it is not indented alike."""
        if not self.indent:
            return line
        stripped = line.lstrip(" \t>")
        lead = line[: len(line) - len(stripped)].expandtabs(TAB_LENGTH)
        level = self.indent.count(">")
        if not stripped.strip():
            return "" if lead.count(">") == level else None
        before = lead[: self.columns]
        same = len(before) == self.columns and before.count(">") == level
        return lead[self.columns :] + stripped if same else None

    def closes(self, line: str) -> bool:
        """Return whether a line closes this fence (CommonMark, section 4.5)."""
        mark = re.escape(self.marks[0])
        closing = rf" {{0,3}}{mark}{{{len(self.marks)},}}[ \t\r]*"
        return re.fullmatch(closing, self.inside(line) or "") is not None

    def last(self, lines: Sequence[str]) -> tuple[int, bool]:
        """Return the number of its last line, and whether that line closes it."""
        for number in range(self.number + 1, len(lines)):
            if self.closes(lines[number]):
                return number, True
            if self.inside(lines[number]) is None:
                return number - 1, False
        return len(lines) - 1, False


class FenceMatch(msgspec.Struct, frozen=True):
    """Hold one of our fences, and what is wrong with it.

    Attributes:
        last: the number of its last line.
        fault: what is wrong with how it is written, and the mend.
        at: the number of the line with the fault.
    """

    opened: FenceOpening
    last: int
    fault: str = ""
    at: int = 0


class MisplacedError(InputError):
    """Report a fence that cannot be read where it is; `number` counts the page's lines from 0."""

    def __init__(self, number: int, message: str) -> None:
        """Keep where."""
        super().__init__(f"line {number + 1}: {message}")
        self.number = number
        self.message = message


def fences(lines: Sequence[str], names: Collection[str]) -> Iterator[tuple[FenceOpening, int]]:
    """Yield the opening and the last line's number of each such fence that is not an example.

    A fence inside a longer fence, in an HTML comment or in indented code is an example.

    Raises:
        MisplacedError: one of ours cannot be read where it stands.
    """
    for match in find_fences(lines, names):
        if not is_indented_code(lines, match.opened):
            if match.fault:
                raise MisplacedError(match.at, match.fault)
            yield match.opened, match.last


def find_fences(lines: Sequence[str], names: Collection[str]) -> Iterator[FenceMatch]:
    """Yield each fence with one of these names, and whatever was probably meant as one.

    Those in indented code are among them: only the parser knows for sure what that is.
    """
    number, unclosed, comment = 0, None, None
    while number < len(lines):
        line = lines[number]
        match = None if comment is not None else OPENING.match(line)
        if not match:
            if comment is None and (name := _inline_fence_name(line)):
                message = f"a `{name}` fence begins on a line of its own, and so does each key."
                indent = line[: len(line) - len(line.lstrip(" \t>"))]
                yield FenceMatch(FenceOpening(number, indent, "", name), number, message, number)
            comment = _comment(line, number, comment)
            number += 1
            continue
        opened = FenceOpening(number, match["indent"], match["marks"], match["info"])
        last, closed = opened.last(lines)
        if opened.info in names or _is_ours(opened, lines[number + 1 : last], names):
            yield _checked_match(opened, last, closed, lines, names, unclosed)
        elif not closed:
            # The marks of a fence that ends nowhere are text, and so is what stands inside.
            unclosed = opened if last == len(lines) - 1 and not unclosed else unclosed
            last = number
        number = last + 1
    if comment is not None:
        yield from _commented_out(lines, comment)


def is_indented_code(lines: Sequence[str], opened: FenceOpening) -> bool:
    """Return whether a fence is in indented code, as far as the lines alone show."""
    columns = opened.columns
    if columns < TAB_LENGTH or ">" in opened.indent:
        return False
    for number in range(opened.number - 1, -1, -1):
        text = lines[number].expandtabs(TAB_LENGTH)
        indent = len(text) - len(text.lstrip())
        if not text.strip() or indent >= columns:
            continue
        deeper = columns - indent
        if CONTAINER.match(text.lstrip()):
            return deeper >= 2 * TAB_LENGTH
        if deeper >= TAB_LENGTH:
            # Without a blank line between, it goes on with the paragraph.
            return not lines[opened.number - 1].strip()
    return True


def is_underindented(lines: Sequence[str], opened: FenceOpening) -> bool:
    """Return whether a fence is indented too little to belong to the list, tab or note above."""
    if not 0 < opened.columns < TAB_LENGTH or ">" in opened.indent:
        return False
    above = (line.expandtabs(TAB_LENGTH) for line in reversed(lines[: opened.number]))
    for line in above:
        if line.strip() and len(line) - len(line.lstrip()) < opened.columns:
            return CONTAINER.match(line.lstrip()) is not None
    return False


def _checked_match(  # noqa: PLR0913, PLR0917 - what the scan knows
    opened: FenceOpening,
    last: int,
    closed: bool,  # noqa: FBT001 - the same
    lines: Sequence[str],
    names: Collection[str],
    unclosed: FenceOpening | None,
) -> FenceMatch:
    ours = OURS.match(opened.info)
    name = ours["name"] if ours else opened.info
    if not ours and opened.info in names:
        return FenceMatch(opened, last)
    if opened.info not in names:
        if name in names:
            message = (
                f"nothing but `{name}` goes after the fence marks; write each key on a line below."
            )
        elif name.lower() in names:
            message = f"write `{name.lower()}` in lowercase."
        else:
            message = f"unknown fence '{name}'; {choose(names)}."
        return FenceMatch(opened, last, message, opened.number)
    if unclosed:
        message = f"this fence is never closed, and a `{name}` fence follows; close it."
        return FenceMatch(opened, last, message, unclosed.number)
    if not closed and last + 1 < len(lines):
        message = (
            f"this line of a `{name}` fence is not indented like the first one; indent it alike."
        )
        return FenceMatch(opened, last, message, last + 1)
    if not closed:
        message = f"this fence is never closed; end it with a line {opened.marks} alone."
        return FenceMatch(opened, last, message, opened.number)
    return FenceMatch(opened, last)


def _is_ours(opened: FenceOpening, body: Sequence[str], names: Collection[str]) -> bool:
    """Return whether a fence is ours by its name, or by our keys and a name close to ours."""
    if OURS.match(opened.info):
        return True
    keyed = any(KEYED.match(line.lstrip(" \t>")) for line in body)
    return keyed and bool(difflib.get_close_matches(opened.info.lower(), names, cutoff=NEARLY))


def _inline_fence_name(line: str) -> str:
    """Return the name of a fence that shares its line with a list marker, a table or its keys."""
    if (listed := IN_LIST_MARK.match(line)) and (ours := OURS.match(listed["info"])):
        return ours["name"]
    for span in SPAN.finditer(line):
        code = span["code"].strip()
        if len(span["marks"]) >= len("```") and (ours := OURS.match(code)):
            bare = span.end() == len(line) and not line.endswith(span["marks"])
            if KEYED.search(code) or (bare and not code[ours.end() :].strip(" \t\r}")):
                return ours["name"]
    return ""


def _comment(line: str, number: int, start: int | None) -> int | None:
    """Return the number of the line that opened the comment that is open after this line."""
    rest = line if start is not None else SPAN.sub("", line)
    while True:
        _before, mark, rest = rest.partition("<!--" if start is None else "-->")
        if not mark:
            return start
        start = number if start is None else None


def _commented_out(lines: Sequence[str], start: int) -> Iterator[FenceMatch]:
    """Yield the first fence after an unclosed comment, which only some parsers hide."""
    for number in range(start, len(lines)):
        match = OPENING.match(lines[number])
        if match and OURS.match(match["info"]):
            opened = FenceOpening(number, match["indent"], match["marks"], match["info"])
            message = "this comment is never closed, and a fence follows; end it with `-->`."
            yield FenceMatch(opened, opened.last(lines)[0], message, start)
            return
