"""`mkdocs build` on wrong fences: never exit status 0, and one line with the place and the mend.

The builds run in this process, through the command that a shell calls; one runs as a process of
its own, which shows the same.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from click.testing import CliRunner
from mkdocs.__main__ import cli
from tests.pages.rendered import FENCE, Panels, indented, keyed

CONFIG = """\
site_name: A site
theme: {name: null, custom_dir: theme}
plugins: []
markdown_extensions:
  - admonition
  - pymdownx.details
  - pymdownx.snippets: {base_path: [parts]}
  - pymdownx.highlight
  - pymdownx.superfences
  - pymdownx.tabbed: {alternate_style: true}
  - tabproof
"""
SHORT = keyed("languages: [python]")
FRONT = "---\ntitle: A page\ntags:\n  - a\n---\n\n\n"


class Outcome:
    def __init__(self, status: int, output: str, page: Path) -> None:
        self.status = status
        self.lines = re.sub(r"\x1b\[\d*m", "", output).splitlines()
        self.html = page.read_text() if page.exists() else ""

    @property
    def error(self) -> str:
        """The one thing that is wrong."""
        (found,) = [line for line in self.lines if line.startswith("Error: ")]
        assert not any("Traceback" in line for line in self.lines)
        return found.removeprefix("Error: ")


Build: TypeAlias = Callable[..., Outcome]


@pytest.fixture(scope="module")
def site(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("build") / "site"
    for name in ("templates", "samples"):
        shutil.copytree(shared / name, root / name)
    (root / "theme").mkdir()
    (root / "theme/main.html").write_text("{{ page.content }}")
    return root


@pytest.fixture
def build(site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Build]:
    monkeypatch.chdir(site)  # snippets are looked for from here
    for name in ("docs", "parts"):
        (site / name).mkdir()

    def run(page: str, config: str = CONFIG, *, strict: bool = False, **parts: str) -> Outcome:
        for name, text in parts.items():
            (site / f"parts/{name}.md").write_bytes(text.encode())
        (site / "docs/index.md").write_bytes(page.encode())
        (site / "mkdocs.yml").write_text(config)
        arguments = ["build", "-q", "-f", str(site / "mkdocs.yml"), *(["--strict"] * strict)]
        result = CliRunner().invoke(cli, arguments)
        return Outcome(result.exit_code, result.output, site / "site/index.html")

    yield run
    for name in ("docs", "parts", "site"):
        shutil.rmtree(site / name, ignore_errors=True)


WRONG = [
    # page, line, the words it begins with
    (FENCE.replace("list-users", "list-user"), 1, "unknown scenario 'list-user'; choose list-us"),
    (FENCE.replace("library", "both"), 3, "`variant`: expected 'library' or 'stdlib'"),
    (FENCE.replace("variant", "varient"), 3, "unknown key 'varient'; choose highlight, "),
    (keyed("languages: [perl]"), 1, "unknown language 'perl'; choose csharp, "),
    (keyed("languages: [php, php]"), 4, "'php' is given twice; remove one."),
    (keyed("languages: []"), 4, "`languages`: expected a list that is not empty; "),
    (keyed("highlight: tokens"), 4, "`highlight`: unknown value 'tokens'; choose credentials, "),
    (keyed("step: setup"), 4, "`step`: unknown value 'setup'; choose credentials, "),
    (keyed("step: token", "highlight: request"), 1, "the step 'token' is shown alone, so "),
    (keyed("linenums: yes"), 4, "`linenums`: expected true or false; got the string 'yes'."),
    (keyed("title: 5"), 4, "`title`: expected a string"),
    (keyed("scenario: list-users"), 4, "the key `scenario` is given twice; remove one."),
    ("```tabproof\n```", 1, "the fence is empty; write `scenario: NAME` and `variant: NAME` "),
    ("```tabproof\nscenario: list-users\n```", 2, "the fence lacks the key 'variant'."),
    ("```tabproof\nscenario: [list-users\n```", 2, "is not YAML: "),
    ("```tabproof\n{{ scenario }}\n```", 2, "the key that is here is not a string; put it "),
    (FENCE.removesuffix("\n```"), 1, "this fence is never closed; end it with a line ``` alone."),
    (f"````\ntext\n\n{FENCE}", 1, "this fence is never closed, and a `tabproof` fence follows; "),
    (f"<!-- text\n\n{FENCE}", 1, "this comment is never closed, and a fence follows; end it "),
    (
        FENCE.replace("tabproof", "tabproof {.wide}"),
        1,
        "nothing but `tabproof` goes after the fence marks",
    ),
    (
        FENCE.replace("tabproof", "{.tabproof}"),
        1,
        "nothing but `tabproof` goes after the fence marks",
    ),
    (FENCE.replace("tabproof", "Tabproof"), 1, "write `tabproof` in lowercase."),
    (FENCE.replace("tabproof", "tabprof"), 1, "unknown fence 'tabprof'; choose tabproof, "),
    ("```tabproof-prof\n```", 1, "unknown fence 'tabproof-prof'; choose tabproof, "),
    ("```tabproof-cases\nvariant: library\n```", 1, "a `tabproof-cases` fence has no keys; "),
    (f"1. item\n\n{indented(FENCE, 3)}", 3, "3 spaces do not keep this fence inside what "),
    (f"- item\n\n{indented(FENCE, 2)}", 3, "2 spaces do not keep this fence inside what "),
    (f"- {FENCE}", 1, "a `tabproof` fence begins on a line of its own, and so does each key."),
    (
        "| a |\n| - |\n| ```tabproof scenario: list-users variant: library ``` |",
        3,
        "a `tabproof` fence begins on a line of its own, and so does each key.",
    ),
    (f"> {FENCE}", 2, "this line of a `tabproof` fence is not indented like the first one; "),
    (f"<div>\n{FENCE}\n</div>", 2, "this fence stands in HTML, where Markdown is not read; "),
    (f"````markdown x y\n{FENCE}\n````", 2, "this fence is shown as code. As an example, it "),
]


@pytest.mark.parametrize(("page", "line", "words"), WRONG)
def test_a_wrong_fence_fails_the_build_with_its_line_and_the_mend(
    build: Build, page: str, line: int, words: str
) -> None:
    outcome = build(f"# A page\n\n{page}\n")
    assert outcome.status == 1
    assert outcome.error.startswith(f"docs/index.md:{line + 2}: {words}")
    assert not outcome.html


PLACES = {
    "front matter": (f"{FRONT}# A page\n\ntext\n\n@\n", 12),
    "front matter of MultiMarkdown": ("title: A page\nauthor: x\n\n\n# A page\n\n@\n", 7),
    "mark at the start": ("\ufeff---\ntitle: x\n---\n\n@\n", 5),
    "Windows line ends": (f"{FRONT}# A page\n\ntext\n\n@\n".replace("\n", "\r\n"), 12),
    "old Mac line ends": ("# A page\n\n@\n".replace("\n", "\r"), 3),
    "note in a list": ("- a\n\n    !!! note\n\n@8", 5),
    "tabs": ("- a\n\n@t", 3),
    "quote": ("text\n\n> b\n>\n@>", 5),
    "second of the same": (f"{SHORT}\n\ntext\n\n@\n", 9),
    "behind a snippet": ('--8<-- "long.md"\n\ntext\n\n@\n', 5),
    "between snippets": ('--8<-- "long.md"\n\n@\n\n--8<-- "long.md"\n', 3),
}


@pytest.mark.parametrize("place", PLACES)
def test_the_line_is_that_of_the_file(build: Build, place: str) -> None:
    page, line = PLACES[place]
    wrong = "```tabproof\nscenario: list-users\nvariant: library\nlinenums: 5\n```"
    newline = "\r\n" if "\r\n" in page else "\r" if "\r" in page else "\n"
    forms = {
        "@8": indented(wrong, 8),
        "@t": indented(wrong, "\t"),
        "@>": indented(wrong, "> "),
        "@": wrong,
    }
    for mark, text in forms.items():
        page = page.replace(mark, text.replace("\n", newline))
    outcome = build(page, long="one\n\ntwo\n\nthree\n")
    assert outcome.status == 1
    words = "`linenums`: expected true or false; got 5."
    assert outcome.error == f"docs/index.md:{line + 3}: {words}"


@pytest.mark.parametrize(
    "directive",
    [
        '--8<-- "part.md"',
        '    --8<-- "part.md"',
        '--8<-- "outer.md"',
        "--8<--\npart.md\n--8<--",
        '--8<-- "part.md:here"',
        '--8<-- "part.md:3:20"',
    ],
)
def test_in_a_snippet_the_file_is_that_of_the_snippet(build: Build, directive: str) -> None:
    part = (
        "# A part\n\ntext\n\n<!-- --8<-- [start:here] -->\n\n"
        f"{SHORT}\n\n{FENCE.replace('library', 'libary')}\n\n<!-- --8<-- [end:here] -->\n"
    )
    page = f"- item\n\n{directive}\n" if directive.startswith(" ") else f"# A\n\n{directive}\n"
    outcome = build(page, part=part, outer='text\n\n--8<-- "part.md"\n')
    assert outcome.status == 1
    assert outcome.error.startswith("parts/part.md:15: `variant`: expected 'library' or 'stdlib'")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "  - pymdownx.highlight\n  - pymdownx.superfences\n",
            "",
            "tabs need pymdownx.superfences in place of fenced_code; list it in mkdocs.yml.",
        ),
        (
            "  - pymdownx.tabbed: {alternate_style: true}\n",
            "",
            "tabs need pymdownx.tabbed with `alternate_style: true`; write both in mkdocs.yml.",
        ),
        (
            "alternate_style: true",
            "alternate_style: false",
            "tabs need pymdownx.tabbed with `alternate_style: true`; write both in mkdocs.yml.",
        ),
        (
            "  - pymdownx.highlight\n",
            "  - pymdownx.highlight: {use_pygments: false}\n",
            "tabs need Pymdown",
        ),
    ],
)
def test_a_configuration_that_cannot_show_tabs_fails_the_build(
    build: Build, old: str, new: str, words: str
) -> None:
    assert old in CONFIG
    outcome = build(f"{FRONT}{SHORT}\n", CONFIG.replace(old, new))
    assert outcome.status == 1
    assert outcome.error.startswith(f"docs/index.md:8: {words.replace('Pymdown', 'Pygments')}")


def test_right_fences_build_from_any_folder(
    build: Build, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`root` is the folder of mkdocs.yml unless it says otherwise."""
    monkeypatch.chdir(tmp_path)
    outcome = build(f"{FRONT}{SHORT}\n\n````\n{FENCE.replace('list', 'none')}\n````\n", strict=True)
    assert (outcome.status, outcome.lines) == (0, [])
    sample = (site / "samples/list-users/library/list_users.py").read_text()
    assert Panels(outcome.html).codes[0] == sample


def test_a_process_of_its_own_says_the_same(build: Build, site: Path) -> None:
    page = f"{FRONT}{FENCE.replace('list-users', 'list-user')}\n"
    here = build(page)
    result = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build"],
        cwd=site,
        env={**os.environ, "PATH": sysconfig.get_path("scripts")},
        capture_output=True,
        text=True,
        check=False,
    )
    there = Outcome(result.returncode, result.stdout + result.stderr, site / "site/index.html")
    assert here.status == there.status == 1
    assert here.error == there.error
    # MkDocs logs it too, with the page's name.
    (logged,) = [line for line in there.lines if line.startswith("ERROR")]
    assert logged.endswith(f"Error reading page 'index.md': {there.error}")
    assert there.error == (
        "docs/index.md:8: unknown scenario 'list-user'; choose list-users or videosdk-sessions."
    )
    assert not there.html
