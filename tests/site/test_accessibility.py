"""What axe, which looks for faults against WCAG 2.2 AA and good practice, finds on the pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
FAULTS = """async (selector) => {
  // Of rows of tables that look alike, one is enough; a table stays as wide as it is.
  const look = (each) => [each.tagName, each.id, ...each.getAttributeNames(), each.className,
    Boolean(each.textContent.trim()), ...[...each.children].map(look)].join(" ");
  const known = new Set();
  for (const table of document.querySelectorAll("table")) {
    let place = "";
    for (let each = table; each; each = each.parentElement) place += ` ${each.className} >`;
    table.style.minWidth = `${table.offsetWidth}px`;
    for (const row of [...table.rows].slice(1)) {
      const looks = [...row.cells].map((cell) => `${place} ${cell.cellIndex} ${look(cell)}`);
      if (table.rows.length > 2 && looks.every((each) => known.has(each))) row.remove();
      looks.forEach((each) => known.add(each));
    }
  }
  // One word of each colour in a block of code, and one mark of each kind in a table, are enough.
  for (const block of document.querySelectorAll("pre, table")) {
    const seen = new Set();
    for (const each of block.querySelectorAll("span[class]:not(:has(*)), td > abbr")) {
      const marked = Boolean(each.closest(".hll"));
      const colours = `${each.className} ${marked} ${each.parentElement.className}`;
      if (seen.has(colours) && each.className !== "hll") each.replaceWith(each.textContent);
      seen.add(colours);
    }
  }
  const { violations } = await axe.run(selector, { resultTypes: ["violations"] });
  return violations.flatMap(({ id, nodes }) => nodes.map(
    ({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`));
}"""


@pytest.fixture(params=[("light", 1280), ("dark", 320)], ids=["light, wide", "dark, narrow"])
def reader(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in one of the colour schemes, at one of the widths."""
    scheme: Literal["light", "dark"]
    scheme, width = request.param
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 800}, reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


def _faults(page: Page, address: str, selector: str = "html") -> list[str]:
    page.evaluate(AXE)
    found: list[str] = page.evaluate(FAULTS, selector)
    return [f"{address} {fault}" for fault in found]


def test_axe_finds_no_fault_on_any_page(reader: Page, pages: list[str]) -> None:
    found = []
    for address in pages:
        reader.goto(address, wait_until="load")
        found += _faults(reader, address)
    assert found == []


def test_axe_finds_no_fault_in_any_tab(
    reader: Page, pages: list[str], having: Callable[[Page, Sequence[str], str], list[str]]
) -> None:
    """All languages have colours of their own, and axe looks at what is shown."""
    found = []
    reader.goto(pages[0])
    for marked in ("", ":has(.hll)"):
        several = ":has(> .tabbed-labels > :nth-child(2))"
        tab_set = f".tabproof[data-tabproof=lang]{several}{marked}"
        address, *_others = having(reader, pages, tab_set)
        reader.goto(address, wait_until="load")
        reader.locator(tab_set).first.evaluate("each => each.classList.add('opened')")
        panel = ".opened > .tabbed-content > .tabbed-block"
        reader.add_style_tag(content=f"{panel} {{ display: block !important }}")
        assert reader.locator(panel).count() == reader.locator(f"{panel}:visible").count() > 1
        found += _faults(reader, address, ".opened")
    assert found == []


def test_axe_finds_a_fault_where_there_is_one(reader: Page, site: str) -> None:
    reader.goto(f"{site}/404.html")
    reader.evaluate("document.body.append(document.createElement('input'))")
    assert any("label: " in fault for fault in _faults(reader, site))
