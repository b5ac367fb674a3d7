"""What axe, which looks for faults against WCAG 2.2 AA and good practice, finds on the pages."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
FAULTS = """async (context) => {
  const { violations } = await axe.run(context ?? document, { resultTypes: ["violations"] });
  return violations.flatMap(({ id, nodes }) => nodes.map(
    ({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`));
}"""


@pytest.fixture(params=[("light", 1280), ("dark", 320)], ids=["light, wide", "dark, narrow"])
def reader(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in one of the colour schemes, at one of the widths."""
    scheme: Literal["light", "dark"]
    scheme, width = request.param
    viewport = {"width": width, "height": 800}
    context = browser.new_context(
        color_scheme=scheme,
        viewport={"width": viewport["width"], "height": viewport["height"]},
        reduced_motion="reduce",
    )
    yield context.new_page()
    context.close()


def _faults(page: Page, address: str, context: str | None = None) -> list[str]:
    page.evaluate(AXE)
    found: list[str] = page.evaluate(FAULTS, context)
    return [f"{address} {fault}" for fault in found]


def test_axe_finds_no_fault_on_any_page(reader: Page, pages: list[str]) -> None:
    found = []
    for address in pages:
        reader.goto(address, wait_until="load")
        found += _faults(reader, address)
    assert found == []


def test_axe_finds_no_fault_in_any_tab(reader: Page, site: str) -> None:
    """All languages have colours of their own, and axe looks at what is shown."""
    reader.goto(f"{site}/")
    reader.add_style_tag(content=".tabproof .tabbed-block { display: block !important }")
    assert reader.locator(".tabproof").first.locator("pre:visible").count() == 6
    assert _faults(reader, site, ".tabproof") == []


def test_axe_finds_a_fault_where_there_is_one(reader: Page, site: str) -> None:
    reader.goto(f"{site}/404.html")
    reader.evaluate("document.body.append(document.createElement('input'))")
    assert any("label: " in fault for fault in _faults(reader, site))
