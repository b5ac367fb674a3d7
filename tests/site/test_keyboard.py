"""Tab sets by the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

Shown = Callable[[Page], list[str]]


@pytest.mark.parametrize(
    ("keys", "chosen"),
    [
        (["ArrowRight"], "cURL"),
        (["ArrowRight", "ArrowRight", "ArrowLeft"], "cURL"),
        (["ArrowLeft"], "C#"),
        (["End"], "C#"),
        (["End", "ArrowRight"], "Node"),
        (["End", "Home"], "Node"),
    ],
)
def test_arrow_keys_home_and_end_choose_a_tab_in_all_sets(
    page: Page, trial: str, shown: Shown, keys: list[str], chosen: str
) -> None:
    page.goto(f"{trial}/")
    page.locator("#list-users-library-node").focus()
    for key in keys:
        page.keyboard.press(key)
    assert shown(page)[0] == shown(page)[3] == chosen
    focused = page.evaluate("document.activeElement.labels[0].innerText")
    assert focused == chosen


def test_home_and_end_scroll_the_page_elsewhere(page: Page, trial: str) -> None:
    page.goto(f"{trial}/")
    page.keyboard.press("End")
    page.wait_for_function("scrollY > 0")


def test_the_tab_that_has_the_focus_shows_it(page: Page, trial: str) -> None:
    page.goto(f"{trial}/")
    label = page.locator(".tabproof > .tabbed-labels > label", has_text="cURL").first
    outline = "each => getComputedStyle(each).outlineStyle"
    label.click()
    assert label.evaluate(outline) == "none"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    assert label.evaluate(outline) == "solid"
