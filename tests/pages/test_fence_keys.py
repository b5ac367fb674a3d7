from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.languages import LANGUAGES
from tests.pages.rendered import FENCE, Options, Panels, Render, keyed

from tabproof.errors import choose
from tabproof.model.language import STEPS, VARIANTS, Variant
from tabproof.model.sample import Sample
from tabproof.pages.extension import FenceError
from tabproof.project.catalog_reader import load
from tabproof.render.renderer import Renderer

HIGHLIGHT = "pymdownx.highlight"


@pytest.fixture(scope="module")
def samples(shared: Path) -> dict[tuple[Variant, str], Sample]:
    """The samples of a scenario by variant and language, in the order of the tabs."""
    found = Renderer(load(shared)).all()
    return {
        (sample.key.variant, sample.key.language): sample
        for sample in found
        if sample.key.scenario == "list-users"
    }


def step_of(sample: Sample, step: str) -> list[str]:
    first, last = next(lines for name, lines in sample.steps.items() if name == step)
    return sample.text.split("\n")[first - 1 : last]


def refusal(render: Render, text: str, options: Options | None = None) -> str:
    with pytest.raises(FenceError) as raised:
        render(text, options)
    assert "\n" not in raised.value.message
    return raised.value.message


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_is_a_tab_for_each_language_with_the_bytes_of_its_sample(
    render: Render,
    shared: Path,
    samples: dict[tuple[Variant, str], Sample],
    variant: Variant,
) -> None:
    page = Panels(render(FENCE.replace("library", variant)))
    wanted = [samples[key] for key in samples_of(variant)]
    every = [language.data for language in load(shared).languages.values()]
    titles = [data.title for data in every if not data.on_request]
    assert page.labels == titles
    assert page.codes == [(shared / "samples" / s.path).read_text() for s in wanted]
    assert page.titles == [sample.path.rpartition("/")[2] for sample in wanted]


def test_several_variants_are_a_switch_with_a_set_in_each(
    render: Render, samples: dict[tuple[Variant, str], Sample]
) -> None:
    page = render(FENCE.replace("library", "[stdlib, library]"))
    found = Panels(page)
    assert found.sets == 3
    assert found.labels[:2] == ["Standard library only", "With a library"]
    wanted = [samples[key] for variant in ("stdlib", "library") for key in samples_of(variant)]
    assert found.codes == [sample.text for sample in wanted]


def samples_of(variant: str) -> list[tuple[Variant, str]]:
    languages = ("node", "curl", "php", "python", "ruby", "csharp")
    return [(name, language) for name in VARIANTS if name == variant for language in languages]


def test_languages_are_a_subset_in_the_order_of_the_fence(
    render: Render, samples: dict[tuple[Variant, str], Sample]
) -> None:
    page = Panels(render(keyed("languages: [ruby, csharp, node]")))
    assert page.labels == ["Ruby", "C#", "Node"]
    assert page.codes == [samples["library", name].text for name in ("ruby", "csharp", "node")]


@pytest.mark.parametrize("step", STEPS)
def test_highlight_marks_the_lines_of_a_step_in_every_language(
    render: Render, samples: dict[tuple[Variant, str], Sample], step: str
) -> None:
    page = render(keyed(f"highlight: {step}"))
    blocks = re.findall(r"<code>.*?</code>", page, re.DOTALL)
    wanted = [samples[key] for key in samples_of("library")]
    assert len(blocks) == len(wanted)
    for block, sample in zip(blocks, wanted, strict=True):
        marked = "".join(re.findall(r'<span class="hll">(.*?\n)</span>', block, re.DOTALL))
        assert Panels(f"<code>{marked}</code>").codes[0].splitlines() == step_of(sample, step)
        assert Panels(block).codes == [sample.text]


@pytest.mark.parametrize("step", STEPS)
def test_step_shows_the_lines_of_a_step_alone_without_the_indent_they_share(
    render: Render, samples: dict[tuple[Variant, str], Sample], step: str
) -> None:
    page = Panels(render(keyed(f"step: {step}")))
    wanted = [samples[key] for key in samples_of("library")]
    for code, sample in zip(page.codes, wanted, strict=True):
        lines = step_of(sample, step)
        shown = code.removesuffix("\n").split("\n")
        assert [line.strip() for line in shown] == [line.strip() for line in lines]
        cut = {len(line) - len(short) for line, short in zip(lines, shown, strict=True) if line}
        assert len(cut) == 1
        assert any(line and not line.startswith(" ") for line in shown)


