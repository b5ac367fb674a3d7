"""What each site's own parser makes of tabs, whatever is in them."""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence
from typing import Any

import jinja2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tabproof.errors import InputError
from tabproof.model.sample import Sample, SampleKey
from tabproof.pages.expand.expansion import Style, expand
from tabproof.pages.sites.site_formats import FORMATS
from tabproof.pages.tab_set import Tab, TabSet

FENCE = "```tabproof\nscenario: made-up\nvariant: library\n```"
STATUS = "Run on 2026-11-24 in 3 cases."
AROUND = {
    "alone": FENCE,
    "right after a paragraph": f"text\n{FENCE}\ntext",
    "in an item, indented by 2": "- item\n\n  " + FENCE.replace("\n", "\n  "),
    "in a numbered item, indented by 3": "1. item\n\n   " + FENCE.replace("\n", "\n   "),
    "in an item in an item": "- a\n\n  - b\n\n    " + FENCE.replace("\n", "\n    "),
    "as an item's first line": "- " + FENCE.replace("\n", "\n  "),
    "in a quotation": "> text\n>\n> " + FENCE.replace("\n", "\n> "),
    "by tildes": FENCE.replace("```", "~~~~"),
}
SITES = ["docusaurus", "starlight", "gfm"]


def tab(text: str, label: str = "Ruby", status: str = STATUS, **more: Any) -> Tab:
    title = more.pop("title", "list_users.rb")
    language = more.pop("language", "ruby")
    sample = Sample(SampleKey("made-up", "library", language), "made-up/x/list_users.rb", text, {})
    first, highlight = more.pop("first_line", 1), more.pop("highlight", None)
    return Tab(language, label, "ruby", title, text, first, highlight, sample, status)


def tab_set(*tabs: Tab, linenums: bool = False) -> TabSet:
    return TabSet("made-up", "made-up", "library", "With a library", linenums, tabs)


def page(
    site: str,
    sets: Sequence[TabSet],
    text: str = FENCE,
    *,
    in_place: bool = False,
    raw: bool = False,
) -> str:
    lines = text.split("\n")
    chosen = Style(form=FORMATS[site], in_place=in_place, raw=raw)
    made = expand(lines, chosen, lambda _fence, _language: tuple(sets), "docs/x.mdx")
    return "\n".join(made.lines)


@pytest.fixture
def reader(request: pytest.FixtureRequest, site: str) -> Callable[[Sequence[str]], list[Any]]:
    """The parser of a site."""
    name = site if site in ("gfm", "material") else "mdx"
    found: Callable[[Sequence[str]], list[Any]] = request.getfixturevalue(name)
    return found


CODE = 'if (a < b) { {{x}} } // *not* _marked_ `here`\n\n\t<Tabs> {"${y}"} &amp; \\n\n   end  \n'


@pytest.mark.parametrize("site", SITES)
def test_code_and_words_are_the_same_wherever_the_fence_stands(
    site: str, reader: Callable[[Sequence[str]], list[Any]]
) -> None:
    tabs = [tab(CODE), tab("````\n```\n", label="C#", language="csharp")]
    pages = [page(site, [tab_set(*tabs)], text) for text in AROUND.values()]
    pages += [page(site, [tab_set(*tabs)], text, in_place=True) for text in AROUND.values()]
    seen = reader(pages)
    assert len(seen) == 2 * len(AROUND)
    for each, where in zip(seen, [*AROUND, *AROUND], strict=True):
        assert each.codes == [CODE, "````\n```\n"], where
        assert each.words == [STATUS, STATUS], where
        assert len(each.labels) == 2, where


TEXT = st.text(
    st.characters(exclude_categories=["C", "Zl", "Zp", "Zs"], include_characters=" \t\n"),
    min_size=1,
)
WORDS = (
    st.text(st.sampled_from(string.ascii_letters + string.punctuation + " é"), min_size=1)
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)


@pytest.mark.parametrize("site", SITES)
@settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(found=st.lists(st.tuples(TEXT, WORDS, WORDS), min_size=20, max_size=40))
def test_any_code_label_and_words_are_read_back_as_they_are(
    site: str, reader: Callable[[Sequence[str]], list[Any]], found: list[tuple[str, str, str]]
) -> None:
    sets = [tab_set(tab(f"{code}\n", label, words)) for code, label, words in found]
    seen = reader([page(site, [each]) for each in sets])
    assert [each.codes for each in seen] == [[f"{code}\n"] for code, _, _ in found]
    assert [each.words for each in seen] == [[words] for _, _, words in found]
    named = [label if site != "gfm" else f"{label}: list_users.rb" for _, label, _ in found]
    assert [each.labels for each in seen] == [[label] for label in named]


