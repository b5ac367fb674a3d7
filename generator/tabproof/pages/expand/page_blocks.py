"""Find a page's fences and comments by the Markdown rules of its kind of site. Pure.

Python-Markdown has rules of its own, which `fence_scanner` knows; those of the other sites are
CommonMark's, and MDX's, which has no indented code, no HTML blocks and another comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

import msgspec
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from tabproof.pages import fence_scanner

Syntax: TypeAlias = Literal["python-markdown", "commonmark", "mdx"]

NAME = "tabproof"
"""What our fences and regions begin with."""

MARKER = re.compile(r"(?:[-+*]|\d{1,9}[.)])(?=\s)")
"""What begins an item of a list (CommonMark, 5.2)."""
MDX_COMMENT = ("{/*", "*/}")


class Block(msgspec.Struct, frozen=True):
    """Hold a fence or a comment.

    Attributes:
        first: the number of its first line, from 0.
        end: the number of the line behind it.
        before: what stands before its first line: the indentation, a list's marker, `>`.
        prefix: what stands before each further line.
        info: the info string of a fence; "" for a comment.
        body: the lines inside, without what stands before them.
    """

    first: int
    end: int
    before: str
    prefix: str
    info: str
    body: tuple[str, ...]


def fences(lines: Sequence[str], syntax: Syntax) -> Iterator[Block]:
    """Yield a page's fences that are not examples inside something else; for MkDocs, only ours.

    Raises:
        MisplacedError: one of ours cannot be read where it stands.
    """
    if syntax != "python-markdown":
        yield from _blocks(lines, "fence", syntax)
        return
    infos = (match["info"] for line in lines if (match := fence_scanner.OPENING.match(line)))
    ours = {info for info in infos if info.partition("-")[0] == NAME}
    for opened, last in fence_scanner.fences(lines, ours):
        body = tuple(opened.inside(line) or "" for line in lines[opened.number + 1 : last])
        indent = opened.indent
        yield Block(opened.number, last + 1, indent, indent, opened.info, body)


def comments(lines: Sequence[str], syntax: Syntax) -> Iterator[Block]:
    """Yield the comments that begin a line; the body includes their delimiters."""
    return _blocks(lines, "html_block", syntax)


def _blocks(lines: Sequence[str], kind: str, syntax: Syntax) -> Iterator[Block]:
    parser = MarkdownIt("commonmark")
    # Python-Markdown's admonitions and tabs are indented as CommonMark's code is.
    if syntax != "commonmark":
        parser.disable("code")
    if syntax == "mdx":
        parser.disable("html_block")
        parser.block.ruler.before("fence", "mdx_comment", _comment, {"alt": ["paragraph"]})
    for token in parser.parse("\n".join(lines)):
        if token.type == kind and token.map:
            yield _block(lines, token, *token.map)


def _block(lines: Sequence[str], token: Token, first: int, end: int) -> Block:
    start = token.markup or token.content.lstrip()[:3]
    before = lines[first][: lines[first].index(start)]
    prefix = MARKER.sub(lambda match: " " * len(match[0]), before)
    if token.type == "fence":
        body = tuple(token.content.removesuffix("\n").split("\n"))
    else:
        rest = (line.removeprefix(prefix) for line in lines[first + 1 : end])
        body = (lines[first].removeprefix(before), *rest)
    return Block(first, end, before, prefix, token.info.strip(), body)


def _comment(state: StateBlock, first: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's signature
    """Parse an MDX comment that begins a line, as a rule of markdown-it."""
    opening, closing = MDX_COMMENT
    if not state.src.startswith(opening, state.bMarks[first] + state.tShift[first]):
        return False
    if silent:
        return True
    last = first
    while last + 1 < end and closing not in state.getLines(last, last + 1, 0, keepLastLF=False):
        last += 1
    state.line = last + 1
    token = state.push("html_block", "", 0)
    token.map = [first, state.line]
    token.content = state.getLines(first, state.line, state.blkIndent, keepLastLF=True)
    return True
