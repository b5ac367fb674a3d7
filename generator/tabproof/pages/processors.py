"""Carry our fences through Python-Markdown by placeholders, and show them where they belong.

A preprocessor puts a mark in the place of each fence; block processors show the fence where its
mark is a block, or give its text back where it is code. A mark that is left on the page is an
error, and so is a fence that another extension has shown as code.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any, Protocol
from xml.etree.ElementTree import Element

import msgspec
from markdown import Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor

from tabproof.pages.fence_scanner import (
    OPENING,
    TAB_LENGTH,
    FenceMatch,
    FenceOpening,
    find_fences,
    is_underindented,
)
from tabproof.pages.source_lines import plain_lines

MARK = re.compile("\x05(?P<slot>[0-9]+)\x06")
"""Characters that Python-Markdown and the extensions of pymdownx leave alone."""

UNREAD = (
    "this fence is shown as code. As an example, it needs a fence around it that begins with what "
    "pymdownx.superfences knows, and ends with as many marks; from another extension, write it "
    "into the page itself."
)
MARKED_LINE = re.compile(rf"^(?P<before>.*?){MARK.pattern} *$", re.MULTILINE)
BARE = re.compile(rf"^(?P<before>){MARK.pattern} *$", re.MULTILINE)
LOOSE = re.compile(rf"^(?P<before> *){MARK.pattern} *$", re.MULTILINE)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
RAW = re.compile(
    r"<(?:p|li|td|th|dd)>\s*(?:`{3,}|~{3,})[ \t]*\{?\.?tabproof|"
    r"<code>tabproof[\w-]*\s+(?:scenario|variant)\s*:",
    re.IGNORECASE,
)
"""Matches a fence that was rendered as text."""
CLOSED_BLOCKS = {"ul", "ol", "dl", "details"}

IN_HTML = (
    "this fence stands in HTML, where Markdown is not read; write `<div markdown>`, and list "
    "md_in_html in mkdocs.yml."
)
NOT_A_BLOCK = (
    "this fence is no block of its own here; put it on lines of its own, with a blank line before."
)


class Placeholder(msgspec.Struct, frozen=True):
    """Hold a fence: its lines, the scanner's match, and the lines of the whole page."""

    lines: tuple[str, ...]
    match: FenceMatch
    page: list[str]

    def text(self, before: str) -> str:
        """Return the fence as example code, with this text before each line."""
        texts = (self.match.opened.inside(line) for line in self.lines[1:])
        first = self.lines[0].removeprefix(self.match.opened.indent)
        lines = (first, *("" if text is None else text for text in texts))
        return "\n".join((before + line).rstrip() for line in lines).expandtabs(TAB_LENGTH)


class FenceHandler(Protocol):
    """Convert the fences of a page to Markdown."""

    def begin(self, raw: Sequence[str]) -> list[str]:
        """Begin a page, and return its lines as its author wrote them."""

    def lines(self, placeholder: Placeholder) -> list[str]:
        """Return the Markdown that a fence becomes, after superfences."""

    def refusal(self, placeholder: Placeholder, message: str) -> Exception:
        """Return an error with the line of a fence."""