def test_step_and_highlight_of_the_same_step_mark_all_that_is_shown(
    render: Render, samples: dict[tuple[Variant, str], Sample]
) -> None:
    page = render(keyed("step: token", "highlight: token", "languages: [python]"))
    assert page.count('<span class="hll">') == len(step_of(samples["library", "python"], "token"))


def test_highlight_of_a_step_that_is_not_shown_is_refused(render: Render) -> None:
    message = refusal(render, keyed("step: token", "highlight: request"))
    assert message == (
        "docs/page.md:1: the step 'token' is shown alone, so 'request' cannot be highlighted; "
        "leave out one of the two keys."
    )


@pytest.mark.parametrize("style", ["table", "pymdownx-inline"])
@pytest.mark.parametrize("step", ["", "token"])
def test_linenums_are_those_of_the_file_and_no_part_of_the_code(
    render: Render, samples: dict[tuple[Variant, str], Sample], style: str, step: str
) -> None:
    options = {HIGHLIGHT: {"linenums_style": style, "anchor_linenums": True, "line_spans": "l"}}
    keys = ["linenums: true", "languages: [csharp]", *([f"step: {step}"] if step else [])]
    page = render(keyed(*keys), options)
    sample = samples["library", "csharp"]
    first, last = sample.steps["token"] if step else (1, sample.text.count("\n"))
    if style == "table":
        cell = re.findall(r'<td class="linenos">(.*?)</td>', page, re.DOTALL)
        numbers = Panels(f"<code>{cell[0]}</code>").codes[0].split()
    else:
        numbers = [found.strip() for found in re.findall(r'data-linenos="([^"]*)"', page)]
    assert numbers == [str(number) for number in range(first, last + 1)]
    lines = sample.text.split("\n")[first - 1 : last]
    shown = Panels(page).codes[0].removesuffix("\n").split("\n")
    assert [line.strip() for line in shown] == [line.strip() for line in lines]


def test_without_the_key_numbers_are_as_the_site_has_them_and_those_of_the_file(
    render: Render, samples: dict[tuple[Variant, str], Sample]
) -> None:
    text = keyed("step: token", "languages: [python]")
    assert "linenos" not in render(text)
    page = render(text, {HIGHLIGHT: {"linenums": True}})
    first, _last = samples["library", "python"].steps["token"]
    cell = re.findall(r'<td class="linenos">(.*?)</td>', page, re.DOTALL)
    assert re.sub(r"<[^>]+>", "", cell[0]).split()[0] == str(first)


def test_a_fence_can_do_without_the_numbers_of_its_site(render: Render) -> None:
    page = render(keyed("linenums: false"), {HIGHLIGHT: {"linenums": True}})
    assert "linenos" not in page


def test_numbers_that_readers_would_copy_are_refused(render: Render) -> None:
    words = (
        "docs/page.md:1: with `linenums_style: inline` of pymdownx.highlight, readers copy the "
        "numbers too; set it to table or to pymdownx-inline."
    )
    inline: Options = {HIGHLIGHT: {"linenums_style": "inline"}}
    assert refusal(render, keyed("linenums: true"), inline) == words
    site: Options = {HIGHLIGHT: {"linenums_style": "inline", "linenums": True}}
    assert refusal(render, FENCE, site) == words
    assert Panels(render(FENCE, inline)).sets == 1


def test_an_option_that_hides_the_numbers_is_refused(render: Render) -> None:
    message = refusal(render, keyed("linenums: true"), {HIGHLIGHT: {"linenums": False}})
    assert message == (
        "docs/page.md:1: `linenums: false` of pymdownx.highlight hides all numbers; remove it "
        "from mkdocs.yml."
    )


