"""Makes the README's pictures of a tab set from the built site: `make screenshot`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Literal

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parent.parent.parent
PICTURES: tuple[tuple[Literal["light", "dark"], str], ...] = (
    ("light", "docs/images/tabs.png"),
    ("dark", "docs/images/tabs-dark.png"),
)
"""Colour scheme, and where its picture is."""


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for scheme, picture in PICTURES:
            page = browser.new_page(viewport={"width": 900, "height": 1400}, color_scheme=scheme)
            page.goto((ROOT / "site/index.html").as_uri())
            # The header would lie over the picture.
            page.add_style_tag(content=".md-header { display: none }")
            tabs = page.locator(".tabbed-set").first
            tabs.locator(".tabbed-labels label", has_text="Python").click()
            page.wait_for_timeout(500)
            tabs.screenshot(path=ROOT / picture)
        browser.close()


if __name__ == "__main__":
    main()
