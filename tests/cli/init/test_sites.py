"""Sites as they are in the wild: what they inherit, what they are called, who builds them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result
from zensical.config import DEFAULT_MARKDOWN_EXTENSIONS

from tabproof.cli.init import site_configuration

Init = Callable[..., Result]
LIST = "markdown_extensions:\n  - toc:\n      permalink: true # each heading\nplugins: [search]\n"
MAPPING = "markdown_extensions:\n  toc:\n    permalink: true\n"
CHILD = "INHERIT: ../base.yml\nsite_name: x\ntheme: material\n"


def _write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (root / name).write_text(text, encoding="utf-8")


def _effective(root: Path) -> dict[str, Any]:
    return site_configuration.read(root).settings


@pytest.mark.parametrize("parent", [LIST, MAPPING, "plugins: [search]\n"])
def test_what_a_site_inherits_is_still_there(init: Init, repository: Path, parent: str) -> None:
    (repository.parent / ".git").mkdir()
    _write(repository, {"mkdocs.yml": CHILD, "../base.yml": parent})
    before = _effective(repository)
    assert init("--yes").exit_code == 0
    after = _effective(repository)
    old, new = (
        site_configuration.extensions_of(settings.get("markdown_extensions"))
        for settings in (before, after)
    )
    assert new == old | {
        "pymdownx.superfences": {},
        "pymdownx.tabbed": {"alternate_style": True},
        "tabproof": {},
    }
    assert after["watch"] == ["samples", "templates"]
    ours = {"markdown_extensions", "watch"}
    assert {k: v for k, v in after.items() if k not in ours} == {
        k: v for k, v in before.items() if k not in ours
    }


def test_a_list_is_extended_in_the_file_that_has_it(init: Init, repository: Path) -> None:
    (repository.parent / ".git").mkdir()
    _write(repository, {"mkdocs.yml": CHILD, "../base.yml": LIST})
    result = init("--yes")
    words = "note: ../base.yml is changed: mkdocs.yml inherits `markdown_extensions` from it"
    assert words in result.stderr
    assert "change ../base.yml\n" in result.stdout
    assert "markdown_extensions" not in (repository / "mkdocs.yml").read_text(encoding="utf-8")
    assert init("--yes").stderr.endswith("Nothing to do: this project is already set up.\n")


def test_a_mapping_is_extended_where_the_site_is(init: Init, repository: Path) -> None:
    _write(repository, {"mkdocs.yml": CHILD, "../base.yml": MAPPING})
    assert init("--yes").exit_code == 0
    assert (repository / "../base.yml").read_text(encoding="utf-8") == MAPPING


def test_a_list_outside_the_repository_is_left_and_its_lines_are_printed(
    init: Init, repository: Path
) -> None:
    (repository / ".git").mkdir()
    _write(repository, {"mkdocs.yml": CHILD, "../base.yml": LIST})
    result = init("--yes")
    assert result.exit_code == 0, result.stderr
    assert (repository / "../base.yml").read_text(encoding="utf-8") == LIST
    _head, _blank, rest = result.stdout.partition("would override it:\n\n")
    pasted = yaml.safe_load(rest.partition("\n\n")[0])
    assert pasted["markdown_extensions"][-1] == "tabproof"
    assert "../base.yml: paste the lines above.\n" in result.stderr
    assert "markdown_extensions" not in (repository / "mkdocs.yml").read_text(encoding="utf-8")
    assert (repository / "templates/scenarios/list-orders.yml").is_file()


def test_watched_folders_of_a_parent_are_repeated_since_a_list_replaces_them(
    init: Init, repository: Path
) -> None:
    (repository.parent / ".git").mkdir()
    parent = f"{MAPPING}watch: [theme]\n"
    _write(repository, {"mkdocs.yml": CHILD, "../base.yml": parent})
    result = init("--yes")
    assert "note: mkdocs.yml: `watch` repeats that of ../base.yml" in result.stderr
    assert _effective(repository)["watch"] == ["theme", "samples", "templates"]
    assert (repository / "../base.yml").read_text(encoding="utf-8") == parent


def test_a_list_that_cannot_be_edited_is_printed_and_the_rest_is_written(
    init: Init, repository: Path
) -> None:
    text = "site_name: x\ntheme: material\nmarkdown_extensions: [toc,\n  tables]\n"
    _write(repository, {"mkdocs.yml": text})
    result = init("--yes")
    assert result.exit_code == 0, result.stderr
    assert "Paste into mkdocs.yml, because its `markdown_extensions` cannot be" in result.stdout
    assert "\nmarkdown_extensions:\n  - pymdownx.superfences\n" in result.stdout
    new = (repository / "mkdocs.yml").read_text(encoding="utf-8")
    assert new == f"{text}\nwatch:\n  - samples\n  - templates\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("INHERIT: none.yml\n", "mkdocs.yml: INHERIT names none.yml, which does not exist."),
        (
            "INHERIT: mkdocs.yml\n",
            "mkdocs.yml: INHERIT is circular, back to mkdocs.yml; remove one",
        ),
        ("a: [\n", "mkdocs.yml:2: is not YAML: "),
    ],
)
def test_a_site_that_cannot_be_read_is_refused(
    init: Init, repository: Path, text: str, words: str
) -> None:
    _write(repository, {"mkdocs.yml": text})
    result = init("--yes")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"tabproof: {words}")


@pytest.mark.parametrize("line", ["docs_dir: !ENV PAGES", "docs_dir: !ENV [PAGES, docs]", ""])
def test_where_nobody_says_where_pages_are_they_are_in_docs(repository: Path, line: str) -> None:
    _write(repository, {"mkdocs.yml": f"site_name: x\n{line}\n"})
    assert site_configuration.read(repository).pages == "docs"


def test_a_folder_of_pages_may_be_inherited_and_outside(init: Init, repository: Path) -> None:
    _write(repository, {"mkdocs.yml": CHILD, "../base.yml": "docs_dir: ../pages\n"})
    assert init("--yes").exit_code == 0
    assert (repository.parent / "pages/list-orders.md").is_file()


def test_the_other_name_of_a_configuration_is_as_good(init: Init, repository: Path) -> None:
    (repository / "mkdocs.yml").rename(repository / "mkdocs.yaml")
    result = init("--yes")
    assert result.exit_code == 0, result.stderr
    assert "change mkdocs.yaml\n" in result.stdout
    assert not (repository / "mkdocs.yml").exists()


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_zensical_s_own_file_keeps_its_extensions(
    init: Init, repository: Path, newline: str
) -> None:
    (repository / "mkdocs.yml").unlink()
    text = '[project] # ours\nsite_name = "x"\n\n[project.theme]\nvariant = "classic"\n'
    (repository / "zensical.toml").write_bytes(text.replace("\n", newline).encode())
    result = init("--yes")
    assert result.exit_code == 0, result.stderr
    assert "Zensical's default extensions" in result.stderr
    assert "then: zensical build --clean\n" in result.stderr
    content = (repository / "zensical.toml").read_bytes().decode()
    assert content.count("\n") == content.count(newline)
    project = tomllib.loads(content)["project"]
    extensions = project["markdown_extensions"]
    assert extensions.keys() == {*DEFAULT_MARKDOWN_EXTENSIONS, "tabproof"}
    assert extensions["pymdownx.emoji"]["emoji_index"] == "zensical.extensions.emoji.twemoji"
    assert project["watch"] == ["samples", "templates"]
    lines = iter(content.splitlines())
    assert all(line in lines for line in text.splitlines())
    assert init("--yes").stderr.endswith("Nothing to do: this project is already set up.\n")


def test_extensions_of_zensical_s_own_file_are_extended(init: Init, repository: Path) -> None:
    (repository / "mkdocs.yml").unlink()
    text = (
        '[project]\nsite_name = "x"\nwatch = ["theme"] # too\n\n'
        "[project.markdown_extensions.toc]\npermalink = true\n\n"
        "[project.markdown_extensions.pymdownx.tabbed]\nalternate_style = true\n"
    )
    _write(repository, {"zensical.toml": text})
    assert init("--yes").exit_code == 0
    content = (repository / "zensical.toml").read_text(encoding="utf-8")
    project = tomllib.loads(content)["project"]
    assert project["watch"] == ["theme", "samples", "templates"]
    assert project["markdown_extensions"] == {
        "toc": {"permalink": True},
        "pymdownx": {"tabbed": {"alternate_style": True}},
        "pymdownx.superfences": {},
        "tabproof": {},
    }


def test_a_site_that_zensical_builds_is_built_by_it(init: Init, repository: Path) -> None:
    text = "site_name: x\ntheme: material\nmarkdown_extensions:\n  zensical.extensions.macros:\n"
    _write(repository, {"mkdocs.yml": text})
    assert "then: zensical build --clean\n" in init("--dry-run").stderr
