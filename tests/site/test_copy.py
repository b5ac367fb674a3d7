"""What a reader copies and downloads: the bytes of the sample, which run."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from click.testing import CliRunner
from playwright.sync_api import Locator, Page
from tests.languages import USUAL

from tabproof.cli import main
from tabproof.project import catalog_reader
from tabproof.render.renderer import Renderer

ROOT = Path(__file__).parent.parent.parent
SAMPLES = ROOT / "samples"
FOLDERS = {f"{folder.parent.name}-{folder.name}": folder for folder in SAMPLES.glob("*/*/")}


def _panels(tab_set: Locator) -> Iterator[tuple[Path, Locator]]:
    """Open each tab of a set; give the file that it is about, and its panel."""
    labels = tab_set.locator("> .tabbed-labels > label")
    count = labels.count()
    assert count > 0, "there is no such tab set"
    for place in range(count):
        # How a reader opens a tab is shown elsewhere; its way into sight takes long.
        labels.nth(place).evaluate("label => label.click()")
        panel = tab_set.locator("> .tabbed-content > .tabbed-block").nth(place)
        name = panel.locator("a[download]").get_attribute("download")
        button = labels.nth(place).get_attribute("for") or ""
        folder = next(FOLDERS[each] for each in FOLDERS if button.startswith(f"{each}-"))
        yield folder / str(name), panel


def _copied(page: Page, panel: Locator) -> bytes:
    page.evaluate("navigator.clipboard.writeText('')")
    panel.locator("button[data-md-type=copy]").click()
    page.wait_for_function("navigator.clipboard.readText().then(Boolean)")
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text.encode()


def _downloaded(page: Page, panel: Locator) -> tuple[str, bytes]:
    with page.expect_download() as download:
        panel.locator("a[download]").click()
    return download.value.suggested_filename, download.value.path().read_bytes()


def _whole_sets(page: Page) -> Iterator[Locator]:
    """The sets that show whole samples; those of a variant that is not chosen, too."""
    for tab_set in page.locator(".tabproof[data-tabproof=lang]").all():
        if not tab_set.is_visible():
            outer = page.locator(".tabproof[data-tabproof=variant]").filter(has=tab_set)
            for label in outer.locator("> .tabbed-labels > label").all():
                if not tab_set.is_visible():
                    label.click()
        if tab_set.locator("[data-tabproof-text]").count() == 0:
            yield tab_set


def test_each_tab_on_each_page_copies_and_downloads_a_whole_sample(
    page: Page, pages: list[str], having: Callable[[Page, Sequence[str], str], list[str]]
) -> None:
    seen = set()
    page.emulate_media(reduced_motion="reduce")
    page.goto(pages[0])
    for address in having(page, pages, ".tabproof"):
        page.goto(address)
        for tab_set in _whole_sets(page):
            for file, panel in _panels(tab_set):
                assert _copied(page, panel) == file.read_bytes()
                assert _downloaded(page, panel) == (file.name, file.read_bytes())
                seen.add(file)
    samples = list(Renderer(catalog_reader.load(ROOT)).all())
    usual = {SAMPLES / sample.path for sample in samples if sample.key.language in USUAL}
    assert usual <= seen <= {SAMPLES / sample.path for sample in samples}


def test_numbers_marks_and_a_title_of_ones_own_are_no_part_of_what_is_copied(
    page: Page, trial: str
) -> None:
    page.goto(f"{trial}/kinds/")
    tab_set = page.locator(".tabproof", has_text="In a note").last
    for file, panel in _panels(tab_set):
        assert panel.locator(".linenos, [data-linenos]").count() > 0
        assert panel.locator(".hll").count() > 0
        assert _copied(page, panel) == file.read_bytes()
        assert _downloaded(page, panel) == (file.name, file.read_bytes())


def test_of_a_step_its_lines_are_copied_and_the_whole_file_is_downloaded(
    page: Page, trial: str
) -> None:
    samples = {sample.path: sample for sample in Renderer(catalog_reader.load(ROOT)).all()}
    page.goto(f"{trial}/kinds/")
    tab_set = page.locator(".tabproof", has=page.locator("#list-users-library-token")).last
    for file, panel in _panels(tab_set):
        sample = samples[file.relative_to(SAMPLES).as_posix()]
        first, last = sample.steps["token"]
        lines = sample.text.splitlines(keepends=True)[first - 1 : last]
        assert _copied(page, panel).decode() == textwrap.dedent("".join(lines))
        assert _downloaded(page, panel) == (file.name, file.read_bytes())


def test_the_samples_of_a_set_run_as_they_were_copied(
    page: Page, site: str, tmp_path: Path
) -> None:
    """A project with nothing but these bytes for samples is proved against the mock API."""
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    page.goto(f"{site}/")
    copied = []
    for file, panel in _panels(page.locator(".tabproof").nth(1)):
        target = tmp_path / file.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_copied(page, panel))
        copied.append(target)
    assert len(copied) == len(USUAL)
    run = [language for language in USUAL if language != "csharp"]  # two builds take too long
    chosen = [word for language in run for word in ("--language", language)]
    chosen += ["--scenario", "list-users", "--variant", "stdlib", "--case", "success"]
    arguments = ["--root", str(tmp_path), "prove", "--fresh", "--format", "json", *chosen]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    samples = json.loads(done.stdout)["samples"]
    assert len(samples) == len(run)
    assert {tmp_path / sample["file"] for sample in samples} < set(copied)
    for sample in samples:
        wanted = "passed" if sample["toolchains"] else "skipped"
        assert {each["verdict"] for each in sample["results"]} == {wanted}, sample
