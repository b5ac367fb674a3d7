"""Pages that keep their fences as comments, and are renewed in place."""

from __future__ import annotations

import pytest

from tabproof.errors import InputError
from tabproof.model.sample import Sample, SampleKey
from tabproof.pages.expand.expansion import Expansion, Style, expand
from tabproof.pages.sites.site_formats import FORMATS
from tabproof.pages.tab_set import Tab, TabSet

FENCE = "```tabproof\nscenario: made-up\nvariant: library\n```"


def sets_of(text: str) -> tuple[TabSet, ...]:
    sample = Sample(SampleKey("made-up", "library", "ruby"), "made-up/library/x.rb", text, {})
    tab = Tab("ruby", "Ruby", "ruby", "x.rb", text, 1, None, sample, "Run.")
    return (TabSet("made-up", "made-up", "library", "With a library", False, (tab,)),)  # noqa: FBT003 - the struct's order


def expanded(text: str, site: str, *, in_place: bool = True, code: str = "a\n") -> Expansion:
    style = Style(form=FORMATS[site], in_place=in_place)
    return expand(text.split("\n"), style, lambda _fence, _language: sets_of(code), "docs/x.mdx")


def page(text: str, site: str, *, in_place: bool = True, code: str = "a\n") -> str:
    return "\n".join(expanded(text, site, in_place=in_place, code=code).lines)


TEXTS = [
    FENCE,
    f"---\ntitle: x\n---\n\n# X\n\n{FENCE}\n\ntext\n\n{FENCE}\n",
    f"text\n{FENCE}\ntext",
    "- item\n\n    " + FENCE.replace("\n", "\n    "),
    "> " + FENCE.replace("\n", "\n> "),
]


@pytest.mark.parametrize("site", list(FORMATS))
@pytest.mark.parametrize("text", TEXTS)
def test_a_renewed_page_is_the_same_and_follows_its_samples(site: str, text: str) -> None:
    once = page(text, site)
    again = expanded(once, site)
    assert "\n".join(again.lines) == once
    assert (again.edited, again.count) == ((), text.count("```tabproof"))
    renewed = page(once, site, code="b\n\nc\n")
    assert renewed == page(text, site, code="b\n\nc\n")
    assert renewed != once
    assert page(renewed, site) == once


@pytest.mark.parametrize("site", ["docusaurus", "gfm"])
def test_a_region_is_written_out_without_its_comment_elsewhere(site: str) -> None:
    assert page(page(FENCE, site), site, in_place=False) == page(FENCE, site, in_place=False)


def test_tabs_that_were_changed_by_hand_are_named() -> None:
    text = page(f"# X\n\n{FENCE}\n\n{FENCE}", "docusaurus")
    changed = text[::-1].replace("\na\n", "\nb\n", 1)[::-1]
    assert changed != text
    [edited] = expanded(changed, "docusaurus").edited
    lines = changed.split("\n")
    assert lines[edited.number - 1] == "{/* tabproof"
    assert edited.number == len(lines) - lines[::-1].index("{/* tabproof")


def test_a_region_that_moved_into_a_list_was_not_changed_by_hand() -> None:
    moved = "- item\n\n" + "\n".join(
        f"  {line}" if line else "" for line in page(FENCE, "gfm").split("\n")
    )
    assert expanded(moved, "gfm").edited == ()
    assert page(moved, "gfm") == moved


def test_a_region_that_is_shown_as_an_example_is_left() -> None:
    example = f"````markdown\n{page(FENCE, 'gfm')}\n````"
    assert page(example, "gfm", code="b\n") == example


