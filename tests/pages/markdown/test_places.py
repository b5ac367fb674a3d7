"""Where a fence may stand, and where it is an example.

C29 and C30 of the public reports: raw fence text on a published page, and the page that explains
the fence showing tabs in its place.
"""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from markdown import Markdown
from tests.pages.rendered import EXTENSIONS, FENCE, Panels, Render, indented, keyed, visible

from tabproof.pages.extension import FenceError
from tabproof.pages.fence_scanner import MisplacedError, fences

SHORT = keyed("languages: [csharp, node]")
LABELS = ["C#", "Node"]
CASES = "```tabproof-cases\n```"
PROOF = "```tabproof-proof\n```"
NONE_SUCH = "```tabproof\nscenario: none-such\nvariety: x\n```"

CONTAINERS = {
    "admonition": ("!!! note\n\n{4}\n\nafter", ".//div[@class='admonition note']"),
    "admonition, at once": ("!!! note\n{4}\nafter", ".//div[@class='admonition note']"),
    "details": ("??? note\n\n{4}\n\nafter", ".//details"),
    "open details": ("???+ note\n\n{4}\n\nafter", ".//details"),
    "list": ("- item\n\n{4}\n\n- next\n\nafter", ".//ul/li"),
    "list, at once": ("- item\n{4}\n- next\n\nafter", ".//ul/li"),
    "list, going on": ("- item\n{2}\n- next\n\nafter", ".//ul/li"),
    "numbered list": ("1. item\n\n{4}\n\n2. next\n\nafter", ".//ol/li"),
    "list in a list": ("- a\n    - b\n\n{8}\n\n    - c\n\nafter", ".//ul/li/ul/li"),
    "note in a list": (
        "- a\n\n    !!! note\n\n{8}\n\nafter",
        ".//li/div[@class='admonition note']",
    ),
    "list, tabs": ("- item\n\n{tab}\n\nafter", ".//ul/li"),
    "list, tabs and spaces": ("- item\n\n{mixed}\n\nafter", ".//ul/li"),
    "quote": ("> text\n>\n{>}\n\nafter", ".//blockquote"),
    "quote, at once": ("> text\n{>}\n> more\n\nafter", ".//blockquote"),
    "quote in a quote": ("> text\n>\n{>>}\n\nafter", ".//blockquote/blockquote"),
    "quote in a list": ("- a\n\n{4>}\n\nafter", ".//li/blockquote"),
    "div": ("<div markdown>\n{0}\n</div>\n\nafter", "./div"),
    "div with more": ('<div class="x" markdown="1">\n\ntext\n\n{0}\n\n</div>\n\nafter', "./div"),
    "footnote": ("text[^1]\n\n[^1]:\n    note\n\n{4}\n\nafter", ".//div[@class='footnote']"),
    "definition": ("term\n:   text\n\n{4}\n\nafter", ".//dl/dd"),
    "definition, at once": ("term\n:   text\n{4}\n\nafter", ".//dl/dd"),
}


def filled(text: str, fence: str) -> str:
    indents: dict[str, int | str] = {"0": 0, "2": 2, "4": 4, "8": 8, ">": "> ", ">>": "> > "}
    indents |= {"4>": "    > ", "tab": "\t"}
    forms = {name: indented(fence, by) for name, by in indents.items()}
    first, _newline, rest = fence.partition("\n")
    forms["mixed"] = "\t" + first + "\n" + indented(rest, 4)
    return re.sub(r"{([0-9>]+|tab|mixed)}", lambda match: forms[match[1]], text)


@pytest.fixture
def codes(shared: Path) -> list[str]:
    names = ("ListUsers.cs", "list-users.mjs")
    return [(shared / "samples/list-users/library" / name).read_text() for name in names]


def inside(page: str, path: str) -> str:
    bare = re.sub(r"<(style|script)>.*?</\1>", "", page.replace("&nbsp;", " "), flags=re.DOTALL)
    found = ET.fromstring(f"<page>{bare}</page>").find(path)  # noqa: S314 - our own page
    assert found is not None
    return ET.tostring(found, encoding="unicode")


