"""Turn tab sets into HTML elements with permanent links, status lines, script and style.

Ordinary content tabs are named by their place on the page, so a set that is added above moves
their links. Here each is named by what it shows: `#list-users-library-python`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from importlib.resources import files
from xml.etree.ElementTree import Element

import msgspec
from markdown.util import HTML_PLACEHOLDER_RE, HtmlStash

from tabproof.errors import located
from tabproof.model.labels import fill_label
from tabproof.pages.markdown import status_line
from tabproof.pages.tab_set import TabSet

CLASS = "tabproof"
"""What the script and the style sheet know our sets by."""

DIGITS = 8

NOT_SHOWN = (
    "its tabs cannot be shown here; put the fence where a list could stand, and have "
    "pymdownx.superfences, and pymdownx.tabbed with `alternate_style: true`, in mkdocs.yml."
)


class ExpectedTabSets(msgspec.Struct, frozen=True):
    """Hold the tab sets expected between two markers, and the line of their fence."""

    page: str
    line: int
    sets: tuple[TabSet, ...]
    end: str


class Markers:
    """Mark the tab sets of one page in its Markdown, to find them among its elements.

    A mark is a paragraph with nothing but a placeholder of Python-Markdown's own in it, so that
    no other extension takes it for something else. It also keeps a set apart from what follows:
    an author's own tab would join it.
    """

    def __init__(self, stash: HtmlStash) -> None:
        """Begin a page."""
        self._stash = stash
        self.expected: dict[str, ExpectedTabSets] = {}

    def mark(self, page: str, line: int, sets: tuple[TabSet, ...]) -> tuple[str, str]:
        """Return the lines to put before and after the Markdown of these sets."""
        begin, end = self._stash.store(""), self._stash.store("")
        self.expected[begin] = ExpectedTabSets(page, line, sets, end)
        return begin, end

    def holds_code(self, text: str | None) -> bool:
        """Return whether a stash placeholder represents a block of code."""
        match = HTML_PLACEHOLDER_RE.fullmatch(text or "")
        return match is not None and "<code" in str(self._stash.rawHtmlBlocks[int(match[1])])


class Row(msgspec.Struct, frozen=True):
    """Hold the elements of a tab: its radio button, its label and its panel."""

    button: Element
    label: Element
    panel: Element


class Place(msgspec.Struct, frozen=True):
    """Hold where a page's tab sets are shown.

    Attributes:
        page: the page's path below the folder of the pages; empty where it is not known.
        excerpt: whether they stand on another page, among others that know nothing of them.
        proof: the address of the proof, as this page links to it; empty for none.
    """

    page: str = ""
    excerpt: bool = False
    proof: str = ""

    @property
    def prefix(self) -> str:
        """Return what sets the names of an excerpt apart from those of all others."""
        return f"excerpt-{sha256(self.page.encode()).hexdigest()[:DIGITS]}-" * self.excerpt


class Link(msgspec.Struct, frozen=True):
    """Hold the permanent `id` of a tab's button; a link to it opens the tab.

    Attributes:
        name: the `id`.
        target: the `id` that the tab has on its own page, which an excerpt links to.
        row: the tab.
    """

    name: str
    target: str
    row: Row

    def keep(self) -> None:
        """Name the tab; with `slugify`, `pymdownx.tabbed` names it by its label."""
        self.row.button.set("id", self.name)
        self.row.label.set("for", self.name)


class PageIds:
    """Choose unique `id`s; `toc` gives a heading that would have one of them another."""

    def __init__(self, root: Element, place: Place) -> None:
        """Collect the ids that are on the page already."""
        self._used = {element.get("id", "") for element in root.iter()}
        self._switches: dict[int, str] = {}
        self.place = place

    def new(self, name: str) -> str:
        """Return this name, or with a number after it where it is taken."""
        number = 1
        free = name
        while free in self._used:
            number += 1
            free = f"{name}-{number}"
        self._used.add(free)
        return free

    def switch_id(self, tab_set: TabSet) -> str:
        """Return the `id` of the tab that switches to a set, which is also the set's."""
        name = self.new(tab_set.anchor)
        self._switches[id(tab_set)] = name
        return name

    def set_id(self, tab_set: TabSet, labels: Element) -> str:
        """Return the `id` of a set."""
        if id(tab_set) in self._switches:
            return self._switches[id(tab_set)]
        name = self.new(tab_set.anchor)
        # Not on the set itself: themes name a block of code by the `id` nearest above it.
        labels.set("id", self.place.prefix + name)
        return name


