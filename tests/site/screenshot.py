"""Makes the README's picture of a tab set from the built site: `make screenshot`."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parent.parent.parent
PICTURE = ROOT / "docs/images/tabs.png"


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 900, "height": 1400})
        page.goto((ROOT / "site/index.html").as_uri())
        # The header would lie over the picture.
        page.add_style_tag(content=".md-header { display: none }")
        tabs = page.locator(".tabbed-set").first
        tabs.locator(".tabbed-labels label", has_text="Python").click()
        page.wait_for_timeout(500)
        tabs.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