@pytest.mark.parametrize("container", CONTAINERS)
def test_in_a_container_the_fence_is_a_tab_set_inside_of_it(
    render: Render, codes: list[str], container: str
) -> None:
    text, path = CONTAINERS[container]
    page = render(filled(text, SHORT))
    found = Panels(inside(page, path))
    assert (found.labels, found.codes) == (LABELS, codes)
    assert Panels(page).sets == 1
    after = page.rpartition("tabbed-content")[2] + page.partition("tabbed-set")[0]
    assert "after" in visible(after)
    assert "scenario" not in visible(page)


@pytest.mark.parametrize("container", CONTAINERS)
def test_in_a_container_a_table_fence_is_a_table_inside_of_it(
    render: Render, container: str
) -> None:
    text, path = CONTAINERS[container]
    page = render(filled(text, CASES))
    assert "<table" in inside(page, path)
    assert page.count("<table>") == 1
    assert "tabproof-cases" not in page


def test_inside_another_tab_the_fence_is_a_set_of_its_own(render: Render) -> None:
    text = f'=== "A"\n\n{indented(SHORT, 4)}\n\n=== "B"\n\n    x'
    page = Panels(render(text))
    assert page.sets == 2
    assert page.labels == ["A", "B", *LABELS]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        (f"{SHORT}\n\n{SHORT}", [LABELS, LABELS]),
        (f"{SHORT}\n{SHORT}", [LABELS, LABELS]),
        (f'=== "macOS"\n\n    brew\n\n{SHORT}', [["macOS"], LABELS]),
        (f'=== "macOS"\n    brew\n{SHORT}', [["macOS"], LABELS]),
        (f'{SHORT}\n\n=== "macOS"\n\n    brew', [LABELS, ["macOS"]]),
        (f'{SHORT}\n=== "macOS"\n\n    brew', [LABELS, ["macOS"]]),
        (f'- a\n\n{indented(SHORT, 4)}\n\n    === "macOS"\n\n        brew', [LABELS, ["macOS"]]),
    ],
)
def test_sets_that_stand_together_stay_apart(
    render: Render, text: str, labels: list[list[str]]
) -> None:
    pieces = render(text).split('class="tabbed-labels"')[1:]
    assert [Panels(piece.partition("</div>")[0]).labels for piece in pieces] == labels


@pytest.mark.parametrize(
    "text",
    [
        SHORT.replace("```", "~~~"),
        SHORT.replace("```", "`````"),
        SHORT.replace("```tabproof", "``` tabproof"),
        SHORT.replace("```tabproof", "```tabproof  "),
        f"{SHORT}`",
        SHORT.replace("\n", "\r\n"),
        SHORT.replace("\n", "\r"),
        f"   {SHORT.replace(chr(10), chr(10) + '   ')}",
        f"text\n{SHORT}\ntext",
        f"# Heading\n{SHORT}",
        f"{SHORT}\n---",
        f"| a |\n| - |\n| b |\n{SHORT}",
        f"- item\n{SHORT}",
        f"<!-- a comment -->\n\n{SHORT}",
        f"<!-- a\n\ncomment -->\n{SHORT}",
        f"<!--\n```\n-->\n\n{SHORT}",
        f"Write `<!--` to begin a comment.\n\n{SHORT}",
        f"```html\n<!--\n```\n\n{SHORT}",
        f"```text\n```\n{SHORT}",
        f"*[PHP]: Hypertext\n\n{SHORT}",
    ],
)
def test_the_fence_is_a_tab_set_however_it_is_written(
    render: Render, codes: list[str], text: str
) -> None:
    found = Panels(render(text))
    assert found.sets == 1
    assert found.labels == LABELS
    assert found.codes[-2:] == codes


EXAMPLES = {
    "longer fence": "````markdown\n{0}\n````",
    "longer fence with options": '````markdown title="page.md"\n{0}\n````',
    "tildes": "~~~\n{0}\n~~~",
    "longer tildes": "~~~~markdown\n{0}\n~~~~",
    "longer fence in a list": "- a\n\n    ````\n{4}\n    ````",
    "longer fence in a quote": "> ````\n{>}\n> ````",
    "longer fence in a tab": '=== "A"\n\n    ````\n{4}\n    ````',
    "indented": "text\n\n{4}\n\nafter",
    "indented at the top": "{4}",
    "indented with more": "    before\n\n{4}\n\n    after",
    "indented at once": "    before\n{4}\n    after",
    "indented by a tab": "text\n\n{tab}\n\nafter",
    "indented in a list": "- a\n\n{12}\n\nafter",
}


