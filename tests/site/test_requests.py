"""What the pages ask of the network, and what they say in the console."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

Noted: TypeAlias = Callable[[Sequence[str]], tuple[list[str], list[str]]]


def test_the_pages_ask_no_other_host_log_no_error_and_lack_no_file(
    site: str, pages: list[str], trial: str, noted: Noted
) -> None:
    asked, wrong = noted([*pages, f"{trial}/", f"{trial}/kinds/"])
    ours = (f"{site}/", f"{trial}/", "data:", "blob:")
    assert len(asked) > len(pages)
    assert [url for url in asked if not url.startswith(ours)] == []
    assert wrong == []
