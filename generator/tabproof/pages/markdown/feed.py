"""Write a sentence in place of each fence, for feeds.

`mkdocs-rss-plugin` reads a page's Markdown when the page has been converted, and converts the
beginning of it once more, without the site's extensions. So the fences in it become words then.
Material's blog also converts that Markdown once more, for excerpts, and gets the fences back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markdown import Markdown

from tabproof.model.labels import fill_label
from tabproof.pages.fence_scanner import FenceOpening, MisplacedError, fences
from tabproof.pages.site import file_of, plugins_of
from tabproof.pages.tab_set import TabSet

PLUGIN = "rss"


class FeedText(str):
    """Hold a page's Markdown with sentences in place of its fences.

    Attributes:
        source: the same with its fences.
    """

    __slots__ = ("source",)

    source: str


def original(md: Markdown, lines: Sequence[str]) -> list[str]:
    """Return a page's lines with the fences that `write` has replaced."""
    text = getattr(getattr(file_of(md), "page", None), "markdown", None)
    if not isinstance(text, FeedText):
        return list(lines)
    # An excerpt may have got a title above.
    joined = "\n".join(lines)
    title = joined.removesuffix(text)
    return list(lines) if title == joined else (title + text.source).split("\n")


def sentence(sets: tuple[TabSet, ...]) -> str:
    """Return the words in the place of a fence."""
    titles = dict.fromkeys(tab.label for tab_set in sets for tab in tab_set.tabs)
    return fill_label(sets[0].labels.feed, languages=", ".join(titles))


def write(md: Markdown, names: Sequence[str], sentences: Mapping[tuple[str, ...], str]) -> None:
    """Put words in the place of the fences, where a feed is made of the page.

    Args:
        md: the parser, with the page that it has converted.
        names: those of the fences.
        sentences: the lines inside a fence -> the words; a fence without any is left out.
    """
    page = getattr(file_of(md), "page", None)
    if PLUGIN not in plugins_of(md) or not isinstance(getattr(page, "markdown", None), str):
        return
    source: str = page.markdown  # type: ignore[union-attr] # it was looked for above
    lines = source.split("\n")
    written: list[str] = []
    rest = 0
    try:
        for opened, last in fences(lines, names):
            sentence = sentences.get(inside(opened, lines[opened.number + 1 : last]), "")
            written += [*lines[rest : opened.number], opened.indent + sentence]
            rest = last + 1
    except MisplacedError:  # it is in what another extension has made something else of
        return
    text = FeedText("\n".join([*written, *lines[rest:]]))
    text.source = source
    page.markdown = text  # type: ignore[union-attr] # the same


def inside(opened: FenceOpening, lines: Sequence[str]) -> tuple[str, ...]:
    """Return the lines inside a fence, without what stands before them."""
    return tuple(opened.inside(line) or "" for line in lines)
