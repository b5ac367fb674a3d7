"""The site that Zensical makes of the same configuration: its tabs, their code, and its cache.

Zensical reads `mkdocs.yml`, runs Markdown extensions, and ignores plugins and hooks.
"""

from __future__ import annotations

import functools
import http.server
import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Page
from tests import records
from tests.languages import USUAL
from tests.site.once import once

from tabproof.model.sample import SampleKey
from tabproof.pages.site import LIVE_VARIABLE
from tabproof.project import catalog_reader
from tabproof.render.renderer import Renderer
from tabproof.samples import tree

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("zensical") is None, reason="Zensical is not installed"
)

ROOT = Path(__file__).parent.parent.parent
TRIAL = Path("tests/site/trial")
ARTICLE = re.compile(r"<article.*?</article>", re.DOTALL)
SKIP_LINK = re.compile(r'\s*<a id="__skip"[^>]*></a>')
"""What Zensical's theme puts before a page's content."""
WATCHED = "watch: [samples, templates]\n"
CONFIG = """\
site_name: A site
theme: {name: material, font: false}
markdown_extensions:
  - pymdownx.superfences
  - pymdownx.tabbed: {alternate_style: true}
  - tabproof
"""
PAGE = "# A page\n\n```tabproof\nscenario: list-users\nvariant: library\n```\n"
RUN_LINE = "Run:     {{ head.run }}"
DEADLINE_SECONDS = 240
"""Far more than anything takes; a machine may be slow."""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files."""

    def log_message(self, *_: object) -> None:
        """Write nothing."""


def _command(name: str, config: Path) -> list[str]:
    return [sys.executable, "-m", "zensical", name, "--config-file", str(config)]


def _build(config: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*_command("build", config), *options],
        cwd=config.parent,
        capture_output=True,
        text=True,
        check=False,
    )


def _served(folder: Path) -> Iterator[str]:
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this repository's sites, built: Zensical writes beside their configuration."""
    return once(tmp_path_factory, "zensical", _build_copy)


def _build_copy(root: Path) -> None:
    hidden = shutil.ignore_patterns("__pycache__", ".*")
    for folder in ("docs", "samples", "templates", TRIAL):
        shutil.copytree(ROOT / folder, root / folder, ignore=hidden)
    shutil.copyfile(ROOT / "mkdocs.yml", root / "mkdocs.yml")
    trial = root / TRIAL / "mkdocs.yml"
    trial.write_text(f"{trial.read_text()}\nwatch: [../../../samples, ../../../templates]\n")
    for config in (root / "mkdocs.yml", trial):
        done = _build(config, "--strict")
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def by_zensical(copy: Path) -> Iterator[str]:
    """The address of this project's site."""
    yield from _served(copy / "site")


@pytest.fixture(scope="session")
def trial_by_zensical(copy: Path) -> Iterator[str]:
    """The address of the site that shows what pages can hold."""
    yield from _served(copy / TRIAL / "site")


def _article(address: str) -> str:
    with urllib.request.urlopen(address) as answer:  # noqa: S310 - our own server
        found = ARTICLE.search(answer.read().decode())
    assert found
    return re.sub(r"\s+", " ", SKIP_LINK.sub("", found[0]))


def test_each_page_has_the_content_that_mkdocs_gives_it(
    site: str, pages: list[str], by_zensical: str
) -> None:
    sets = 0
    for address in pages:
        wanted = _article(address)
        assert _article(address.replace(site, by_zensical)) == wanted
        sets += wanted.count('data-tabproof="lang"')
    assert sets > 0


def test_fences_in_lists_notes_and_tabs_have_the_content_that_mkdocs_gives_them(
    trial: str, trial_by_zensical: str
) -> None:
    for path in ("/", "/kinds/", "/deep/below/"):
        wanted = _article(trial + path)
        assert 'data-tabproof="lang"' in wanted
        assert _article(trial_by_zensical + path) == wanted


def test_the_pages_ask_no_other_host_log_no_error_and_lack_no_file(
    site: str,
    pages: list[str],
    by_zensical: str,
    noted: Callable[[Sequence[str]], tuple[list[str], list[str]]],
) -> None:
    asked, wrong = noted([address.replace(site, by_zensical) for address in pages])
    assert len(asked) > len(pages)
    assert [url for url in asked if not url.startswith((f"{by_zensical}/", "data:", "blob:"))] == []
    assert wrong == []


