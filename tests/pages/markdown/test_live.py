from __future__ import annotations

import click
import pytest

from tabproof.pages.markdown.tab_elements import fault_html
from tabproof.pages.site import LIVE_VARIABLE, is_live


@pytest.mark.parametrize(
    ("command", "variable", "expected"),
    [
        ("serve", "1", True),
        ("serve", "", False),
        ("build", "1", False),
        ("gh-deploy", "1", False),
        ("expand", "1", False),
    ],
)
def test_only_what_serves_pages_under_a_watch_is_live(
    monkeypatch: pytest.MonkeyPatch, command: str, variable: str, *, expected: bool
) -> None:
    monkeypatch.setenv(LIVE_VARIABLE, variable)
    with click.Context(click.Command(command), info_name=command):
        assert is_live() is expected


def test_a_server_that_is_no_command_of_click_is_live(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LIVE_VARIABLE, "1")
    assert is_live()


def test_a_fault_on_a_page_is_text() -> None:
    assert "<p>a &lt;b&gt; &amp; c</p>" in fault_html("a <b> & c")
