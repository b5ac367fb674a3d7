"""Pages on paper, and on a narrow screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

WIDTH = 320
"""CSS pixels, of WCAG 2.2, 1.4.10 (reflow)."""


def test_print_shows_every_sample_below_its_title(page: Page, site: str) -> None:
    page.goto(f"{site}/")
    page.emulate_media(media="print")
    tab_set = page.locator(".tabproof").first
    labels = tab_set.locator("> .tabbed-labels > label").all()
    panels = tab_set.locator("> .tabbed-content > .tabbed-block").all()
    tops = []
    for label, panel in zip(labels, panels, strict=True):
        for element in (label, panel):
            box = element.bounding_box()
            assert box
            assert box["height"] > 0
            tops.append(box["y"])
    assert len(tops) == 12
    assert tops == sorted(tops)


def test_print_leaves_out_what_only_a_screen_can_do(page: Page, site: str) -> None:
    page.goto(f"{site}/")
    line = page.locator(".tabproof-line").first
    assert line.locator("a[download]").is_visible()
    page.emulate_media(media="print")
    assert "Run on" in line.inner_text()
    assert not line.locator("a[download]").is_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_no_page_scrolls_sideways_on_a_narrow_screen(
    browser: Browser, pages: list[str], *, script: bool
) -> None:
    context = browser.new_context(
        viewport={"width": WIDTH, "height": 700}, java_script_enabled=script
    )
    page = context.new_page()
    wide = []
    for address in pages:
        page.goto(address)
        size = page.locator("html").evaluate("each => each.scrollWidth")
        if size > WIDTH:
            wide.append((address, size))
    context.close()
    assert wide == []


def test_every_label_is_in_sight_on_a_narrow_screen(page: Page, site: str) -> None:
    page.set_viewport_size({"width": WIDTH, "height": 700})
    page.goto(f"{site}/")
    labels = page.locator(".tabproof").first.locator("> .tabbed-labels > label").all()
    assert len(labels) == 6
    for label in labels:
        box = label.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= WIDTH


def test_wide_code_scrolls_in_its_box_on_a_narrow_screen(page: Page, site: str) -> None:
    page.set_viewport_size({"width": WIDTH, "height": 700})
    page.goto(f"{site}/")
    code = page.locator(".tabproof pre code:visible").first
    assert code.evaluate("each => each.scrollWidth > each.clientWidth")
    code.evaluate("each => each.scrollTo(50, 0)")
    assert code.evaluate("each => each.scrollLeft") == 50
