"""Hold the text of all samples of one structure, with holes; fill it with values. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from tabproof.render.assemble import SECTION
from tabproof.render.fits import ELSE, FITS, FITS_END
from tabproof.render.holes import CLOSING, OPENING, Node, made

TOKEN = re.compile(
    rf"{OPENING}(?P<hole>\d+){CLOSING}|{FITS}(?P<width>\d+){FITS}|(?P<otherwise>{ELSE})"
    rf"|(?P<end>{FITS_END})"
)
LEADING = re.compile(r"[ \t]*")


class Filling(NamedTuple):
    """Hold a hole in a text, and the indentation of its line."""

    number: int
    indentation: str


class Fits(NamedTuple):
    """Hold two ways to write something: the first where its lines have at most this width."""

    width: int
    first: tuple[Piece, ...]
    second: tuple[Piece, ...]


Piece: TypeAlias = "str | Filling | Fits"


class Skeleton(NamedTuple):
    """Hold the text of all samples of one structure, in one variant of one language.

    Attributes:
        nodes: how the texts of its holes are made.
        head: what stands before the first section.
        sections: each section's name and text.
        digest: SHA-256 of the text and of its holes, in hex.
    """

    nodes: tuple[Node, ...]
    head: tuple[Piece, ...]
    sections: tuple[tuple[str, tuple[Piece, ...]], ...]
    digest: str

    def fill(self, values: Sequence[object]) -> tuple[str, dict[str, tuple[int, int]]]:
        """Return the text with values, and the first and last line of each section, from 1."""
        results = made(self.nodes, values)
        texts = ["".join(_filled(self.head, results))]
        line, lines = texts[0].count("\n") + 1, {}
        for name, pieces in self.sections:
            text = "".join(_filled(pieces, results))
            texts.append(text)
            bare = text.strip("\n")
            first = line + (len(text) - len(text.lstrip("\n")))
            lines[name] = (first, first + bare.count("\n"))
            line += text.count("\n")
        return "".join(texts), lines


def make_skeleton(marked: str, nodes: Iterable[Node]) -> Skeleton:
    """Return the skeleton of a text in which sections and holes are marked."""
    head, *parts = SECTION.split(marked)
    nodes = tuple(nodes)
    sections = [(n, _pieces(t)) for n, t in zip(parts[::2], parts[1::2], strict=True)]
    digest = hashlib.sha256(marked.encode())
    for _make, of, label in nodes:
        digest.update(f"\0{of} {label}".encode())
    return Skeleton(nodes, _pieces(head), tuple(sections), digest.hexdigest())


def _pieces(text: str) -> tuple[Piece, ...]:
    stack: list[list[Piece]] = [[]]
    widths: list[int] = []
    place = 0
    for token in TOKEN.finditer(text):
        if token.start() > place:
            stack[-1].append(text[place : token.start()])
        place = token.end()
        if token["hole"]:
            start = text.rfind("\n", 0, token.start()) + 1
            leading = LEADING.match(text, start)
            stack[-1].append(Filling(int(token["hole"]), leading[0] if leading else ""))
        elif token["width"]:
            widths.append(int(token["width"]))
            stack.append([])
        elif token["otherwise"]:
            stack.append([])
        else:
            second, first = tuple(stack.pop()), tuple(stack.pop())
            stack[-1].append(Fits(widths.pop(), first, second))
    stack[-1].append(text[place:])
    return tuple(stack[0])


def _filled(pieces: Iterable[Piece], results: Sequence[object]) -> Iterator[str]:
    for piece in pieces:
        if isinstance(piece, str):
            yield piece
        elif isinstance(piece, Filling):
            text = str(results[piece.number])
            if "\n" in text and piece.indentation:
                text = text.replace("\n", f"\n{piece.indentation}").replace(
                    f"\n{piece.indentation}\n", "\n\n"
                )
            yield text
        else:
            first = "".join(_filled(piece.first, results))
            if max(map(len, first.splitlines()), default=0) <= piece.width:
                yield first
            else:
                yield from _filled(piece.second, results)
