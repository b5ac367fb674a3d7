"""Hold the text of all samples of one structure, with holes; fill it with values. Pure."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple
from unicodedata import east_asian_width

from tabproof.render.assemble import SECTION
from tabproof.render.fits import ELSE, FITS, FITS_END
from tabproof.render.holes import CLOSING, OPENING, Node, made

MARK = re.compile(
    rf"{OPENING}(?P<hole>\d+){CLOSING}|{FITS}(?P<width>\d+)-(?P<gain>\d+){FITS}"
    rf"|(?P<end>[{ELSE}{FITS_END}])"
)
LEADING = re.compile(r"[ \t]*")


class Slot(NamedTuple):
    """Hold where something is filled in.

    Attributes:
        place: its place among the pieces of the text.
        number: the number of the hole.
        indentation: of the line that it stands on; further lines of a value get the same.
        fits: in place of a hole, a line and what may stand there where it is too long.
    """

    place: int
    number: int
    indentation: str
    fits: Fits | None = None


class Fits(NamedTuple):
    """Hold the ways to write a line or several.

    Attributes:
        width: the greatest width of a line.
        gain: by how much a way has to be narrower than the one before it; 0 if by nothing.
        ways: the ways, the preferred one first.
    """

    width: int
    gain: int
    ways: tuple[Text, ...]

    def filled(self, results: Sequence[object]) -> str:
        """Return the first way that fits, or else the last one that gains enough."""
        chosen, widest = "", math.inf
        for way in self.ways:
            text = "".join(way.filled(results)[0])
            width = max(map(_width, text.splitlines()), default=0)
            if self.gain and widest - width < self.gain:
                break
            chosen, widest = text, width
            if width <= self.width:
                break
        return chosen


def _width(line: str) -> int:
    """Return how many columns a line takes, as Prettier and ruff count them."""
    return len(line) if line.isascii() else len(line) + sum(map(_is_wide, line))


def _is_wide(character: str) -> bool:
    return east_asian_width(character) in {"W", "F"}


class Text(NamedTuple):
    """Hold the pieces of a text, with empty ones in the place of what is filled in."""

    pieces: tuple[str, ...]
    slots: tuple[Slot, ...]

    def filled(self, results: Sequence[object]) -> tuple[list[str], bool]:
        """Return the pieces with what belongs in the holes, and whether that has several lines."""
        pieces, has_lines = list(self.pieces), False
        for place, number, indentation, fits in self.slots:
            if fits is None:
                text = str(results[number])
                if "\n" in text:
                    has_lines = True
                    text = re.sub(r"\n(?=[^\n])", f"\n{indentation}", text)
            else:
                has_lines = True
                text = fits.filled(results)
            pieces[place] = text
        return pieces, has_lines


class Skeleton(NamedTuple):
    """Hold the text of all samples of one structure, in one variant of one language.

    Attributes:
        nodes: how the texts of its holes are made.
        text: all of it.
        sections: each section's name, and the place of its first piece; "" for what is before.
        lines: section -> its first and last line, from 1, where no value has several.
        digest: SHA-256 of the text and of its holes, in hex.
    """

    nodes: tuple[Node, ...]
    text: Text
    sections: tuple[tuple[str, int], ...]
    lines: dict[str, tuple[int, int]]
    digest: str

    @property
    def written(self) -> set[str]:
        """Return the names of the sections in which something stands."""
        places = {slot.place for slot in self.text.slots}
        pieces = self.text.pieces
        return {
            name
            for (name, start), (_next, end) in pairwise((*self.sections, ("", len(pieces))))
            if any(place in places or pieces[place].strip() for place in range(start, end))
        }

    def fill(self, values: Sequence[object]) -> tuple[str, dict[str, tuple[int, int]]]:
        """Return the text with values, and the first and last line of each section, from 1."""
        pieces, has_lines = self.text.filled(made(self.nodes, values))
        lines = _section_lines(pieces, self.sections) if has_lines else self.lines
        return "".join(pieces), dict(lines)


def _section_lines(
    pieces: Sequence[str], sections: Iterable[tuple[str, int]]
) -> dict[str, tuple[int, int]]:
    lines, line = {}, 1
    for (name, start), (_next, end) in pairwise((*sections, ("", len(pieces)))):
        text = "".join(pieces[start:end])
        if name:
            first = line + len(text) - len(text.lstrip("\n"))
            lines[name] = (first, first + text.strip("\n").count("\n"))
        line += text.count("\n")
    return lines


def make_skeleton(marked: str, nodes: Iterable[Node]) -> Skeleton:
    """Return the skeleton of a text in which sections and holes are marked."""
    head, *parts = SECTION.split(marked)
    pieces: list[str] = []
    slots: list[Slot] = []
    sections = []
    for name, text in (("", head), *zip(parts[::2], parts[1::2], strict=True)):
        sections.append((name, len(pieces)))
        own, _end = _read(text)
        slots += [slot._replace(place=slot.place + len(pieces)) for slot in own.slots]
        pieces += own.pieces
    nodes = tuple(nodes)
    digest = hashlib.sha256(marked.encode(errors="surrogatepass"))
    for _make, of, label in nodes:
        digest.update(f"\0{of} {label}".encode())
    # A hole is never the first or last line of a section by itself with nothing in it.
    with_holes = [*pieces]
    for slot in slots:
        with_holes[slot.place] = "." if slot.fits is None else ""
    lines = _section_lines(with_holes, sections)
    text = Text(tuple(pieces), tuple(slots))
    return Skeleton(nodes, text, tuple(sections), lines, digest.hexdigest())


def _read(text: str, start: int = 0) -> tuple[Text, re.Match[str] | None]:
    """Return the text from a place on, and the mark at which it ends: that of a way, or none."""
    pieces: list[str] = []
    slots: list[Slot] = []
    place = start
    while (mark := MARK.search(text, place)) and not mark["end"]:
        pieces.append(text[place : mark.start()])
        if mark["hole"]:
            line = max(start, text.rfind("\n", start, mark.start()) + 1)
            leading = LEADING.match(text, line, mark.start())
            slots.append(Slot(len(pieces), int(mark["hole"]), leading[0] if leading else ""))
            place = mark.end()
        else:
            ways, place = _read_ways(text, mark.end())
            fits = Fits(int(mark["width"]), int(mark["gain"]), ways)
            slots.append(Slot(len(pieces), 0, "", fits))
        pieces.append("")
    pieces.append(text[place : mark.start() if mark else None])
    return Text(tuple(pieces), tuple(slots)), mark


def _read_ways(text: str, place: int) -> tuple[tuple[Text, ...], int]:
    """Return the ways that begin at a place, and the place after the mark of their end."""
    way, mark = _read(text, place)
    ways = [way]
    while mark and mark["end"] == ELSE:
        way, mark = _read(text, mark.end())
        ways.append(way)
    return tuple(ways), mark.end() if mark else len(text)