def test_a_comment_of_mdx_hides_the_fence_in_it() -> None:
    hidden = f"{{/* for later:\n\n{FENCE}\n\n*/}}\n\ntext"
    assert page(hidden, "docusaurus") == hidden


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# X\n\n{/* tabproof\nscenario: x\n*/}\n\n<Tabs>\n", "3: this region has no end; write"),
        (
            "{/* tabproof\na: x\n*/}\n\n{/* tabproof\na: x\n*/}\n\n{/* tabproof: end 0 */}\n",
            "1: this region has no end",
        ),
        (
            "# X\n\n{/* tabproof: end abc */}\n",
            "3: a region's end without its beginning; remove the line.",
        ),
        ("# X\n\n```tabproof\nscenario: x\n", "3: this fence is never closed."),
        ("```tabproof ruby\na: x\n```", "1: write nothing after `tabproof`"),
        ("text\n\n```tabproof-proof\n```", "3: a `tabproof-proof` fence works only with"),
        ('```tabproof\nscenario: x\nvariant: library\ntitle: "*/}"\n```', "1: a key holds `*/}`"),
        ("---\na: b\n---\n\n```tabproof\nscenario: x\nvarient: y\n```", "7: unknown key 'varient'"),
        (f"!!! note\n\n    {FENCE}".replace("\n", "\n    "), "1: `!!!` is Markdown of MkDocs, and"),
    ],
)
def test_a_page_that_cannot_be_written_out_is_refused_with_its_line(text: str, words: str) -> None:
    with pytest.raises(InputError) as raised:
        page(text, "docusaurus")
    assert str(raised.value).startswith(f"docs/x.mdx:{words}")


def test_a_fence_in_a_block_of_mkdocs_is_refused_for_github_too() -> None:
    with pytest.raises(InputError, match=r"x\.mdx:1: `!!!` is .*such as `> \[!NOTE\]`"):
        page("!!! note\n\n    " + FENCE.replace("\n", "\n    "), "gfm")


def test_a_line_in_a_region_is_counted_as_the_file_has_it() -> None:
    text = f"{page(FENCE, 'docusaurus')}\n\n```tabproof\nscenario: x\n```"
    with pytest.raises(InputError) as raised:
        page(text, "docusaurus")
    line = len(text.split("\n")) - 2
    assert str(raised.value).startswith((f"docs/x.mdx:{line}: ", f"docs/x.mdx:{line + 1}: "))


DOCUSAURUS = "import Tabs from '@theme/Tabs';\nimport TabItem from '@theme/TabItem';"
STARLIGHT = "import { Tabs, TabItem } from '@astrojs/starlight/components';"


@pytest.mark.parametrize(
    ("site", "head", "added"),
    [
        ("docusaurus", "", 2),
        ("docusaurus", DOCUSAURUS, 0),
        ("docusaurus", 'import Tabs from "@theme/Tabs"', 1),
        ("docusaurus", f"```js\n{DOCUSAURUS}\n```", 2),
        ("starlight", "", 2),
        ("starlight", STARLIGHT, 0),
        ("starlight", "import {\n  Card,\n  Tabs,\n} from '@astrojs/starlight/components';", 1),
        ("starlight", "import { Card as Tab } from '@astrojs/starlight/components'", 2),
        ("gfm", "", 0),
    ],
)
def test_the_imports_that_a_page_lacks_are_added_once(site: str, head: str, added: int) -> None:
    text = f"---\ntitle: x\n---\n{head}\n\n# X\n\n{FENCE}\n\n{FENCE}"
    before = text.count("import ")
    once = page(text, site)
    assert once.count("import ") == before + added
    assert once.startswith("---\ntitle: x\n---\n")
    assert page(once, site) == once


def test_another_component_of_that_name_is_refused_with_its_line() -> None:
    text = f"---\ntitle: x\n---\n\nimport Tabs from '@site/src/Tabs';\n\n{FENCE}"
    with pytest.raises(InputError, match=r"x\.mdx:5: `Tabs` is imported from '@site/src/Tabs'"):
        page(text, "docusaurus")


def test_a_page_without_a_fence_is_left_as_it_is() -> None:
    text = "---\ntitle: x\n---\n\n# X <b>\n\n    code\n"
    for site in FORMATS:
        assert page(text, site) == text