class Placeholders:
    """Replace the fences of the current page by placeholders, and find them again."""

    def __init__(self, names: Collection[str]) -> None:
        """Keep which fences are ours."""
        self._names = names
        self._placeholders: list[Placeholder] = []
        self.page: list[str] = []

    def begin(self) -> None:
        """Begin a page."""
        self._placeholders, self.page = [], []

    def take(self, lines: list[str]) -> list[str]:
        """Return the page with a placeholder in place of each of our fences."""
        self.page = lines
        written: list[str] = []
        rest = 0
        for match in find_fences(lines, self._names):
            number = match.opened.number
            placeholder = Placeholder(tuple(lines[number : match.last + 1]), match, lines)
            written += [*lines[rest:number], match.opened.indent + self._add(placeholder)]
            rest = match.last + 1
        return written + lines[rest:]

    def unread(self, name: str, body: str) -> str:
        """Return a placeholder for a fence that another extension has read."""
        lines = [line.strip() for line in body.split("\n")]
        for number, line in enumerate(self.page):
            match = OPENING.match(line)
            inside = [text.strip(" \t>") for text in self.page[number + 1 :][: len(lines)]]
            if match and match["info"] == name and inside == lines:
                break
        else:
            number = 0
        opened = FenceOpening(number, "", "```", name)
        last = min(number + len(lines) + 1, len(self.page) - 1)
        fence_match = FenceMatch(opened, last, UNREAD, number)
        return self._add(Placeholder(("```" + name, *lines, "```"), fence_match, self.page))

    def _add(self, placeholder: Placeholder) -> str:
        self._placeholders.append(placeholder)
        return f"\x05{len(self._placeholders) - 1}\x06"

    def by_match(self, match: re.Match[str]) -> Placeholder:
        """Return the fence of a placeholder."""
        return self._placeholders[int(match["slot"])]


def register(md: Markdown, names: Collection[str], site: FenceHandler) -> None:
    """Register the processors that show the fences with these names.

    The first one takes a page before snippets (32) have changed it; the second one comes before
    `preserve_tabs` of superfences (31.05). Placeholders at the beginning of a line
    are met before tables (75), those after spaces before paragraphs (10), examples before
    indented code (80).
    """
    placeholders = Placeholders(names)
    md.preprocessors.register(_Source(md, placeholders, site), "tabproof-source", 1000)
    md.preprocessors.register(_Take(md, placeholders, names), "tabproof", 31.5)
    blocks = md.parser.blockprocessors
    blocks.register(_Examples(md.parser, placeholders, site), "tabproof-example", 81)
    blocks.register(_Bare(md.parser, placeholders, site), "tabproof", 77)
    blocks.register(_Loose(md.parser, placeholders, site), "tabproof-loose", 12)
    md.postprocessors.register(_Left(md, placeholders, site), "tabproof", -1000)


def superfences(md: Markdown) -> Any:
    """Return the preprocessor of superfences; None if something else, or nothing, reads fences."""
    if "fenced_code_block" not in md.preprocessors:
        return None
    preprocessor = md.preprocessors["fenced_code_block"]
    return (
        preprocessor
        if hasattr(getattr(preprocessor, "extension", None), "extend_super_fences")
        else None
    )


class _Source(Preprocessor):
    def __init__(self, md: Markdown, placeholders: Placeholders, site: FenceHandler) -> None:
        super().__init__(md)
        self._placeholders, self._site = placeholders, site

    def run(self, lines: list[str]) -> list[str]:
        self._placeholders.begin()
        return self._site.begin(lines)


class _Take(Preprocessor):
    def __init__(self, md: Markdown, placeholders: Placeholders, names: Collection[str]) -> None:
        super().__init__(md)
        self._placeholders, self._names = placeholders, names
        self._watched: Any = None

    def run(self, lines: list[str]) -> list[str]:
        self._watch()
        return self._placeholders.take(plain_lines("\n".join(lines)))

    def _watch(self) -> None:
        """Learn of each fence of ours that superfences comes upon."""
        preprocessor = superfences(self.md)
        if preprocessor is None or preprocessor is self._watched:
            return
        for name in self._names:
            preprocessor.extension.extend_super_fences(name, self._unread, _any_options, None)
        self._watched = preprocessor

    def _unread(self, *, src: str, language: str, **_options: Any) -> str:
        return self._placeholders.unread(language, src)


def _any_options(*_arguments: Any) -> bool:
    return True


class _Blocks(BlockProcessor):
    def __init__(self, parser: Any, placeholders: Placeholders, site: FenceHandler) -> None:
        super().__init__(parser)
        self._placeholders, self._site = placeholders, site

    def _indented_code(self) -> bool:
        preprocessor = superfences(self.parser.md)
        return not (preprocessor and preprocessor.config.get("disable_indented_code_blocks"))


