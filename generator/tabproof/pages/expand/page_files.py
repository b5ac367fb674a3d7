"""Find and read pages, and decide where an expanded page is written."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from tabproof.errors import InputError, MachineError, located
from tabproof.pages.sites.site_formats import Format
from tabproof.project.template_files import display_path

SUFFIXES = (".md", ".mdx", ".markdown")
DIGITS = 12
NOTICE = re.compile(r"Written by `tabproof expand` from (?P<page>.+), (?P<digest>[0-9a-f]{12}): ")


class Page(msgspec.Struct, frozen=True):
    """Hold a page as it is on disk.

    Attributes:
        path: the file.
        below: its path below the folder that was given; its name if it was given itself.
        place: how messages name it.
        lines: its text, without the newlines at their ends.
        newline: what ends a line in it.
    """

    path: Path
    below: Path
    place: str
    lines: tuple[str, ...]
    newline: str

    def content(self, lines: Iterable[str]) -> bytes:
        """Return lines as the bytes of a file with this page's line endings."""
        return self.newline.join(lines).encode()


def pages(paths: Iterable[Path], root: Path) -> Iterator[Page]:
    """Yield the pages at these paths, and those below them where a path is a folder.

    Raises:
        InputError: one is not UTF-8.
        MachineError: one cannot be read.
    """
    for path in paths:
        if path.is_dir():
            for page_path in sorted(p for p in path.rglob("*") if _is_page(p, path)):
                yield _read(page_path, page_path.relative_to(path), root)
        else:
            yield _read(path, Path(path.name), root)


def _is_page(path: Path, folder: Path) -> bool:
    parts = path.relative_to(folder).parts
    foreign = any(part.startswith(".") or part == "node_modules" for part in parts)
    return path.suffix in SUFFIXES and not foreign and path.is_file()


def _read(path: Path, below: Path, root: Path) -> Page:
    place = display_path(path.resolve(), root)
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise located(place, line, "is not UTF-8; save it as UTF-8.") from error
    except OSError as error:
        raise MachineError(f"{place}: cannot be read: {error.strerror}.") from error
    newline = "\r\n" if "\r\n" in text else "\n"
    return Page(path, below, place, tuple(text.replace("\r\n", "\n").split("\n")), newline)


def target(page: Page, output: Path, form: Format) -> Path:
    """Return the path that an expanded page is written to.

    Raises:
        InputError: onto itself.
    """
    page_target = (output / page.below).with_suffix(form.suffix)
    if page_target.resolve() == page.path.resolve():
        raise InputError(
            f"{page.place}: would be written onto itself; give another folder, or --in-place to "
            "keep its fences in it."
        )
    return page_target


def with_notice(lines: tuple[str, ...], page: Page, form: Format, start: int) -> tuple[str, ...]:
    """Return a page with a notice of its source; `start` is the line after the front matter."""
    bare = (*lines[:start], *_notice(page, form, "0" * DIGITS, start, lines), *lines[start:])
    digest = _digest("\n".join(bare).encode())
    return (*lines[:start], *_notice(page, form, digest, start, lines), *lines[start:])


def _notice(
    page: Page, form: Format, digest: str, start: int, lines: tuple[str, ...]
) -> Iterator[str]:
    opening, closing = form.comment
    if start:
        yield ""
    message = f"Written by `tabproof expand` from {page.place}, {digest}: change that page."
    yield f"{opening} {message} {closing}"
    if start < len(lines) and lines[start]:
        yield ""


def unprotected(content: bytes) -> bool:
    """Return whether a file is unchanged since `tabproof expand` wrote it: safe to overwrite."""
    text = content.decode(errors="replace").replace("\r\n", "\n")
    match = NOTICE.search(text)
    if not match:
        return False
    start, end = match.span("digest")
    return _digest(f"{text[:start]}{'0' * DIGITS}{text[end:]}".encode()) == match["digest"]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:DIGITS]
