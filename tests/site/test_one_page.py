"""Tab sets on one page never share an `id` or a name, whatever put them there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page
from tests.site.conftest import _build, _served

BLOG = Path(__file__).parent / "blog"
Shown = Callable[[Page], list[str]]

DOUBLE = """() => {
  const ids = [...document.querySelectorAll(".tabproof [id], .tabproof[id]")].map(({ id }) => id);
  const sets = [...document.querySelectorAll(".tabbed-set")];
  const nameOf = (set) => set.querySelector(":scope > input").name;
  const own = sets.filter((set) => set.matches(".tabproof")).map(nameOf);
  const all = document.querySelectorAll("[id]");
  return [...ids.filter((id) => [...all].filter((each) => each.id === id).length > 1),
          ...own.filter((name) => sets.filter((set) => nameOf(set) === name).length > 1)];
}"""

SWITCH, TOKEN, HIDDEN, OWN, SECOND, FIRST = range(6)
"""The sets of the blog: those of the third post, and of the two before."""


@pytest.fixture(scope="module")
def blog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a blog, with a page on which the same article stands twice."""
    folder = tmp_path_factory.mktemp("blog")
    with _served(folder) as url:
        _build(BLOG / "mkdocs.yml", folder, SITE_URL=f"{url}/")
        post = (folder / "blog/2026/01/01/post-1/index.html").read_text(encoding="utf-8")
        (article,) = re.findall("<article.*?</article>", post, re.DOTALL)
        (folder / "joined").mkdir()
        joined = post.replace(article, article * 2).replace("../../../../../", "../")
        (folder / "joined/index.html").write_text(joined, encoding="utf-8")
        yield url


@pytest.fixture
def faults(page: Page) -> list[str]:
    """What goes wrong in the page's scripts."""
    told: list[str] = []
    page.on("pageerror", lambda error: told.append(str(error)))
    return told


def _open(page: Page, address: str) -> None:
    """Open an address, until it is read and the theme's scripts have run."""
    page.goto(address)
    page.wait_for_load_state("networkidle")


def _choose(page: Page, place: int, words: str) -> None:
    labels = page.locator(".tabbed-set").nth(place).locator("> .tabbed-labels > label")
    labels.filter(has_text=words).first.click()


def test_each_post_on_a_page_shows_a_tab_and_a_choice_is_made_in_all(
    page: Page, blog: str, shown: Shown, faults: list[str]
) -> None:
    _open(page, f"{blog}/blog/")
    assert page.evaluate(DOUBLE) == []
    assert shown(page) == ["With a library", "Python", "", "Ruby", "Node", "Node"]
    _choose(page, FIRST, "PHP")
    assert shown(page) == ["With a library", "Python", "", "Ruby", "PHP", "PHP"]
    _choose(page, SECOND, "Ruby")
    assert shown(page) == ["With a library", "Ruby", "", "Ruby", "Ruby", "Ruby"]
    _choose(page, SWITCH, "Standard library only")
    assert shown(page) == ["Standard library only", "", "Ruby", "Ruby", "Ruby", "Ruby"]
    assert faults == []


def test_posts_on_a_page_can_be_read_without_scripts(
    browser_without_scripts: BrowserContext, blog: str
) -> None:
    page = browser_without_scripts.new_page()
    page.goto(f"{blog}/blog/")
    labels = page.locator(".tabbed-set").nth(FIRST).locator("> .tabbed-labels > label")
    labels.filter(has_text="PHP").click()
    assert page.locator(".filename:visible").all_inner_texts() == [
        "list_users.py",
        "list-users.mjs",
        "list-users.php",
    ]


@pytest.fixture
def browser_without_scripts(page: Page) -> Iterator[BrowserContext]:
    browser = page.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False)
    yield context
    context.close()


def test_the_link_under_a_sample_in_an_excerpt_leads_to_its_post(
    page: Page, blog: str, shown: Shown
) -> None:
    _open(page, f"{blog}/blog/")
    _choose(page, SECOND, "Ruby")
    link = page.locator(".tabbed-set").nth(SECOND).locator(".tabproof-line a:visible").last
    link.click()
    page.wait_for_url("**/post-2/#list-users-library-ruby")
    assert shown(page) == ["Ruby", "Ruby"]


def test_pages_that_are_joined_keep_their_sets_apart(
    page: Page, blog: str, shown: Shown, faults: list[str]
) -> None:
    _open(page, f"{blog}/joined/?lang=php")
    assert page.evaluate(DOUBLE) == []
    assert shown(page) == ["PHP", "Ruby", "PHP", "Ruby"]
    _choose(page, 2, "Ruby")
    assert shown(page) == ["Ruby", "Ruby", "Ruby", "Ruby"]
    _choose(page, 0, "Python")
    assert shown(page) == ["Python", "Python", "Python", "Python"]
    second = page.locator(".tabbed-set").nth(2)
    link = second.locator(".tabproof-line a:visible").last
    assert link.get_attribute("href") == f"#{second.locator('> input').nth(3).get_attribute('id')}"
    assert page.url.startswith(f"{blog}/joined/?lang=python")
    link.click()
    assert shown(page) == ["Python", "Python", "Python", "Python"]
    assert faults == []
