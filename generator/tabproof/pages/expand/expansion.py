"""Write a page with its tabs in place of its fences, for a site without the extension. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import msgspec

from tabproof.errors import InputError, TabproofError, located
from tabproof.pages.expand.page_blocks import NAME, Block, fences
from tabproof.pages.expand.regions import EditedRegion, Line, collapse_regions, region_lines
from tabproof.pages.fence_keys import Fence, read_fence
from tabproof.pages.fence_scanner import MisplacedError
from tabproof.pages.sites.code_block import strip_blank_lines
from tabproof.pages.sites.mdx import bound
from tabproof.pages.sites.site_formats import Format
from tabproof.pages.tab_set import TabSet

MakeTabSets: TypeAlias = Callable[[Fence, str], tuple[TabSet, ...]]
"""From what a fence asks for, and the page's language, to its tab sets."""

MKDOCS_BLOCK = re.compile(r"\s*(?P<mark>!!!|\?\?\?\+?|===[!+]?)\s+\S")
"""What begins an admonition, a folded part or a tab; no other site knows it."""

LANG = re.compile(r"lang:\s*[\"']?([A-Za-z][\w-]*)")
END_RAW = re.compile(r"\{%-?\s*endraw")


class Expansion(msgspec.Struct, frozen=True):
    """Hold a page whose fences have become tabs.

    Attributes:
        edited: the regions of the page that were edited by hand; their changes are lost in it.
        count: how many fences and regions the page has.
    """

    lines: tuple[str, ...]
    edited: tuple[EditedRegion, ...]
    count: int


class Style(msgspec.Struct, frozen=True, kw_only=True):
    """Hold the options for writing a page.

    Attributes:
        in_place: keep what a fence asks for in a comment, so that the page can be renewed.
        raw: keep Jinja and Liquid from reading the tabs.
        lang: the language of a page that names none itself.
    """

    form: Format
    in_place: bool = False
    raw: bool = False
    lang: str = ""


def expand(texts: Sequence[str], style: Style, make_tab_sets: MakeTabSets, place: str) -> Expansion:
    """Write a page out.

    Args:
        texts: the page's lines.
        style: how.
        make_tab_sets: makes the tab sets.
        place: how messages name the page.

    Raises:
        InputError: a fence cannot be shown, or not on this kind of site; with its line.
    """
    start = behind_front_matter(texts)
    lines = [Line(number, text) for number, text in enumerate(texts, 1)]
    body, edited = collapse_regions(lines[start:], style.form, place)
    bodies = [line.text for line in body]
    style = msgspec.structs.replace(style, lang=_language(texts[:start]) or style.lang)
    try:
        blocks = list(fences(bodies, style.form.syntax))
    except MisplacedError as error:
        raise located(place, body[error.number].number, error.message) from error
    our_blocks = [block for block in blocks if block.info.split()[:1] == [NAME]]
    examples = {
        n for block in blocks if block not in our_blocks for n in range(block.first, block.end)
    }
    _check_mkdocs_blocks([x for n, x in enumerate(body) if n not in examples], style.form, place)
    written: list[str] = []
    rest = 0
    for block in blocks:
        number = body[block.first].number
        if block.info.startswith(f"{NAME}-"):
            message = f"a `{block.info}` fence works only with the MkDocs extension; remove it."
            raise located(place, number, message)
        if block not in our_blocks:
            continue
        written += bodies[rest : block.first]
        written += _replaced(block, body, style, make_tab_sets, place)
        rest = block.end
    written += bodies[rest:]
    if our_blocks:
        written = [*_imports(body, blocks, style.form, place, start), *written]
    return Expansion((*texts[:start], *written), tuple(edited), len(our_blocks))