def name_tabs(root: Element, marks: Markers, place: Place) -> list[Link]:
    """Give each set between two marks its links and lines, and take the marks away.

    Args:
        root: the page.
        marks: what the page's fences want.
        place: which page it is.

    Raises:
        InputError: a fence's tabs did not become tabs where it stands.
    """
    names = PageIds(root, place)
    begin_markers = {
        element.text: (parent, element)
        for parent in root.iter()
        for element in parent
        if element.tag == "p" and element.text in marks.expected
    }
    links: list[Link] = []
    for begin, expected in marks.expected.items():
        try:
            parent, mark = begin_markers[begin]
            at = list(parent).index(mark)
            element, end = parent[at + 1 : at + 3]
            rows = list(_rows(element, expected, marks))
        except (LookupError, ValueError) as error:
            raise located(expected.page, expected.line, NOT_SHOWN) from error
        parent.remove(end)
        # Before the first set, so that none is painted without them.
        parent[at : at + 1] = [] if links else [style(), script()]
        # Before the panels, so that none is painted that the reader did not choose.
        element.insert(len(rows) + 1, script("tabproof.restore()"))
        element.set("class", f"{element.get('class')} {CLASS}")
        element.set("role", "group")
        links += _name_set(element, rows, expected.sets, names)
        if len(expected.sets) == 1:
            (alone,) = expected.sets
            for tab, link in zip(alone.tabs, links[-len(rows) :], strict=True):
                status_line.add(link.row.panel, tab, alone.labels, link.target, place.proof)
    for link in links:
        link.keep()
    return links


def _rows(element: Element, expected: ExpectedTabSets, marks: Markers) -> Iterator[Row]:
    """Yield the tabs of an element.

    Raises:
        LookupError, ValueError: it is no tab set, or its tabs are not what is expected.
    """
    alone = len(expected.sets) == 1
    labels = element.findall("div[@class='tabbed-labels']/label")
    panels = element.findall("div[@class='tabbed-content']/div")
    expected_labels = [item.label for item in (expected.sets[0].tabs if alone else expected.sets)]
    for _, *parts in zip(expected_labels, element.findall("input"), labels, panels, strict=True):
        row = Row(*parts)
        if alone and not marks.holds_code(row.panel[0].text):
            raise ValueError
        yield row


def _name_set(
    element: Element, rows: list[Row], sets: tuple[TabSet, ...], names: PageIds
) -> Iterator[Link]:
    """Name a set and its tabs, and say which part of an address's query chooses among them."""
    if len(sets) > 1:
        query, group = "variant", fill_label(sets[0].labels.variants, scenario=sets[0].scenario)
        values: list[str] = [tab_set.variant for tab_set in sets]
        ids = [names.switch_id(tab_set) for tab_set in sets]
    else:
        query, group = "lang", f"{sets[0].scenario}: {sets[0].label}"
        values = [tab.language for tab in sets[0].tabs]
        anchor = names.set_id(sets[0], element[len(rows)])
        ids = [names.new(f"{anchor}-{value}") for value in values]
    element.set("data-tabproof", query)
    element.set("aria-label", group)
    prefix = names.place.prefix
    for row, value, name in zip(rows, values, ids, strict=True):
        row.button.set("value", value)
        # One of the buttons of a name is chosen, and others count sets from 1 on each page.
        row.button.set("name", f"{names.place.page}#{prefix}{ids[0]}")
        # Browsers would choose again, on a page that they go back to, what was chosen there.
        row.button.set("autocomplete", "off")
        yield Link(prefix + name, name, row)


def script(text: str = "") -> Element:
    """Return a `<script>`; by default the tabs' own."""
    return _element("script", text or _asset("tabproof.js"))


def style() -> Element:
    """Return the `<style>` of the tabs."""
    return _element("style", _asset("tabproof.css"))


def _element(tag: str, text: str) -> Element:
    element = Element(tag)
    element.text = text
    return element


@cache
def _asset(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


def fault_html(message: str) -> str:
    """Return an error as it stands on a page in place of the tabs, as HTML."""
    # Few pages have one, and templates take their time to be imported.
    from tabproof.pages.html_templates import render  # noqa: PLC0415

    return render("markdown/fault.html.jinja", message=message)