@pytest.mark.parametrize("fence", [FENCE, NONE_SUCH, PROOF, "```tabproof\n", "- ```tabproof"])
@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_shown_as_it_is_also_when_nothing_of_it_exists(
    render: Render, example: str, fence: str
) -> None:
    text = EXAMPLES[example].replace("{12}", indented(fence, 12))
    page = render(filled(text, fence))
    found = Panels(page)
    assert "<table" not in page
    assert found.sets == page.count('class="tabbed-set') == example.count("in a tab")
    (code,) = found.codes
    lines = [line.strip() for line in code.split("\n")]
    start = lines.index(fence.partition("\n")[0])
    wanted = fence.rstrip("\n").split("\n")
    assert lines[start : start + len(wanted)] == wanted
    assert "tabproof" not in visible(page)


def test_an_indented_example_keeps_its_lines_exactly(render: Render) -> None:
    example = "```tabproof\nscenario: a\n\n\nvariant:\n  - b\n```"
    (code,) = Panels(render(indented(f"before\n\n{example}\n\nafter", 4))).codes
    assert code == f"before\n\n{example}\n\nafter\n"


@pytest.mark.parametrize("fence", [FENCE, NONE_SUCH, PROOF])
@pytest.mark.parametrize(
    "text",
    [
        "<!--\n{0}\n-->",
        "<!-- TODO:\n\n{0}\n\n-->",
        "text\n\n<!-- a -- b\n{0}\n--> text",
        "text <!-- a\n{0}\n--> text",
        "- item\n\n    <!--\n{4}\n    -->\n",
        "<!-- a --> text <!--\n{0}\n-->",
    ],
)
def test_a_fence_in_a_comment_shows_nothing(render: Render, text: str, fence: str) -> None:
    page = render(filled(text, fence))
    assert "tabproof" not in visible(re.sub(r"<!--.*?-->", "", page, flags=re.DOTALL))
    assert Panels(page).sets == page.count("<table") == 0
    assert fence.split("\n", maxsplit=1)[0] in page


def test_words_about_the_fence_are_words(render: Render) -> None:
    text = (
        "Write a ```` ```tabproof ```` fence, or ``` tabproof ```, and run `tabproof\ngenerate`.\n"
        "\n| `tabproof` | ``` ~~~tabproof ``` |\n| - | - |\n| a | b |"
    )
    page = render(text)
    assert "<code>```tabproof</code>" in page
    assert "<code>~~~tabproof</code>" in page


ALIKE = "this line of a `tabproof` fence is not indented like the first one; indent it alike."
OWN_LINE = "a `tabproof` fence begins on a line of its own, and so does each key."
NOTHING_ELSE = "nothing but `tabproof` goes after the fence marks; write each key on a line below."