def _replaced(
    block: Block, body: Sequence[Line], style: Style, make_tab_sets: MakeTabSets, place: str
) -> Iterator[str]:
    number = body[block.first].number
    if block.info != NAME:
        raise located(place, number, f"write nothing after `{NAME}`; keys are lines below it.")
    if block.end - block.first != len(block.body) + 2:
        raise located(place, number, "this fence is never closed.")
    fence = read_fence(block.body, place, number)
    try:
        sets = make_tab_sets(fence, style.lang)
        _check_tabs(sets, style.form)
        lines = strip_blank_lines(style.form.lines(sets))
        if style.raw:
            lines = list(_raw(lines))
        if style.in_place:
            lines = list(region_lines(block.body, lines, style.form))
    except TabproofError as error:
        raise located(place, number, str(error)) from error
    before = block.before
    for line in _spaced(lines, body[: block.first], body[block.end :], block):
        yield before + line if line else before.rstrip()
        before = block.prefix


def _check_tabs(sets: tuple[TabSet, ...], form: Format) -> None:
    if form.syntax == "python-markdown":
        for tab in (tab for tab_set in sets for tab in tab_set.tabs):
            if "\t" in tab.text:
                raise InputError(
                    f"{tab.file_name}: holds a tab, and Python-Markdown makes spaces of a page's "
                    "tabs; let the site read the fence itself."
                )


def _spaced(
    lines: Sequence[str], above: Sequence[Line], below: Sequence[Line], block: Block
) -> Iterator[str]:
    """Yield lines with one blank line above them and one below."""
    in_item = block.before != block.prefix
    blank = block.prefix.rstrip()
    if above and above[-1].text.rstrip() not in ("", blank) and not in_item:
        yield ""
    yield from lines
    if below and below[0].text.rstrip() not in ("", blank):
        yield ""


def _raw(lines: Sequence[str]) -> Iterator[str]:
    if any(END_RAW.search(line) for line in lines):
        raise InputError("a sample holds `{% endraw`, which would end what --raw begins.")
    yield from ("{% raw %}", "", *lines, "", "{% endraw %}")


def behind_front_matter(texts: Sequence[str]) -> int:
    """Return the number of the first line after a page's front matter, from 0."""
    if not texts or texts[0] != "---":
        return 0
    ends = (number for number, text in enumerate(texts[1:], 2) if text in ("---", "..."))
    return next(ends, 0)


def _language(front_matter: Sequence[str]) -> str:
    """Return the language that a page names itself; empty if it names none."""
    return next((match[1] for line in front_matter if (match := LANG.match(line))), "")


def _imports(
    body: Sequence[Line], blocks: Sequence[Block], form: Format, place: str, start: int
) -> Iterator[str]:
    """Yield the missing imports with blank lines around them, without which MDX reads text."""
    if not form.imports:
        return
    inside = {number for block in blocks for number in range(block.first, block.end)}
    text = "\n".join("" if number in inside else line.text for number, line in enumerate(body))
    imports = bound(text)
    for name, (module, _statement) in form.imports.items():
        imported_module, offset = imports.get(name, (module, 0))
        if imported_module != module:
            line = body[text.count("\n", 0, offset)].number
            message = (
                f"`{name}` is imported from '{imported_module}'; the tabs need that of '{module}'."
            )
            raise located(place, line, message)
    missing = [statement for name, (_m, statement) in form.imports.items() if name not in imports]
    if not missing:
        return
    if start:
        yield ""
    yield from missing
    if body and body[0].text.strip() and not body[0].text.startswith("import "):
        yield ""


def _check_mkdocs_blocks(body: Sequence[Line], form: Format, place: str) -> None:
    """Refuse a fence inside what only MkDocs shows as a block."""
    if form.syntax == "python-markdown":
        return
    around: list[tuple[int, Line]] = []
    for line in body:
        stripped = line.text.lstrip()
        indent = len(line.text) - len(stripped)
        if not stripped:
            continue
        while around and around[-1][0] >= indent:
            around.pop()
        if stripped.lstrip("`~").strip() == NAME and stripped[:3] in ("```", "~~~"):
            for _indent, outer in around:
                if match := MKDOCS_BLOCK.match(outer.text):
                    message = (
                        f"`{match['mark']}` is Markdown of MkDocs, and {form.title} shows it as "
                        f"text; write it in that site's way, such as `{form.admonition}`."
                    )
                    raise located(place, outer.number, message)
        around.append((indent, line))
