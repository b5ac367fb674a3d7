"""Tab sets as elements of a page: a permanent link to each sample, and a line under it.

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
    """What must stand between two marks: the sets of a fence that stands at a line of a page."""

    page: str
    line: int
    sets: tuple[TabSet, ...]
    end: str


class Markers:
    """The marks of one page.

    A mark is a paragraph with nothing but a placeholder of Python-Markdown's own in it, so that
    no other extension takes it for something else. It also keeps a set apart from what follows:
    an author's own tab would join it.
    """

    def __init__(self, stash: HtmlStash) -> None:
        """Begin a page."""
        self._stash = stash
        self.wanted: dict[str, ExpectedTabSets] = {}

    def mark(self, page: str, line: int, sets: tuple[TabSet, ...]) -> tuple[str, str]:
        """The lines before and after what shows these sets."""
        begin, end = self._stash.store(""), self._stash.store("")
        self.wanted[begin] = ExpectedTabSets(page, line, sets, end)
        return begin, end

    def holds_code(self, text: str | None) -> bool:
        """Whether a placeholder stands for a block of code."""
        match = HTML_PLACEHOLDER_RE.fullmatch(text or "")
        return match is not None and "<code" in str(self._stash.rawHtmlBlocks[int(match[1])])


class Row(msgspec.Struct, frozen=True):
    """The elements of a tab: its radio button, its label and its panel."""

    button: Element
    label: Element
    panel: Element


class Place(msgspec.Struct, frozen=True):
    """Where a page's sets are shown.

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
    """The permanent name of a tab: the `id` of its button, as a link to that opens the tab.

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


class Names:
    """The `id`s of a page; a heading that would have one of them gets another from `toc`."""

    def __init__(self, root: Element, place: Place) -> None:
        """Begin with those that authors gave."""
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

    def of_switch(self, tab_set: TabSet) -> str:
        """The name of the tab that switches to a set; the set goes by it too."""
        name = self.new(tab_set.anchor)
        self._switches[id(tab_set)] = name
        return name

    def of_set(self, tab_set: TabSet, labels: Element) -> str:
        """The name of a set."""
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
    names = Names(root, place)
    begun = {
        element.text: (parent, element)
        for parent in root.iter()
        for element in parent
        if element.tag == "p" and element.text in marks.wanted
    }
    links: list[Link] = []
    for begin, wanted in marks.wanted.items():
        try:
            parent, mark = begun[begin]
            at = list(parent).index(mark)
            element, end = parent[at + 1 : at + 3]
            rows = list(_rows(element, wanted, marks))
        except (LookupError, ValueError) as error:
            raise located(wanted.page, wanted.line, NOT_SHOWN) from error
        parent.remove(end)
        # Before the first set, so that none is painted without them.
        parent[at : at + 1] = [] if links else [style(), script()]
        # Before the panels, so that none is painted that the reader did not choose.
        element.insert(len(rows) + 1, script("tabproof.restore()"))
        element.set("class", f"{element.get('class')} {CLASS}")
        element.set("role", "group")
        links += _named(element, rows, wanted.sets, names)
        if len(wanted.sets) == 1:
            (alone,) = wanted.sets
            for tab, link in zip(alone.tabs, links[-len(rows) :], strict=True):
                status_line.add(link.row.panel, tab, alone.labels, link.target, place.proof)
    for link in links:
        link.keep()
    return links


def _rows(element: Element, wanted: ExpectedTabSets, marks: Markers) -> Iterator[Row]:
    """The tabs of an element.

    Raises:
        LookupError, ValueError: it is no tab set, or its tabs are not what is wanted.
    """
    alone = len(wanted.sets) == 1
    labels = element.findall("div[@class='tabbed-labels']/label")
    panels = element.findall("div[@class='tabbed-content']/div")
    wanted_labels = [each.label for each in (wanted.sets[0].tabs if alone else wanted.sets)]
    for _, *parts in zip(wanted_labels, element.findall("input"), labels, panels, strict=True):
        row = Row(*parts)
        if alone and not marks.holds_code(row.panel[0].text):
            raise ValueError
        yield row


def _named(
    element: Element, rows: list[Row], sets: tuple[TabSet, ...], names: Names
) -> Iterator[Link]:
    """Name a set and its tabs, and say which part of an address's query chooses among them."""
    if len(sets) > 1:
        query, group = "variant", fill_label(sets[0].labels.variants, scenario=sets[0].scenario)
        values: list[str] = [each.variant for each in sets]
        ids = [names.of_switch(each) for each in sets]
    else:
        query, group = "lang", f"{sets[0].scenario}: {sets[0].label}"
        values = [tab.language for tab in sets[0].tabs]
        anchor = names.of_set(sets[0], element[len(rows)])
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
    """A script; the tabs' own if no text is given."""
    return _element("script", text or _asset("tabproof.js"))


def style() -> Element:
    """The style sheet of the tabs."""
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