def test_material_shows_the_code_and_the_words(
    material: Callable[[Sequence[str]], list[Any]],
) -> None:
    in_list = "- item\n\n    " + FENCE.replace("\n", "\n    ")
    in_note = "!!! note\n\n    " + FENCE.replace("\n", "\n    ")
    texts = [FENCE, in_list, in_note]
    shown = [tab_set(tab(CODE.replace("\t", "  ")))]
    pages = [page("material", shown, text) for text in texts]
    pages += [page("material", shown, text, in_place=True) for text in texts]
    for each in material(pages):
        assert (each.labels, each.words) == (["Ruby"], [STATUS])
        assert each.codes == [CODE.replace("\t", "  ")]


def test_a_tab_that_python_markdown_would_make_spaces_of_is_refused() -> None:
    with pytest.raises(InputError, match=r"x\.mdx:1: list_users\.rb: holds a tab, and Python-Mark"):
        page("material", [tab_set(tab("a\n\tb\n"))])


@pytest.mark.parametrize(
    ("site", "info"),
    [
        ("docusaurus", 'ruby {2-3} title="list_users.rb" showLineNumbers=7'),
        (
            "starlight",
            'ruby {2-3} title="list_users.rb" frame="code" showLineNumbers startLineNumber=7',
        ),
    ],
)
def test_marked_lines_title_and_numbers_are_in_the_sites_own_words(
    site: str, info: str, mdx: Callable[[Sequence[str]], list[Any]]
) -> None:
    shown = tab_set(tab("a\nb\nc\n", highlight=(2, 3), first_line=7), linenums=True)
    [seen] = mdx([page(site, [shown])])
    assert seen.infos == [info]


def test_what_github_cannot_mark_is_said_in_words(
    gfm: Callable[[Sequence[str]], list[Any]],
) -> None:
    shown = tab_set(tab("a\nb\nc\n", highlight=(2, 3), first_line=7), linenums=True)
    [seen] = gfm([page("gfm", [shown])])
    assert seen.words == ["Lines 7 to 9 of list_users.rb.", "Marked: lines 2 to 3.", STATUS]


def test_a_title_is_read_back_as_it_is(mdx: Callable[[Sequence[str]], list[Any]]) -> None:
    titles = ["C:\\*a", 'the "b"', "the 'c'", "`d` & &amp; <e> {f}"]
    sets = [tab_set(tab("x\n", title=title)) for title in titles]
    wanted = ['"C:\\*a"', "'the \"b\"'", "\"the 'c'\"", '"`d` & &amp; <e> {f}"']
    seen = mdx([page("docusaurus", [each]) for each in sets])
    assert [each.infos for each in seen] == [[f"ruby title={title}"] for title in wanted]


def test_a_title_that_no_site_can_quote_is_refused_with_its_line() -> None:
    with pytest.raises(InputError, match=r"^docs/x\.mdx:3: the title .* holds both kinds"):
        page("docusaurus", [tab_set(tab("x\n", title="\"a\" 'b'"))], f"# A page\n\n{FENCE}")


def test_a_comment_that_docusaurus_takes_out_of_the_code_is_refused() -> None:
    shown = tab_set(tab("a\n# highlight-next-line\nb\n"))
    with pytest.raises(InputError, match="takes the comment `highlight-next-line` out"):
        page("docusaurus", [shown])
    assert "highlight-next-line" in page("starlight", [shown])


@pytest.mark.parametrize("site", FORMATS)
@pytest.mark.parametrize("sets", [1, 2])
def test_there_are_no_two_blank_lines_but_in_the_code(site: str, sets: int) -> None:
    shown = [tab_set(tab("a\n\n\nb\n"), tab("c\n", "cURL", language="curl"))] * sets
    made = page(site, shown, f"text\n\n{FENCE}\n\ntext\n")
    for code in ("a\n\n\nb\n", "a\n\n\n        b\n", "a\n\n\n    b\n"):
        made = made.replace(code, "")
    assert "b\n" not in made
    assert "\n\n\n" not in made


@pytest.mark.parametrize("site", ["material", "gfm"])
def test_raw_tabs_come_through_a_site_that_renders_pages_as_templates(site: str) -> None:
    code = 'echo "${#key}" "{{ 7*7 }}" {% if x %}\n# ${name#}\n'
    text = page(site, [tab_set(tab(code))], raw=True)
    rendered = jinja2.Environment(autoescape=True).from_string(text).render()
    plain = page(site, [tab_set(tab(code))])
    assert rendered.strip() == plain.strip()


def test_a_sample_that_would_end_what_is_raw_is_refused() -> None:
    with pytest.raises(InputError, match=r"holds `\{% endraw`"):
        page("gfm", [tab_set(tab("{%- endraw %}\n"))], raw=True)
