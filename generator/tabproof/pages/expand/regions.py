"""Read and write regions of a page: a fence's keys in a comment, with its tabs below.

    {/* tabproof
    scenario: list-users
    variant: library
    */}

    <Tabs ...>

    {/* tabproof: end 5d41402abc4b */}

The digest tells tabs that were edited by hand from those that are out of date. Pure.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence

import msgspec

from tabproof.errors import InputError, located
from tabproof.pages.expand.page_blocks import NAME, Block, comments
from tabproof.pages.sites.code_block import fence_marks
from tabproof.pages.sites.site_formats import Format

DIGITS = 12


class Line(msgspec.Struct, frozen=True):
    """Hold a line of a page, and its number in the file, from 1."""

    number: int
    text: str


class EditedRegion(msgspec.Struct, frozen=True):
    """Name the first line of a region whose tabs were edited by hand."""

    number: int


def region_lines(body: Sequence[str], written: Sequence[str], form: Format) -> Iterator[str]:
    """Yield the lines of a region, without the indentation or `>` of what is around them.

    Raises:
        InputError: what the fence asks for cannot stand in a comment.
    """
    opening, closing = form.comment
    if any(closing in line for line in body):
        raise InputError(f"a key holds `{closing}`, which would end the comment around it.")
    yield f"{opening} {NAME}"
    yield from body
    yield from (closing, "")
    yield from written
    yield ""
    yield f"{opening} {NAME}: end {_digest(written, '')} {closing}"


def collapse_regions(
    lines: Sequence[Line], form: Format, place: str
) -> tuple[list[Line], list[EditedRegion]]:
    """Return a page with a fence in place of each region, and the regions edited by hand.

    Raises:
        InputError: a region has no end, or there is an end without a region.
    """
    texts = [line.text for line in lines]
    collapsed: list[Line] = []
    edited = []
    rest = 0
    opened: Block | None = None
    for comment in comments(texts, form.syntax):
        number = lines[comment.first].number
        end = _end_of(comment, form)
        if _opens(comment, form):
            if opened:
                raise _unended(place, lines[opened.first].number, form)
            opened = comment
        elif end is not None:
            if opened is None:
                raise located(
                    place, number, "a region's end without its beginning; remove the line."
                )
            inside = texts[opened.end + 1 : comment.first - 1]
            if _digest(inside, opened.prefix) != end:
                edited.append(EditedRegion(lines[opened.first].number))
            collapsed += lines[rest : opened.first]
            collapsed += _fence(lines, opened)
            rest, opened = comment.end, None
    if opened:
        raise _unended(place, lines[opened.first].number, form)
    return [*collapsed, *lines[rest:]], edited


def _opens(comment: Block, form: Format) -> bool:
    first, *_body, last = comment.body if len(comment.body) > 1 else ("", "")
    return first.split() == [form.comment[0], NAME] and last.strip() == form.comment[1]


def _end_of(comment: Block, form: Format) -> str | None:
    opening, closing = map(re.escape, form.comment)
    match = re.fullmatch(rf"{opening} {NAME}: end ?(\w*) {closing}", comment.body[0].strip())
    return match[1] if match else None


def _fence(lines: Sequence[Line], opened: Block) -> Iterator[Line]:
    body = opened.body[1:-1]
    fence = fence_marks("\n".join(body))
    first = lines[opened.first].number
    yield Line(first, f"{opened.before}{fence}{NAME}")
    for number, text in enumerate(body, first + 1):
        yield Line(number, opened.prefix + text)
    yield Line(first + len(body) + 1, opened.prefix + fence)


def _unended(place: str, number: int, form: Format) -> InputError:
    opening, closing = form.comment
    return located(
        place,
        number,
        f"this region has no end; write `{opening} {NAME}: end {closing}` below its tabs.",
    )


def _digest(lines: Sequence[str], prefix: str) -> str:
    """Return the digest of a region's tabs, independent of the list or quotation around them."""
    plain = (line.removeprefix(prefix) if line.strip() else "" for line in lines)
    bare = [("" if line == prefix.rstrip() else line) for line in plain]
    return hashlib.sha256("\n".join(bare).encode()).hexdigest()[:DIGITS]
