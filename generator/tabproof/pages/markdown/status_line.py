"""Add the status line below a sample: what was proved, a download link and a permanent link."""

from __future__ import annotations

import base64
from xml.etree.ElementTree import Element, SubElement

from tabproof.model.labels import Labels, fill_label
from tabproof.pages.tab_set import Tab


def add(panel: Element, tab: Tab, labels: Labels, name: str, proof_page: str) -> None:
    """Put the line under a sample; and where a part is shown, what a reader copies of it.

    Args:
        panel: what holds the sample.
        tab: the sample.
        labels: the words of its links.
        name: the `id` that links to the tab.
        proof_page: the address of the proof, as this page links to it; empty for none.
    """
    panel.append(_line(tab, labels, name, proof_page))
    if tab.text != tab.sample.text:
        # In base64, as Python-Markdown leaves what looks like an entity in an attribute.
        panel.set("data-tabproof-text", _base64(tab.text))


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _line(tab: Tab, labels: Labels, name: str, proof_page: str) -> Element:
    """Return the status line.

    The file is in the link itself, so that the bytes are those of the sample, whatever the site
    does with files.
    """
    # In a page of another direction, a line of words in this one keeps its own.
    line = Element("p", {"class": "tabproof-line", "dir": "auto"})
    line.text = f"{tab.status} "
    address = f"data:text/plain;charset=utf-8;base64,{_base64(tab.sample.text)}"
    links = [
        (
            fill_label(labels.download, file=tab.file_name),
            {"href": address, "download": tab.file_name},
        ),
        (labels.link, {"href": f"#{name}"}),
    ]
    if proof_page:
        links.insert(0, (labels.proof, {"href": proof_page}))
    for text, attributes in links:
        link = SubElement(line, "a", attributes)
        link.text, link.tail = text, " "
    return line
