from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from markdown import Markdown

from tabproof.catalog import load
from tabproof.fence import FenceError
from tabproof.page import fences
from tabproof.render import Renderer

ROOT = Path(__file__).parent.parent.parent
FENCE = "```tabproof\nscenario: list-users\nvariant: library\n```"
EXTENSIONS = [
    "admonition",
    "pymdownx.superfences",
    "pymdownx.highlight",
    "pymdownx.tabbed",
    "tabproof",
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("templates", "samples"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "docs").mkdir()
    return tmp_path


def html(text: str, root: Path) -> str:
    options: dict[str, dict[str, object]] = {
        "tabproof": {"root": str(root)},
        "pymdownx.tabbed": {"alternate_style": True},
    }
    return Markdown(extensions=EXTENSIONS, extension_configs=options).convert(text)


def labels(page: str) -> list[str]:
    return re.findall(r'<label for="[^"]*">([^<]*)</label>', page)


def codes(page: str) -> list[str]:
    """The text of each code block, as a browser's copy button gives it."""
    blocks = re.findall(r"<code>(.*?)</code></pre>", page, re.DOTALL)
    plain = (re.sub(r"<[^>]+>", "", block) for block in blocks)
    named = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&amp;": "&"}
    return [re.sub("&[^;]+;", lambda match: named[match[0]], block) for block in plain]


def refusal(text: str, root: Path, page: str = "page.md") -> str:
    (root / "docs" / page).write_text(text)
    body = text.partition("\n---\n")[2] if text.startswith("---\n") else text
    with pytest.raises(FenceError) as raised:
        html(body, root)
    assert "\n" not in raised.value.message
    return raised.value.message


@pytest.mark.parametrize("variant", ["library", "stdlib"])
def test_a_fence_becomes_a_tab_for_each_language_with_the_bytes_of_its_sample(
    project: Path, variant: str
) -> None:
    page = html(FENCE.replace("library", variant), project)
    catalog = load(project)
    samples = [
        sample
        for sample in Renderer(catalog).all()
        if sample.key.scenario == "list-users" and sample.key.variant == variant
    ]
    assert labels(page) == [language.data.title for language in catalog.languages.values()]
    assert len(samples) == len(catalog.languages)
    assert codes(page) == [(project / "samples" / s.path).read_text() for s in samples]


def test_each_tab_says_what_was_proved_or_that_it_was_not_run(project: Path) -> None:
    page = html(FENCE, project)
    said = re.findall(r"<em>([^<]+)</em>", page)
    assert len(said) == len(labels(page))
    runs = [text for text in said if re.match(r"Run on \d{4}-\d\d-\d\d in \d+ cases with ", text)]
    parsed = [text for text in said if text.startswith("Not run; well formed by ")]
    assert len(runs) + len(parsed) == len(said)
    assert runs


def test_two_fences_with_a_blank_line_between_them_are_two_sets(project: Path) -> None:
    page = html(f"{FENCE}\n\n{FENCE}", project)
    assert page.count('class="tabbed-set') == 2


def test_a_fence_after_an_authors_own_tabs_is_a_set_of_its_own(project: Path) -> None:
    page = html(f'=== "macOS"\n\n    brew\n\n{FENCE}', project)
    assert page.count('class="tabbed-set') == 2


def test_a_fence_inside_an_admonition_stays_inside(project: Path) -> None:
    indented = "\n".join(f"    {line}" for line in FENCE.split("\n"))
    page = html(f"!!! note\n\n{indented}\n\nafter", project)
    inside = page.partition('class="admonition note"')[2].rpartition("<p>after")[0]
    assert labels(inside) == labels(html(FENCE, project))


@pytest.mark.parametrize(
    "example",
    [
        f"````markdown\n{FENCE}\n````",
        f"~~~\n{FENCE}\n~~~",
        "````\n```tabproof\nscenario: none-such\n```\n````",
        f"<!--\n{FENCE}\n-->",
    ],
)
def test_a_fence_that_is_an_example_is_left_as_it_is(project: Path, example: str) -> None:
    page = html(example, project)
    assert "tabbed-set" not in page
    assert "scenario: " in page
    assert page.startswith("<!--") == example.startswith("<!--")


def test_a_fence_that_is_never_closed_is_none() -> None:
    assert list(fences(["```tabproof", "scenario: list-users"], {"tabproof"})) == []


def test_an_unknown_scenario_is_refused_with_page_line_and_choices(project: Path) -> None:
    text = "# A page\n\n" + FENCE.replace("list-users", "list-user")
    assert refusal(text, project) == (
        "docs/page.md:3: unknown scenario 'list-user'; choose list-users or videosdk-sessions."
    )


def test_the_line_is_that_of_the_file_also_behind_front_matter(project: Path) -> None:
    text = (
        "---\ntitle: A page\n---\n\n# A page\n\n```tabproof\nscenario: list-users\nvarient: x\n```"
    )
    assert refusal(text, project).startswith("docs/page.md:9: unknown key 'varient'; choose ")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("variant: library", "lacks the key 'scenario'"),
        ("scenario: list-users", "lacks the key 'variant'"),
        ("scenario: list-users\nvariant: both", "both"),
        ("scenario: list-users\nscenario: list-users", "given twice"),
        ("", "is empty"),
        ("scenario: [list-users", "expected"),
    ],
)
def test_a_fault_in_a_fence_is_one_line(project: Path, body: str, words: str) -> None:
    message = refusal(f"text\n\n```tabproof\n{body}\n```", project)
    assert re.match(r"docs/page\.md:[3456]: ", message)
    assert words in message


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda file: file.unlink(), "is missing; run `tabproof generate`"),
        (
            lambda file: file.write_text(file.read_text() + "\n"),
            "is not what the templates make now; run `tabproof generate`",
        ),
    ],
)
def test_a_sample_that_is_missing_or_changed_is_refused(
    project: Path, spoil: object, words: str
) -> None:
    assert callable(spoil)
    spoil(project / "samples/list-users/library/list_users.py")
    message = refusal(f"# A page\n\n{FENCE}", project)
    assert message.startswith("docs/page.md:3: samples/list-users/library/list_users.py: ")
    assert words in message


def test_a_sample_without_a_proof_of_its_present_bytes_is_refused(project: Path) -> None:
    (project / "samples/proof.json").unlink()
    message = refusal(FENCE, project)
    assert message.endswith("not proved for its present bytes; run `tabproof prove --record`.")


def test_a_sample_that_failed_is_refused_with_the_case(project: Path) -> None:
    proof = project / "samples/proof.json"
    text = proof.read_text()
    line = next(
        line
        for line in text.splitlines()
        if '"list-users","variant":"library","language":"ruby"' in line and '"hang"' in line
    )
    failed = line.replace('"passed","reason":""', '"failed","reason":"expected a, seen b"')
    assert failed != line
    proof.write_text(text.replace(line, failed))
    assert "failed in case hang: expected a, seen b" in refusal(FENCE, project)


def test_a_change_of_a_file_is_seen_by_the_next_page(project: Path) -> None:
    assert "tabbed-set" in html(FENCE, project)
    sample = project / "samples/list-users/library/list_users.py"
    sample.write_text(sample.read_text() + "# changed\n")
    assert "list_users.py" in refusal(FENCE, project)
