"""Links to one sample: they open it, everywhere, and stay when a page is edited."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import markdown
import pytest
from playwright.sync_api import Page

ROOT = Path(__file__).parent.parent.parent
Shown = Callable[[Page], list[str]]
Without = Callable[[Page, str], None]

FENCE = "```tabproof\nscenario: {}\nvariant: {}\n```\n"
TABS: dict[str, dict[str, object]] = {
    "pymdownx.highlight": {},
    "pymdownx.superfences": {},
    "pymdownx.tabbed": {"alternate_style": True},
    "tabproof": {"root": str(ROOT)},
}


def _ids(text: str) -> list[str]:
    html = markdown.markdown(text, extensions=["toc", *TABS], extension_configs=TABS)
    return re.findall(r' id="([^"]*)"', html)


def test_a_link_to_a_sample_opens_it_and_chooses_its_language_everywhere(
    page: Page, trial: str, shown: Shown
) -> None:
    page.goto(f"{trial}/#videosdk-sessions-library-python")
    assert shown(page) == ["Python", "cURL", "macOS", "Python", "Ruby"]
    heading = page.get_by_role("heading", name="All languages again")
    assert heading.evaluate("each => each.getBoundingClientRect().top < innerHeight")
    page.goto(f"{trial}/deep/below/")
    assert shown(page) == ["Python"]


def test_a_link_on_the_page_opens_a_sample_and_back_goes_back(
    page: Page, trial: str, shown: Shown
) -> None:
    page.goto(f"{trial}/#list-users-library-php")
    page.get_by_role("link", name="To the Ruby sample").click()
    page.wait_for_url("**/#list-users-library-ruby")
    assert shown(page)[0] == "Ruby"
    page.go_back()
    page.wait_for_url("**/#list-users-library-php")
    page.wait_for_function("document.querySelector('#list-users-library-php').checked")
    assert shown(page)[0] == "PHP"


def test_a_link_to_a_set_shows_the_set_and_chooses_nothing(
    page: Page, trial: str, shown: Shown
) -> None:
    page.goto(f"{trial}/#videosdk-sessions-library")
    assert shown(page) == ["Node", "cURL", "macOS", "Node", "Ruby"]
    labels = page.locator("#videosdk-sessions-library")
    assert labels.evaluate("each => each.getBoundingClientRect().top < innerHeight")


def test_a_link_opens_the_variant_around_a_sample(page: Page, trial: str, shown: Shown) -> None:
    page.goto(f"{trial}/kinds/#list-users-stdlib-python")
    assert page.locator(".filename:visible").first.inner_text() == "list_users.py"
    assert {"Standard library only", "Python"} <= set(shown(page))


def test_a_link_on_the_page_opens_the_variant_around_a_sample(
    page: Page, trial: str, without: Without
) -> None:
    without(page, "navigation.instant")
    page.goto(f"{trial}/kinds/", wait_until="networkidle")
    assert page.locator(".filename:visible").first.inner_text() == "list-users.mjs"
    page.evaluate("location.hash = 'list-users-stdlib-python'")
    page.locator("#list-users-stdlib:checked").wait_for(state="attached")
    assert page.locator(".filename:visible").first.inner_text() == "list_users.py"


def test_each_sample_has_a_link_to_itself(page: Page, trial: str) -> None:
    page.goto(f"{trial}/")
    page.locator(".tabbed-labels label", has_text="C#").first.click()
    link = page.get_by_role("link", name="Link to this sample").first
    assert link.get_attribute("href") == f"{trial}/#list-users-library-csharp" or (
        link.get_attribute("href") == "#list-users-library-csharp"
    )


@pytest.mark.parametrize(
    ("query", "chosen"),
    [
        ("?lang=python", ["Python", "cURL", "macOS", "Python", "Ruby"]),
        ("?lang=ruby", ["Ruby", "Ruby", "macOS", "Ruby", "Ruby"]),
        ("?lang=cobol", ["Node", "cURL", "macOS", "Node", "Ruby"]),
        ("?lang=", ["Node", "cURL", "macOS", "Node", "Ruby"]),
        ("?lang=php#list-users-library-python", ["Python", "cURL", "macOS", "Python", "Ruby"]),
    ],
)
def test_an_address_can_ask_for_a_language(
    page: Page, trial: str, shown: Shown, query: str, chosen: list[str]
) -> None:
    page.goto(f"{trial}/{query}")
    assert shown(page) == chosen


def test_an_address_can_ask_for_a_variant(page: Page, trial: str, shown: Shown) -> None:
    page.goto(f"{trial}/kinds/?variant=stdlib&lang=ruby")
    assert {"Standard library only", "Ruby"} <= set(shown(page))


def test_an_address_that_asks_for_a_language_follows_the_reader(
    page: Page, trial: str, shown: Shown
) -> None:
    page.goto(f"{trial}/?lang=python&x=1#list-users-library-python")
    page.locator("#list-users-library-python").focus()
    page.keyboard.press("ArrowRight")
    assert page.url == f"{trial}/?lang=ruby&x=1#list-users-library-ruby"
    page.reload()
    assert shown(page) == ["Ruby", "Ruby", "macOS", "Ruby", "Ruby"]


def test_a_set_that_is_added_above_moves_no_link() -> None:
    old = FENCE.format("list-users", "library")
    new = FENCE.format("videosdk-sessions", "stdlib") + "\n" + old
    before, after = _ids(old), _ids(new)
    assert "list-users-library-python" in before
    assert [name for name in after if name.startswith("list-users")] == before


def test_all_names_on_a_page_differ_and_those_of_samples_stay() -> None:
    own = '=== "C#"\n\n    a\n\n=== "C++"\n\n    b\n\n=== "C"\n\n    c\n\n'
    headings = "# Python\n\n# list users library\n\n# list-users-library-python\n\n"
    fence = FENCE.format("list-users", "library")
    names = _ids(own + headings + fence + "\n" + fence)
    assert len(names) == len(set(names))
    assert {"list-users-library", "list-users-library-python", "list-users-library-csharp"} <= {
        *names
    }


def test_a_strict_build_takes_links_to_samples_and_refuses_one_that_leads_nowhere(
    tmp_path: Path,
) -> None:
    config = (ROOT / "tests/site/trial/mkdocs.yml").read_text().partition("\nnav:")[0]
    config = config.replace("root: ../../..", f"root: {ROOT}")
    config = config.replace("docs: tests/site/trial/docs", f"docs: {tmp_path}/docs")
    (tmp_path / "docs").mkdir()
    (tmp_path / "mkdocs.yml").write_text(config)
    (tmp_path / "docs/proof.md").write_text("# Proof\n")
    page = FENCE.format("list-users", "library") + "\n[Ruby](#list-users-library-{})\n"
    found = []
    for language in ("ruby", "cobol"):
        (tmp_path / "docs/index.md").write_text(page.format(language))
        done = subprocess.run(
            [sys.executable, "-m", "mkdocs", "build", "--strict"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        found.append((done.returncode, "list-users-library-cobol" in done.stderr))
    assert found == [(0, False), (1, True)]


@pytest.mark.parametrize("missing", ["pymdownx.superfences", "pymdownx.tabbed", "alternate_style"])
def test_a_fence_that_would_not_become_tabs_is_an_error(missing: str) -> None:
    options = {name: {**each} for name, each in TABS.items() if name != missing}
    options.get("pymdownx.tabbed", {}).pop(missing, None)
    with pytest.raises(click.ClickException, match=r"pymdownx"):
        markdown.markdown(
            FENCE.format("list-users", "library"),
            extensions=list(options),
            extension_configs=options,
        )
