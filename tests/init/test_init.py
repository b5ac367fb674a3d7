from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from click.testing import Result
from tests.languages import SAMPLES

from tabproof import catalog
from tabproof.cli.mkdocs_lines import pages_folder, with_tabproof
from tabproof.errors import InputError
from tabproof.render import Renderer

Init = Callable[..., Result]
NEW = {
    ".gitattributes",
    ".github/workflows/samples.yml",
    ".gitignore",
    "docs/list-orders.md",
    "templates/scenarios/list-orders.yml",
    "templates/schemas/scenario.json",
}


def _texts(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for path in root.rglob("*")
        if path.is_file()
    }


def test_it_adds_what_is_missing_and_leaves_every_line_that_was_there(
    init: Init, repository: Path
) -> None:
    before = _texts(repository)
    result = init("--yes")
    assert result.exit_code == 0, result.stderr
    after = _texts(repository)
    assert after.keys() - before.keys() == NEW
    assert after["docs/index.md"] == before["docs/index.md"]
    kept = [line for line in before["mkdocs.yml"].splitlines() if line]
    assert [line for line in after["mkdocs.yml"].splitlines() if line in kept] == kept
    for path in NEW:
        assert f"create {path} (" in result.stdout


def test_its_scenario_renders_in_all_languages(init: Init, repository: Path) -> None:
    assert init("--yes").exit_code == 0
    samples = list(Renderer(catalog.load(repository)).all())
    assert len(samples) == SAMPLES
    assert {sample.key.scenario for sample in samples} == {"list-orders"}


def test_a_second_time_it_finds_nothing_to_do(init: Init, repository: Path) -> None:
    assert init("--yes").exit_code == 0
    before = _texts(repository)
    result = init("--yes")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.endswith("Nothing is missing here.\n")
    assert _texts(repository) == before


def test_without_a_terminal_and_a_yes_it_shows_and_writes_nothing(
    init: Init, repository: Path
) -> None:
    before = _texts(repository)
    result = init()
    assert result.exit_code == 2
    assert "create templates/scenarios/list-orders.yml" in result.stdout
    assert "+  - tabproof\n" in result.stdout
    words = "nobody is there to be asked; say --yes to write all of this."
    assert result.stderr == f"tabproof: {words}\n"
    assert _texts(repository) == before


def test_a_file_that_is_there_is_never_replaced(init: Init, repository: Path) -> None:
    page = repository / "docs/list-orders.md"
    page.write_text("# Mine\n", encoding="utf-8")
    (repository / ".gitattributes").write_text("*.png binary", encoding="utf-8")
    result = init("--yes")
    assert result.exit_code == 0
    assert "keep docs/list-orders.md: it is there already\n" in result.stderr
    assert page.read_text(encoding="utf-8") == "# Mine\n"
    lines = (repository / ".gitattributes").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "*.png binary"
    assert any(line.startswith("samples/** ") for line in lines)


def test_a_folder_without_a_site_is_refused(init: Init, repository: Path) -> None:
    (repository / "mkdocs.yml").unlink()
    result = init("--yes")
    assert (result.exit_code, result.stdout) == (2, "")
    words = "there is no mkdocs.yml here; run this beside one, or name its --root."
    assert result.stderr == f"tabproof: {words}\n"


def test_a_scenario_that_is_not_right_is_refused_before_anything_is_written(
    init: Init, repository: Path, tmp_path: Path
) -> None:
    before = _texts(repository)
    wrong = tmp_path / "wrong.yml"
    wrong.write_text("title: x\n", encoding="utf-8")
    result = init("--yes", "--scenario", str(wrong))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"tabproof: {wrong}:")
    assert _texts(repository) == before


def test_its_page_is_where_the_site_has_its_pages(init: Init, repository: Path) -> None:
    (repository / "docs").rename(repository / "content")
    with (repository / "mkdocs.yml").open("a", encoding="utf-8") as site:
        site.write("docs_dir: content/\n")
    result = init("--yes")
    assert result.exit_code == 0, result.stderr
    assert (repository / "content/list-orders.md").is_file()
    assert not (repository / "docs").exists()


@pytest.mark.parametrize("line", ["docs_dir: !ENV PAGES", "docs_dir: !ENV [PAGES, docs]", ""])
def test_where_nobody_says_where_pages_are_they_are_in_docs(line: str) -> None:
    assert pages_folder(f"site_name: x\n{line}\n", "mkdocs.yml") == "docs"


def test_a_new_page_that_no_menu_will_show_is_named(init: Init, repository: Path) -> None:
    words = "mkdocs.yml: its `nav` does not list docs/list-orders.md yet; add it.\n"
    assert words not in init("--yes").stderr
    (repository / "docs/list-orders.md").unlink()
    with (repository / "mkdocs.yml").open("a", encoding="utf-8") as site:
        site.write("nav:\n  - Home: index.md\n")
    assert words in init("--yes").stderr
    assert words not in init("--yes").stderr


@pytest.mark.parametrize("lines", ["", "theme: readthedocs\n", "theme: {custom_dir: x}\n"])
def test_a_theme_without_the_styles_of_tabs_is_named(
    init: Init, repository: Path, lines: str
) -> None:
    (repository / "mkdocs.yml").write_text(f"site_name: x\n{lines}", encoding="utf-8")
    words = "mkdocs.yml: its `theme` is not material, whose styles the tabs need; name it.\n"
    assert words in init("--yes").stderr


@pytest.mark.parametrize("lines", ["theme: material\n", "theme:\n  name: material\n"])
def test_a_theme_that_has_the_styles_is_not_spoken_of(
    init: Init, repository: Path, lines: str
) -> None:
    (repository / "mkdocs.yml").write_text(f"site_name: x\n{lines}", encoding="utf-8")
    assert "theme" not in init("--yes").stderr


EXTENSIONS = ["pymdownx.highlight", "pymdownx.superfences", "pymdownx.tabbed", "tabproof"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "site_name: x",
        "site_name: x\nmarkdown_extensions: []\n",
        "markdown_extensions: [toc, pymdownx.superfences]\nwatch: [theme]\n",
        "markdown_extensions:\n- toc\n\n# more\nsite_name: x\n",
        "markdown_extensions:\n    - toc:\n        permalink: true\n    # end\nsite_name: x\n",
        "site_name: x\nmarkdown_extensions:\n  - toc",
        "site_name: !ENV [NAME, x]\nmarkdown_extensions:\n  - pymdownx.tabbed:\n      a: 1\n",
    ],
)
def test_the_lists_of_a_site_get_each_entry_once(text: str) -> None:
    new = with_tabproof(text, "mkdocs.yml")
    assert with_tabproof(new, "mkdocs.yml") == new
    data = yaml.safe_load(new.replace("!ENV ", ""))
    names = [next(iter(e)) if isinstance(e, dict) else e for e in data["markdown_extensions"]]
    assert sorted(name for name in names if name in EXTENSIONS) == EXTENSIONS
    assert len(names) == len(set(names))
    assert {"samples", "templates"} <= set(data["watch"])
    assert [line for line in text.splitlines() if "[" not in line and line not in new] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("markdown_extensions: {toc: {}}\n", "`markdown_extensions` is no list; write it as one"),
        ("- a\n", "is no mapping"),
        ("a: [\n", "is no YAML that can be read"),
    ],
)
def test_a_site_that_cannot_be_edited_is_told(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        with_tabproof(text, "mkdocs.yml")
