"""Sites, and the browser that reads them; each is made once for all tests of a process."""

from __future__ import annotations

import functools
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright
from tests.site.once import once

ROOT = Path(__file__).parent.parent.parent
TRIAL = Path(__file__).parent / "trial"

SHOWN = """() => [...document.querySelectorAll(".tabbed-set")].map((set) => {
  const labels = set.querySelectorAll(":scope > .tabbed-labels > label");
  const panels = [...set.querySelectorAll(":scope > .tabbed-content > .tabbed-block")];
  const seen = panels.flatMap((each, at) => each.checkVisibility() ? [labels[at].innerText] : []);
  return seen.join("+");
})"""

PATIENCE_SECONDS = 240
"""For what must happen, however slow the machine is."""

HAVING = """async ([addresses, selector]) => {
  const pages = await Promise.all(addresses.map(async (each) => (await fetch(each)).text()));
  const parser = new DOMParser();
  return addresses.filter((_, at) =>
    parser.parseFromString(pages[at], "text/html").querySelector(selector));
}"""


class Server(http.server.SimpleHTTPRequestHandler):
    """Serves files; with `?slowly`, a page comes part by part, as over a slow line.

    After the first part with a heading, it waits until the page asks for `/painted`.
    """

    painted = threading.Event()

    def do_GET(self) -> None:
        if self.path == "/painted":
            self.painted.set()
            self.send_response(204)
            self.end_headers()
            return
        path = Path(self.translate_path(self.path)) / "index.html"
        if "slowly" not in self.path or not path.is_file():
            super().do_GET()
            return
        first, *parts = path.read_bytes().split(b"<h2")
        self.painted.clear()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(first)
        for part in parts:
            self.wfile.write(b"<h2" + part)
            self.painted.wait(PATIENCE_SECONDS)
            time.sleep(0.2)

    def log_message(self, *_: object) -> None:
        """Write nothing."""


def _build(config: Path, folder: Path, **environment: str) -> None:
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", str(config)]
    done = subprocess.run(
        [*build, "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    handler = functools.partial(Server, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="session")
def site_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This project's site."""
    return once(tmp_path_factory, "site", lambda folder: _build(ROOT / "mkdocs.yml", folder))


@pytest.fixture(scope="session")
def site(site_folder: Path) -> Iterator[str]:
    """The address of this project's site."""
    with _served(site_folder) as url:
        yield url


@pytest.fixture(scope="session")
def pages(site: str, site_folder: Path) -> list[str]:
    """The address of each page of this project's site, that for unknown addresses too."""
    found = sorted(path.relative_to(site_folder) for path in site_folder.rglob("*.html"))
    return [f"{site}/{path.as_posix().removesuffix('index.html')}" for path in found]


@pytest.fixture(scope="session")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site that shows what pages can hold."""
    folder = tmp_path_factory.mktemp("trial")
    with _served(folder) as url:
        _build(TRIAL / "mkdocs.yml", folder, SITE_URL=f"{url}/")
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("Chromium is not installed (Debian: chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A reader who has never been here, and may use the clipboard."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    context.set_default_timeout(PATIENCE_SECONDS * 1000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def noted(context: BrowserContext) -> Callable[[Sequence[str]], tuple[list[str], list[str]]]:
    """Opens pages; what they ask of the network, and what goes wrong on them."""

    def read(addresses: Sequence[str]) -> tuple[list[str], list[str]]:
        asked: list[str] = []
        wrong: list[str] = []
        context.on("request", lambda request: asked.append(request.url))
        context.on(
            "console", lambda m: wrong.append(m.text) if m.type in {"error", "warning"} else None
        )
        context.on("weberror", lambda error: wrong.append(str(error.error)))
        context.on("response", lambda r: wrong.append(r.url) if r.status >= 400 else None)
        # All at once, for each is watched until it has asked nothing for a while.
        pages = [context.new_page() for _ in addresses]
        for page, address in zip(pages, addresses, strict=True):
            page.goto(address, wait_until="commit")
        for page in pages:
            page.wait_for_load_state("networkidle")
        return asked, wrong

    return read


@pytest.fixture(scope="session")
def shown() -> Callable[[Page], list[str]]:
    """The words on the tabs whose panels a reader can see, set by set."""

    def read(page: Page) -> list[str]:
        found: list[str] = page.evaluate(SHOWN)
        return found

    return read


@pytest.fixture(scope="session")
def having() -> Callable[[Page, Sequence[str], str], list[str]]:
    """The pages with such an element, without a visit to each; a page of the same site asks."""

    def search(page: Page, addresses: Sequence[str], selector: str) -> list[str]:
        found: list[str] = page.evaluate(HAVING, [list(addresses), selector])
        return found

    return search


@pytest.fixture(scope="session")
def without() -> Callable[[Page, str], None]:
    """Shows pages as of a site that does not list a feature of the theme."""

    def change(page: Page, feature: str) -> None:
        def answer(route: Route) -> None:
            found = route.fetch()
            body = found.text()
            changed = body.replace(f'"{feature}"', '"none"')
            assert changed != body
            route.fulfill(response=found, body=changed)

        page.route(re.compile("/$"), answer)

    return change