def not_kept(spaces: int) -> str:
    return (
        f"{spaces} spaces do not keep this fence inside what stands above; indent it by 4 for each "
        "list, tab or note around it, or by none."
    )


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("1. item\n\n{3}", 3, not_kept(3)),
        ("- item\n\n{2}\n\n- next", 3, not_kept(2)),
        ("- a\n    - b\n\n{6}", 4, not_kept(6)),
        ("!!! note\n\n{3}", 3, not_kept(3)),
        ("text[^1]\n\n[^1]: note\n\n{3}", 5, not_kept(3)),
        ("term\n:   text\n\n{2}", 4, not_kept(2)),
        ("- ```tabproof\n  scenario: list-users\n  ```", 1, OWN_LINE),
        ("1. ~~~tabproof\n   ~~~", 1, OWN_LINE),
        ("term\n:   ```tabproof\n    ```", 2, OWN_LINE),
        ("| a |\n| - |\n| ```tabproof scenario: list-users variant: stdlib ``` |", 3, OWN_LINE),
        ("text ```tabproof scenario: list-users\nvariant: library ```", 1, OWN_LINE),
        ("text ```tabproof\nscenario: list-users\nvariant: library\n```", 1, OWN_LINE),
        ("text\n\n```tabproof\nscenario: list-users", 3, "this fence is never closed; end it "),
        ("text\n\n````tabproof\nscenario: list-users\n```", 3, "this fence is never closed; end "),
        ("- a\n\n    ```tabproof\n    scenario: a\n\nb", 6, ALIKE),
        ("- a\n\n    ```tabproof\n  scenario: a\n    ```", 4, ALIKE),
        ("> ```tabproof\nscenario: a\n> ```", 2, ALIKE),
        ("> ```tabproof\n> scenario: a\n\n> ```", 3, ALIKE),
        ("text\n\n```text\nabc\n\n{0}\n", 0, ""),
        ("````text\nabc\n\n{0}\n", 1, "this fence is never closed, and a `tabproof` fence follows"),
        ("<!-- a comment\n\n{0}\n", 1, "this comment is never closed, and a fence follows; end "),
        ("```Tabproof\nscenario: list-users\n```", 1, "write `tabproof` in lowercase."),
        ("```tabproof {.wide}\nscenario: list-users\n```", 1, NOTHING_ELSE),
        ("```{.tabproof}\nscenario: list-users\n```", 1, NOTHING_ELSE),
        ("```.tabproof\nscenario: list-users\n```", 1, NOTHING_ELSE),
        ('```tabproof title="a"\nscenario: list-users\n```', 1, NOTHING_ELSE),
        ("```tabproof-prof\n```", 1, "unknown fence 'tabproof-prof'; choose tabproof, "),
        ("```tabprof\nscenario: list-users\n```", 1, "unknown fence 'tabprof'; choose tabproof, "),
        ("<div>\n{0}\n</div>", 2, "this fence stands in HTML, where Markdown is not read; "),
        ("<pre>\n{0}\n</pre>", 2, "this fence stands in HTML, where Markdown is not read; "),
        ("````markdown a b\n{0}\n````", 2, "this fence is shown as code. As an example, it needs "),
        ("````markdown\n{0}\n`````", 2, "this fence is shown as code. As an example, it needs "),
    ],
)
def test_a_fence_that_cannot_stand_there_is_refused_with_its_line(
    render: Render, text: str, line: int, words: str
) -> None:
    fence = FENCE
    page = text.replace("{3}", indented(fence, 3)).replace("{6}", indented(fence, 6))
    page = filled(page, fence)
    if not line:  # the fence above takes the opening of ours for its text: an example
        assert "tabproof" not in visible(render(page))
        return
    with pytest.raises(FenceError) as raised:
        render(page)
    assert raised.value.message.startswith(f"docs/page.md:{line}: {words}")
    assert "\n" not in raised.value.message


def test_a_table_fence_is_refused_in_the_same_words(render: Render) -> None:
    for text, line in (
        ("- a\n\n  ```tabproof-cases\n  ```", 3),
        ("<p>\n```tabproof-proof\n```", 2),
    ):
        with pytest.raises(FenceError) as raised:
            render(text)
        assert raised.value.message.startswith(f"docs/page.md:{line}: ")


@pytest.mark.parametrize(
    ("text", "number"),
    [("a\n\n- ```tabproof\n  ```", 2), ("```tabproof", 0), ("```Tabproof\n```", 0)],
)
def test_without_a_parser_the_same_fences_are_refused(text: str, number: int) -> None:
    with pytest.raises(MisplacedError) as raised:
        list(fences(text.split("\n"), {"tabproof"}))
    assert raised.value.number == number


def test_lines_alone_tell_the_same_as_the_parser() -> None:
    """What is written out for other sites has no parser to ask."""
    texts = {name: text for name, (text, _path) in CONTAINERS.items()}
    for name, text in {**texts, **EXAMPLES}.items():
        lines = filled(text.replace("{12}", indented(FENCE, 12)), FENCE).split("\n")
        found = [
            lines[opened.number].lstrip("\t >") for opened, _end in fences(lines, {"tabproof"})
        ]
        assert found == (["```tabproof"] if name in CONTAINERS else []), name


def test_a_parser_can_be_used_again(shared: Path, codes: list[str]) -> None:
    md = Markdown(
        extensions=list(EXTENSIONS),
        extension_configs={
            "pymdownx.tabbed": {"alternate_style": True},
            "tabproof": {"root": str(shared)},
        },
    )
    first = md.convert(f"{SHORT}\n\n<!--\n{FENCE}\n-->")
    assert md.reset().convert("text") == "<p>text</p>"
    assert md.reset().convert(f"{SHORT}\n\n<!--\n{FENCE}\n-->") == first
    assert Panels(first).codes == codes
