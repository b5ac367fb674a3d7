"""Extensions and options of others: the tabs are right, or the error names the option."""

from __future__ import annotations

import html
from typing import Any

import pytest
from markdown import Extension, Markdown
from markdown.preprocessors import Preprocessor
from tests.pages.rendered import EXTENSIONS, Options, Panels, Render, indented, keyed

from tabproof.pages.extension import FenceError

SHORT = keyed("languages: [python]")
SUPERFENCES = "pymdownx.superfences"
HIGHLIGHT = "pymdownx.highlight"
TABBED = "pymdownx.tabbed"
CHANGED_CODE = "the code of the tab Python is not that of list_users.py; "


def without(*names: str) -> tuple[str, ...]:
    return tuple(name for name in EXTENSIONS if name not in names)


def changed(source: str, *_arguments: Any, **_options: Any) -> str:
    return f"<pre><code>{html.escape(source.upper())}</code></pre>"


def every_option(*_arguments: Any) -> bool:
    return True


def custom(name: str) -> Options:
    fence = {"name": name, "class": "x", "format": changed, "validator": every_option}
    return {SUPERFENCES: {"custom_fences": [fence]}}


@pytest.mark.parametrize(
    "options",
    [
        {SUPERFENCES: {"preserve_tabs": True}},
        {SUPERFENCES: {"relaxed_headers": True}},
        {SUPERFENCES: {"disable_indented_code_blocks": True}},
        {SUPERFENCES: {"css_class": "x"}},
        custom("tabproof"),
        {HIGHLIGHT: {"line_spans": "__span", "anchor_linenums": True}},
        {HIGHLIGHT: {"auto_title": True, "pygments_lang_class": True, "guess_lang": True}},
        {HIGHLIGHT: {"stripnl": False, "noclasses": True, "code_attr_on_pre": True}},
        {HIGHLIGHT: {"linenums": True, "linenums_style": "pymdownx-inline"}},
        {HIGHLIGHT: {"linenums": True, "linenums_special": 2}},
        {TABBED: {"alternate_style": True, "combine_header_slug": True}},
    ],
)
@pytest.mark.parametrize("place", ["{}", "- a\n\n    {}\n"])
def test_an_option_that_changes_no_code_leaves_the_tabs_as_they_are(
    render: Render, options: Options, place: str
) -> None:
    text = SHORT if place == "{}" else f"- a\n\n{indented(SHORT, 4)}\n"
    found = Panels(render(text, options))
    plain = Panels(render(SHORT))
    assert (found.labels, found.codes) == (plain.labels, plain.codes)
    assert len(plain.codes) == 1


def test_without_indented_code_an_indented_fence_is_one(render: Render) -> None:
    options = {SUPERFENCES: {"disable_indented_code_blocks": True}}
    assert Panels(render(f"text\n\n{indented(SHORT, 4)}", options)).labels == ["Python"]
    assert Panels(render(f"text\n\n{indented(SHORT, 4)}")).labels == []


@pytest.mark.parametrize(
    "extensions",
    [
        ("tabproof", *without("tabproof")),
        ("fenced_code", *EXTENSIONS),
        ("codehilite", *EXTENSIONS),
        (*without(HIGHLIGHT, "tabproof"), "tabproof", "meta", "nl2br", "sane_lists", "smarty"),
    ],
)
def test_the_order_of_extensions_and_others_beside_it_do_not_matter(
    render: Render, extensions: tuple[str, ...]
) -> None:
    assert Panels(render(SHORT, None, extensions)).codes == Panels(render(SHORT)).codes


@pytest.mark.parametrize(
    ("options", "extensions", "words"),
    [
        (
            {},
            without(SUPERFENCES, HIGHLIGHT),
            "tabs need pymdownx.superfences; list it in mkdocs.yml.",
        ),
        (
            {},
            (*EXTENSIONS, "fenced_code"),
            "tabs need pymdownx.superfences in place of fenced_code; list it in mkdocs.yml.",
        ),
        (
            {},
            without(TABBED),
            "tabs need pymdownx.tabbed with `alternate_style: true`; write both in mkdocs.yml.",
        ),
        (
            {TABBED: {"alternate_style": False}},
            EXTENSIONS,
            "tabs need pymdownx.tabbed with `alternate_style: true`; write both in mkdocs.yml.",
        ),
        (
            {HIGHLIGHT: {"use_pygments": False}},
            EXTENSIONS,
            (
                "tabs need Pygments; remove `use_pygments: false` of pymdownx.highlight from "
                "mkdocs.yml."
            ),
        ),
        (
            custom("python"),
            EXTENSIONS,
            (
                f"{CHANGED_CODE}the custom fence `python` of pymdownx.superfences takes it: remove "
                "that."
            ),
        ),
        (
            custom("*"),
            EXTENSIONS,
            f"{CHANGED_CODE}the custom fence `*` of pymdownx.superfences takes it: remove that.",
        ),
    ],
)
def test_what_would_hide_or_change_the_tabs_is_refused_by_name(
    render: Render, options: Options, extensions: tuple[str, ...], words: str
) -> None:
    with pytest.raises(FenceError) as raised:
        render(f"# A page\n\n{SHORT}", options, extensions)
    assert raised.value.message == f"docs/page.md:3: {words}"


class Late(Extension):
    """Puts lines at the end of a page after the fences have been read."""

    def __init__(self, lines: list[str], priority: float) -> None:
        super().__init__()
        self.lines, self.priority = lines, priority

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        late = self

        class Append(Preprocessor):
            def run(self, lines: list[str]) -> list[str]:
                return [*lines, "", *late.lines]

        md.preprocessors.register(Append(md), "late", self.priority)


@pytest.mark.parametrize("priority", [29, 22, 15])
@pytest.mark.parametrize("fence", [SHORT, "- a\n\n" + indented(SHORT, 4), SHORT.replace("`", "~")])
def test_a_fence_that_comes_too_late_is_refused(
    shared: object, fence: str, priority: float
) -> None:
    extensions: list[Any] = [*EXTENSIONS, Late(fence.split("\n"), priority)]
    options: dict[str, dict[str, Any]] = {
        "tabproof": {"root": str(shared)},
        TABBED: {"alternate_style": True},
    }
    with pytest.raises(FenceError) as raised:
        Markdown(extensions=extensions, extension_configs=options).convert("text")
    assert "this fence is shown as code." in raised.value.message