def test_a_tab_copies_and_downloads_the_bytes_of_its_sample(page: Page, by_zensical: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{by_zensical}/")
    tab_set = page.locator(".tabproof:has(> #list-users-library)")
    labels = tab_set.locator("> .tabbed-labels > label")
    samples = Renderer(catalog_reader.load(ROOT)).all()
    keys = {SampleKey("list-users", "library", language) for language in USUAL}
    files = {Path(s.path).name: ROOT / "samples" / s.path for s in samples if s.key in keys}
    for place in range(labels.count()):
        # How a reader opens a tab is shown elsewhere; its way into sight takes long.
        labels.nth(place).evaluate("label => label.click()")
        panel = tab_set.locator("> .tabbed-content > .tabbed-block").nth(place)
        page.evaluate("navigator.clipboard.writeText('')")
        panel.locator("button[data-md-type=copy]").click()
        page.wait_for_function("navigator.clipboard.readText().then(Boolean)")
        copied = page.evaluate("navigator.clipboard.readText()").encode()
        with page.expect_download() as download:
            panel.locator("a[download]").click()
        file = files.pop(download.value.suggested_filename)
        assert copied == file.read_bytes() == download.value.path().read_bytes()
    assert files == {}


def test_a_link_to_a_sample_opens_it_and_the_choice_is_kept(
    page: Page, by_zensical: str, shown: Callable[[Page], list[str]]
) -> None:
    page.goto(f"{by_zensical}/#list-users-stdlib-python")
    assert set(shown(page)) == {"Python"}
    page.goto(f"{by_zensical}/?lang=ruby")
    assert set(shown(page)) == {"Ruby"}
    page.goto(f"{by_zensical}/write-a-page/")
    assert "Ruby" in shown(page)


@pytest.fixture
def small(project: Path) -> Path:
    """A project with one page, all of it made an hour ago."""
    (project / "docs").mkdir()
    (project / "docs/index.md").write_text(PAGE)
    (project / "mkdocs.yml").write_text(CONFIG + WATCHED)
    before = time.time() - 3600
    for path in project.rglob("*"):
        os.utime(path, (before, before))
    return project


def _change(project: Path) -> None:
    template = project / "templates/python/sample.py.jinja"
    text = template.read_text()
    assert RUN_LINE in text
    template.write_text(text.replace(RUN_LINE, f"{RUN_LINE} # again"))


def _generate(project: Path) -> None:
    samples = list(Renderer(catalog_reader.load(project)).all())
    tree.write(project, tree.compare(project, samples))


def _record(project: Path) -> None:
    """Put on record, without a run, that all is proved."""
    known = catalog_reader.load(project)
    records.write_record(project, records.all_passed(known, list(Renderer(known).all())))


def _code(page: Page, project: Path) -> str:
    page.goto((project / "site/index.html").as_uri())
    panel = page.locator(".tabbed-block", has=page.locator("a[download='list_users.py']"))
    return panel.locator("pre code").text_content() or ""


def test_after_a_template_has_changed_the_next_build_shows_the_file_or_says_what_is_stale(
    small: Path, page: Page
) -> None:
    config, sample = small / "mkdocs.yml", small / "samples/list-users/library/list_users.py"
    assert _build(config).returncode == 0
    assert _code(page, small) == sample.read_text()
    _change(small)
    stale = _build(config)
    assert stale.returncode != 0
    assert re.search(
        r"docs/index.md:3: samples/.*list_users.py: .*`tabproof generate`", stale.stderr
    )
    _generate(small)
    unproved = _build(config)
    assert unproved.returncode != 0
    assert re.search(
        r"docs/index.md:3: samples/.*: not proved .*`tabproof prove --record`", unproved.stderr
    )
    _record(small)
    done = _build(config)
    assert done.returncode == 0, done.stderr
    assert " # again\n" in sample.read_text()
    assert _code(page, small) == sample.read_text()


@pytest.mark.parametrize(
    ("watch", "missing"),
    [("", "templates and samples"), ("watch: [templates]\n", "samples")],
    ids=["nothing watched", "samples not watched"],
)
def test_a_site_that_would_show_old_samples_is_not_built(
    small: Path, watch: str, missing: str
) -> None:
    (small / "mkdocs.yml").write_text(CONFIG + watch)
    refused = _build(small / "mkdocs.yml")
    assert refused.returncode != 0
    assert "docs/index.md:3: Zensical would keep this page as it is" in refused.stderr
    assert f"add {missing} to `watch` in mkdocs.yml." in refused.stderr


def test_a_wrong_fence_fails_the_build_with_its_page_and_line(small: Path) -> None:
    (small / "docs/index.md").write_text(PAGE.replace("list-users", "nothing"))
    refused = _build(small / "mkdocs.yml")
    assert refused.returncode != 0
    assert "docs/index.md:3: unknown scenario 'nothing'" in refused.stderr
    assert not (small / "site/index.html").exists()


def test_a_page_that_is_served_while_people_work_shows_a_changed_sample(small: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"127.0.0.1:{port}"
    process = subprocess.Popen(
        [*_command("serve", small / "mkdocs.yml"), "--dev-addr", address],
        cwd=small,
        env=os.environ | {LIVE_VARIABLE: "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _until(f"http://{address}/", "python3 list_users.py")
        _change(small)
        _generate(small)
        _until(f"http://{address}/", "python3 list_users.py # again", "Not proved yet.")
    finally:
        process.kill()
        process.wait()


def _until(address: str, *texts: str) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    found = ""
    while not all(text in found for text in texts):
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
        try:
            with urllib.request.urlopen(address) as answer:  # noqa: S310 - our own server
                found = answer.read().decode()
        except OSError:
            found = ""
