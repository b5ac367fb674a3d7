"""Pages in a browser that runs no script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

SAMPLES = Path(__file__).parent.parent.parent / "samples"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_every_tab_can_be_reached_and_shows_its_sample(page: Page, site: str) -> None:
    page.goto(f"{site}/")
    tab_set = page.locator(".tabproof").first
    labels = tab_set.locator("> .tabbed-labels > label")
    panels = tab_set.locator("> .tabbed-content > .tabbed-block")
    assert labels.count() == 6
    for place in range(6):
        labels.nth(place).click()
        assert [panel.is_visible() for panel in panels.all()] == [n == place for n in range(6)]
        name = panels.nth(place).locator(".filename").inner_text()
        text = (SAMPLES / "list-users/library" / name).read_text()
        assert panels.nth(place).locator("code").text_content() == text


def test_a_link_to_a_sample_goes_to_its_set(page: Page, site: str) -> None:
    page.goto(f"{site}/#list-users-stdlib-python")
    row = page.locator("#list-users-stdlib")
    box = row.bounding_box()
    assert box
    assert 0 <= box["y"] < 300


def test_a_sample_can_be_downloaded(page: Page, site: str) -> None:
    page.goto(f"{site}/")
    with page.expect_download() as download:
        page.locator("a[download]:visible").first.click()
    assert download.value.suggested_filename == "list-users.mjs"
    found = download.value.path().read_bytes()
    assert found == (SAMPLES / "list-users/library/list-users.mjs").read_bytes()