@pytest.mark.parametrize(
    "title",
    [
        "Make the token",
        'say "yes"',
        "it's",
        "back\\slash \\n",
        "<b>bold</b> & co",
        "*stars* _lines_ `ticks` [link](x) {.class}",
        'a title="b',
        "l'été ☀",
        "{{ macro }} ${x}",
        "```",
        "&lt;",
    ],
)
def test_a_title_is_text_and_stands_in_place_of_the_file_name(render: Render, title: str) -> None:
    quoted = title.replace("'", "''")
    page = render(keyed(f"title: '{quoted}'"), {HIGHLIGHT: {"auto_title": True}})
    assert Panels(page).titles == [title] * 6
    assert "<b>" not in page


def test_a_title_with_both_kinds_of_quotes_is_refused(render: Render) -> None:
    message = refusal(render, keyed("""title: 'it''s "so"'"""))
    assert message.startswith("docs/page.md:1: the title ")
    assert message.endswith("holds both kinds of quotes; leave one out.")


@pytest.mark.parametrize(
    ("keys", "line", "words"),
    [
        ("variant: library", 4, "the fence lacks the key 'scenario'."),
        ("scenario: list-users", 4, "the fence lacks the key 'variant'."),
        (
            "",
            3,
            "the fence is empty; write `scenario: NAME` and `variant: NAME` into it.",
        ),
        (
            "# scenario: list-users",
            3,
            "the fence is empty; write `scenario: NAME` and `variant: NAME` into it.",
        ),
        (
            "scenario: list-user\nvariant: library",
            3,
            "unknown scenario 'list-user'; choose list-users or videosdk-sessions.",
        ),
        (
            "scenario: list-users\nvariant: library\nlang: php",
            6,
            (
                "unknown key 'lang'; choose highlight, languages, linenums, scenario, step, title "
                "or variant."
            ),
        ),
        (
            "scenario: list-users\nvariant: [library, both]",
            5,
            "`variant[1]`: unknown value 'both'; choose library or stdlib.",
        ),
        (
            "scenario: list-users\nvariant: [library, library]",
            5,
            "'library' is given twice; remove one.",
        ),
        (
            "scenario: list-users\nvariant: library\nlanguages: [php, perl]",
            3,
            f"unknown language 'perl'; {choose(LANGUAGES)}.",
        ),
        (
            "scenario: list-users\nvariant: library\nlanguages: [php, ruby, php]",
            6,
            "'php' is given twice; remove one.",
        ),
        (
            "scenario: list-users\nvariant: library\nlanguages: php",
            6,
            "`languages`: expected a list that is not empty; got the string 'php'.",
        ),
        (
            "scenario: list-users\nvariant: library\nlanguages: []",
            6,
            "`languages`: expected a list that is not empty; got an empty list.",
        ),
        (
            "scenario: list-users\nvariant: library\nhighlight: tokens",
            6,
            (
                "`highlight`: unknown value 'tokens'; choose credentials, install, request, "
                "response or token."
            ),
        ),
        (
            "scenario: list-users\nvariant: library\nstep: 3",
            6,
            "`step`: unknown value 3; choose credentials, install, request, response or token.",
        ),
        (
            "scenario: list-users\nvariant: library\nlinenums: yes",
            6,
            "`linenums`: expected true or false; got the string 'yes'.",
        ),
        (
            'scenario: list-users\nvariant: library\ntitle: "two\\nlines"',
            6,
            "a title is one line of printable characters without spaces around it.",
        ),
        (
            "scenario: list-users\nvariant: library\nscenario: list-users",
            6,
            "the key `scenario` is given twice; remove one.",
        ),
        (
            "scenario list-users",
            4,
            "write lines `key: value`; got the string 'scenario list-users'.",
        ),
        (
            "scenario: list-users\n\tvariant: library",
            5,
            "is not YAML: a tab indents this line; use spaces.",
        ),
    ],
)
def test_a_key_that_is_wrong_is_one_line_with_its_place_and_the_choices(
    render: Render, keys: str, line: int, words: str
) -> None:
    body = f"{keys}\n" if keys else ""
    message = refusal(render, f"# A page\n\n```tabproof\n{body}```\n")
    assert message == f"docs/page.md:{line}: {words}"


@pytest.mark.parametrize("value", ["both", "[]", "5"])
def test_a_variant_that_is_none_names_the_choices(render: Render, value: str) -> None:
    message = refusal(render, FENCE.replace("library", value))
    assert message.startswith("docs/page.md:3: `variant`: expected 'library' or 'stdlib'")
