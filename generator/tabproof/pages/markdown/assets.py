"""The script and the style sheet of the tabs, as elements of a page.

They are part of the page, not files of the site: a Markdown extension cannot add files to a
site, and a site has nothing to include.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from xml.etree.ElementTree import Element


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
