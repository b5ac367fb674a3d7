"""What the pages ask of the network, and what they say in the console."""

from __future__ import annotations

from playwright.sync_api import Page


def test_the_pages_ask_no_other_host_log_no_error_and_lack_no_file(
    page: Page, site: str, pages: list[str], trial: str, noted: tuple[list[str], list[str]]
) -> None:
    asked, wrong = noted
    for address in [*pages, f"{trial}/", f"{trial}/kinds/"]:
        page.goto(address, wait_until="networkidle")
    ours = (f"{site}/", f"{trial}/", "data:", "blob:")
    assert len(asked) > len(pages)
    assert [url for url in asked if not url.startswith(ours)] == []
    assert wrong == []
