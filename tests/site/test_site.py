"""The built site in a real browser: what a reader sees in a tab is what is in `samples/`."""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parent.parent.parent
CHROMIUM = shutil.which("chromium")
TITLES = ["Node", "cURL", "PHP", "Python", "Ruby", "C#"]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Write nothing."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(
        build, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture
def page(site: str) -> Iterator[Page]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian: chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"{site}/")
        yield page
        browser.close()


def test_each_tab_of_the_quickstart_shows_its_sample_byte_for_byte(page: Page) -> None:
    sets = page.locator(".tabbed-set")
    wanted = [
        ("list-users", "library"),
        ("list-users", "stdlib"),
        ("videosdk-sessions", "library"),
        ("videosdk-sessions", "stdlib"),
    ]
    assert sets.count() == len(wanted)
    for number, (scenario, variant) in enumerate(wanted):
        tabs = sets.nth(number)
        assert tabs.locator(".tabbed-labels label").all_inner_texts() == TITLES
        for place in range(len(TITLES)):
            tabs.locator(".tabbed-labels label").nth(place).click()
            panel = tabs.locator(".tabbed-block").nth(place)
            name = panel.locator(".filename").inner_text()
            file = ROOT / "samples" / scenario / variant / name
            assert panel.is_visible()
            assert panel.locator("code").text_content() == file.read_text()


def test_a_language_that_is_chosen_in_one_set_is_chosen_in_all(page: Page) -> None:
    sets = page.locator(".tabbed-set")
    sets.nth(0).locator(".tabbed-labels label", has_text="Ruby").click()
    for number in range(1, sets.count()):
        assert sets.nth(number).locator(".tabbed-block").nth(TITLES.index("Ruby")).is_visible()


def test_the_pages_ask_no_other_host_and_log_no_error(site: str) -> None:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian: chromium)")
    asked: list[str] = []
    errors: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        for path in ("/", "/write-a-page/", "/maintain/"):
            page.goto(site + path, wait_until="networkidle")
        browser.close()
    assert len(asked) > 3
    assert [url for url in asked if not url.startswith((site, "data:", "blob:"))] == []
    assert errors == []
