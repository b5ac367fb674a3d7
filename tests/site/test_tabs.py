"""A language that a reader chooses is chosen in all sets, on all pages, from the first look."""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import Page

Shown = Callable[[Page], list[str]]
Without = Callable[[Page, str], None]

PATIENCE_SECONDS = 240
"""For what must happen, however slow the machine is."""

ALL, TWO, SYSTEMS, ALL_AGAIN, AUTHORS = range(5)
"""The sets of the trial's first page."""

LOG_FRAMES = """
  window.frames_seen = [];
  const log = () => {
    const panel = document.querySelector(".tabbed-set .tabbed-block:has(pre)");
    const seen = [...document.querySelectorAll(".tabbed-set .filename")].filter(
      (each) => each.checkVisibility());
    if (panel) window.frames_seen.push(seen.map((each) => each.innerText).join(" "));
    if (window.frames_seen.length == 2) fetch("/painted"); // the first one is on the screen
    requestAnimationFrame(log);
  };
  log();
"""
LOG_SHIFTS = """
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (!entry.hadRecentInput) window.shifts.push(entry.value);
    }
  }).observe({ type: "layout-shift", buffered: true });
"""


STORED = "() => JSON.stringify(window.__md_get('__tabs'))"
BORDER = "each => getComputedStyle(each).borderBottomColor"
THEME_FOLLOWS = """() => [...document.querySelectorAll(".tabbed-set")].every(
  (set) => set.style.getPropertyValue("--md-indicator-x"))"""
"""The theme remembers what is chosen from the moment on at which it has drawn its underlines."""