class _Examples(_Blocks):
    """Gives fences in indented code their text back."""

    def test(self, parent: Element, block: str) -> bool:  # noqa: ARG002 - its signature
        return block.startswith(" " * self.tab_length) and self._indented_code()

    def run(self, parent: Element, blocks: list[str]) -> bool:  # noqa: ARG002 - the same
        code, rest = self.detab(blocks[0])
        count = code.count("\n") + 1
        lines = blocks[0].split("\n")
        code = MARKED_LINE.sub(self._text, "\n".join(lines[:count]))
        blocks[0] = "\n".join([code, *lines[count:]]) if rest else code
        return False

    def _text(self, match: re.Match[str]) -> str:
        return self._placeholders.by_match(match).text(match["before"])


class _Bare(_Blocks):
    """Shows the fences whose lines begin where the block's do."""

    LINE = BARE

    def test(self, parent: Element, block: str) -> bool:  # noqa: ARG002 - its signature
        return self.LINE.search(block) is not None

    def run(self, parent: Element, blocks: list[str]) -> None:
        block = blocks.pop(0)
        match = self.LINE.search(block)
        if match is None:  # pragma: no cover - `test` has seen one
            return
        before, after = block[: match.start()].rstrip("\n"), block[match.end() :].lstrip("\n")
        if before:
            self.parser.parseBlocks(parent, [before])
        else:
            self._check(parent, match)
        lines = self._site.lines(self._placeholders.by_match(match))
        # In the state `list`, a paragraph would become text of the list's item.
        self.parser.state.set("tabproof")
        self.parser.parseChunk(parent, "\n".join(lines).strip("\n"))
        self.parser.state.reset()
        if after:
            blocks.insert(0, after)

    def _check(self, parent: Element, match: re.Match[str]) -> None:
        """Accept a fence that begins where the block does."""


class _Loose(_Bare):
    """Shows the fences behind spaces that no list has taken: those that go on with a paragraph."""

    LINE = LOOSE

    def _check(self, parent: Element, match: re.Match[str]) -> None:
        placeholder = self._placeholders.by_match(match)
        above = self.lastChild(parent)
        kinds = set() if above is None else {above.tag, *above.get("class", "").split()}
        ended = kinds & (CLOSED_BLOCKS | {"admonition", "tabbed-set"})
        if match["before"] and (
            ended or is_underindented(self._placeholders.page, placeholder.match.opened)
        ):
            message = (
                f"{placeholder.match.opened.columns} spaces do not keep this fence inside "
                f"what stands above; indent it by {self.tab_length} for each list, tab or note "
                "around it, or by none."
            )
            raise self._site.refusal(placeholder, message)


class _Left(Postprocessor):
    """Finds what has become of no fence."""

    def __init__(self, md: Markdown, placeholders: Placeholders, site: FenceHandler) -> None:
        super().__init__(md)
        self._placeholders, self._site = placeholders, site

    def run(self, text: str) -> str:
        if "\x05" in text:
            text = COMMENT.sub(lambda comment: MARK.sub(self._text, comment[0]), text)
        if match := MARK.search(text):
            placeholder = self._placeholders.by_match(match)
            html = any(match[0] in str(block) for block in self.md.htmlStash.rawHtmlBlocks)
            message = IN_HTML if html else NOT_A_BLOCK
            raise self._site.refusal(placeholder, placeholder.match.fault or message)
        if "tabproof" in text and (raw := RAW.search(COMMENT.sub("", text))):
            raise self._site.refusal(self._written(raw[0]), UNREAD)
        return text

    def _text(self, match: re.Match[str]) -> str:
        return self._placeholders.by_match(match).text("")

    def _written(self, raw: str) -> Placeholder:
        """Return the fence whose lines have become text."""
        name = re.sub(r"^.*?(?=tabproof)", "", raw, flags=re.DOTALL | re.IGNORECASE).split()[0]
        lines = enumerate(self._placeholders.page)
        number = next((n for n, line in lines if re.search(rf"[`~]\W*{name}", line)), 0)
        return Placeholder(
            (), FenceMatch(FenceOpening(number, "", "", name), number), self._placeholders.page
        )
