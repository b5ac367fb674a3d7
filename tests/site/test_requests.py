"""What the pages ask of the network, and what they say in the console."""

from __future__ import annotations

from playwright.sync_api import Page


def test_the_pages_ask_no_other_host_log_no_error_and_lack_no_file(
    page: Page, site: str, pages: list[str], trial: str
) -> None:
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda m: wrong.append(m.text) if m.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("response", lambda r: wrong.append(r.url) if r.status >= 400 else None)
    for address in [*pages, f"{trial}/", f"{trial}/kinds/"]:
        page.goto(address, wait_until="networkidle")
    ours = (f"{site}/", f"{trial}/", "data:", "blob:")
    assert len(asked) > len(pages)
    assert [url for url in asked if not url.startswith(ours)] == []
    assert wrong == []