def _open(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_function(THEME_FOLLOWS)


def _comes_to_show(page: Page, shown: Shown, expected: list[str]) -> None:
    """Wait for what a page that the theme has loaded by script shows in the end."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while shown(page) != expected and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    assert shown(page) == expected


def _choose(page: Page, place: int, words: str) -> None:
    labels = page.locator(".tabbed-set").nth(place).locator("> .tabbed-labels > label")
    labels.filter(has_text=words).first.click()


def test_the_first_language_is_chosen_for_a_new_reader(
    page: Page, trial: str, shown: Shown
) -> None:
    page.goto(f"{trial}/")
    assert shown(page) == ["Node", "cURL", "macOS", "Node", "Ruby"]


def test_a_choice_is_made_in_every_set_that_has_it_and_in_no_other(
    page: Page, trial: str, shown: Shown
) -> None:
    _open(page, f"{trial}/")
    _choose(page, ALL, "PHP")
    assert shown(page) == ["PHP", "cURL", "macOS", "PHP", "Ruby"]
    _choose(page, SYSTEMS, "Linux")
    assert shown(page) == ["PHP", "cURL", "Linux", "PHP", "Ruby"]
    _choose(page, TWO, "Ruby")
    assert shown(page) == ["Ruby", "Ruby", "Linux", "Ruby", "Ruby"]
    _choose(page, ALL_AGAIN, "cURL")
    assert shown(page) == ["cURL", "cURL", "Linux", "cURL", "Ruby"]


def test_an_authors_own_tab_with_a_languages_name_takes_part(
    page: Page, trial: str, shown: Shown
) -> None:
    _open(page, f"{trial}/")
    _choose(page, AUTHORS, "Other")
    assert shown(page) == ["Node", "cURL", "macOS", "Node", "Other"]
    _choose(page, ALL, "Ruby")
    assert shown(page) == ["Ruby", "Ruby", "macOS", "Ruby", "Ruby"]


def test_a_tab_that_was_chosen_already_can_be_chosen_again_later(
    page: Page, trial: str, shown: Shown
) -> None:
    """The theme by itself ignores the last choice here."""
    _open(page, f"{trial}/")
    _choose(page, ALL, "Ruby")
    _choose(page, ALL, "PHP")
    _choose(page, AUTHORS, "Other")
    _choose(page, AUTHORS, "Ruby")
    assert shown(page) == ["Ruby", "Ruby", "macOS", "Ruby", "Ruby"]


def test_a_choice_outlives_a_reload_and_goes_to_other_pages_and_back(
    page: Page, trial: str, shown: Shown
) -> None:
    _open(page, f"{trial}/")
    _choose(page, ALL, "PHP")
    _choose(page, SYSTEMS, "Linux")
    chosen = ["PHP", "cURL", "Linux", "PHP", "Ruby"]
    page.reload()
    assert shown(page) == chosen
    page.goto(f"{trial}/deep/below/")
    assert shown(page) == ["PHP"]
    _choose(page, 0, "C#")
    page.go_back()
    assert shown(page) == ["C#", "cURL", "Linux", "C#", "Ruby"]


def test_a_choice_goes_along_when_the_theme_loads_pages_by_script(
    page: Page, trial: str, shown: Shown
) -> None:
    _open(page, f"{trial}/")
    page.evaluate("window.loaded_once = tabproof.loaded_once = true")
    _choose(page, ALL, "PHP")
    page.locator(".md-nav--primary").get_by_role("link", name="In a folder").click()
    page.wait_for_url("**/deep/below/")
    page.get_by_role("heading", name="In a folder").wait_for()
    _comes_to_show(page, shown, ["PHP"])
    _choose(page, 0, "Python")
    page.locator(".md-nav--primary").get_by_role("link", name="Sets", exact=True).click()
    page.get_by_role("heading", name="Sets", exact=True).wait_for()
    _comes_to_show(page, shown, ["Python", "cURL", "macOS", "Python", "Ruby"])
    assert page.evaluate("window.loaded_once && tabproof.loaded_once")


def test_a_switch_between_variants_keeps_the_language(page: Page, trial: str, shown: Shown) -> None:
    page.goto(f"{trial}/kinds/")
    sets = shown(page)
    switch = sets.index("With a library")
    _choose(page, switch + 1, "Python")
    _choose(page, switch, "Standard library only")
    assert shown(page)[switch : switch + 3] == ["Standard library only", "", "Python"]
    assert page.locator(".filename:visible").first.inner_text() == "list_users.py"
    page.reload()
    assert shown(page)[switch : switch + 3] == ["Standard library only", "", "Python"]


def test_no_other_language_is_painted_first_and_nothing_moves(page: Page, trial: str) -> None:
    page.goto(f"{trial}/")
    _choose(page, ALL, "Ruby")
    page.add_init_script(LOG_FRAMES + LOG_SHIFTS)
    page.goto(f"{trial}/?slowly")
    page.wait_for_function("window.frames_seen.some((frame) => frame.includes(' '))")
    frames = page.evaluate("window.frames_seen")
    assert "list_users.rb" in frames
    assert {name for frame in frames for name in frame.split()} == {
        "list_users.rb",
        "videosdk_sessions.rb",
    }
    assert page.evaluate("window.shifts") == []


def test_the_label_that_was_clicked_stays_where_it_is(
    page: Page, trial: str, without: Without
) -> None:
    """In a browser that does not see to that, and where the theme does not."""
    without(page, "content.tabs.link")
    _open(page, f"{trial}/")
    page.add_style_tag(content="* { overflow-anchor: none !important }")
    label = page.locator(".tabbed-set").nth(ALL_AGAIN).locator("label", has_text="C#")
    label.scroll_into_view_if_needed()
    before = label.bounding_box()
    heights = "[...document.querySelectorAll('.tabbed-set')].map((set) => set.offsetHeight)"
    tall = page.evaluate(heights)
    label.click()
    assert page.evaluate(heights)[ALL] != tall[ALL]
    after = label.bounding_box()
    assert before
    assert after
    assert abs(after["y"] - before["y"]) < 1


def test_sets_follow_each_other_where_the_theme_links_no_sets(
    page: Page, trial: str, shown: Shown, without: Without
) -> None:
    without(page, "content.tabs.link")
    _open(page, f"{trial}/")
    _choose(page, ALL, "Ruby")
    assert shown(page) == ["Ruby", "Ruby", "macOS", "Ruby", "Ruby"]
    _choose(page, AUTHORS, "Other")
    _choose(page, ALL_AGAIN, "PHP")
    assert shown(page) == ["PHP", "Ruby", "macOS", "PHP", "Other"]


def test_a_page_that_the_browser_kept_takes_the_choice_of_a_later_one(
    page: Page, trial: str, shown: Shown
) -> None:
    page.goto(f"{trial}/")
    later = page.context.new_page()
    later.goto(f"{trial}/deep/below/")
    _choose(later, 0, "PHP")
    assert shown(page)[ALL] == "Node"
    # Each page has a process of its own, to which the browser sends what is stored by another.
    chosen = later.evaluate(STORED)
    page.wait_for_function(f"chosen => ({STORED})() === chosen", arg=chosen)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    assert shown(page) == ["PHP", "cURL", "macOS", "PHP", "Ruby"]


def test_the_chosen_tab_is_marked_in_whichever_row_it_stands(page: Page, trial: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": 320, "height": 700})
    _open(page, f"{trial}/")
    labels = page.locator(".tabbed-set").nth(ALL).locator("> .tabbed-labels > label")
    plain = labels.last.evaluate(BORDER)
    labels.last.click()
    handle = labels.last.element_handle()
    page.wait_for_function(f"([each, plain]) => ({BORDER})(each) != plain", arg=[handle, plain])
    lines = [label.evaluate(BORDER) for label in labels.all()]
    assert len(set(lines[:-1])) == 1
    assert lines[-1] != lines[0]
