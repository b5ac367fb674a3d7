from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from click.testing import Result

from tabproof.project import catalog_reader
from tabproof.render.renderer import Renderer

Init = Callable[..., Result]
NEW = {
    ".gitattributes",
    ".github/workflows/samples.yml",
    ".gitignore",
    "docs/list-orders.md",
    "tabproof.toml",
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
    (repository / "tabproof.toml").unlink()
    project = catalog_reader.load(repository)
    samples = list(Renderer(project).all())
    assert {sample.key.scenario for sample in samples} == {"list-orders"}
    assert {sample.key.language for sample in samples} == set(project.languages)


def test_a_second_time_it_finds_nothing_to_do(init: Init, repository: Path) -> None:
    assert init("--yes").exit_code == 0
    before = _texts(repository)
    result = init("--yes")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.endswith("Nothing to do: this project is already set up.\n")
    assert _texts(repository) == before


def test_without_a_terminal_and_a_yes_it_shows_and_writes_nothing(
    init: Init, repository: Path
) -> None:
    before = _texts(repository)
    result = init()
    assert result.exit_code == 2
    assert "create templates/scenarios/list-orders.yml" in result.stdout
    assert "+  - tabproof\n" in result.stdout
    words = "not a terminal; use --yes to write these files."
    assert result.stderr == f"tabproof: {words}\n"
    assert _texts(repository) == before


def test_a_file_that_is_there_is_never_replaced(init: Init, repository: Path) -> None:
    page = repository / "docs/list-orders.md"
    page.write_text("# Mine\n", encoding="utf-8")
    (repository / ".gitattributes").write_text("*.png binary", encoding="utf-8")
    result = init("--yes")
    assert result.exit_code == 0
    assert "keep docs/list-orders.md: it already exists\n" in result.stderr
    assert page.read_text(encoding="utf-8") == "# Mine\n"
    lines = (repository / ".gitattributes").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "*.png binary"
    assert any(line.startswith("samples/*/library/** ") for line in lines)


def test_a_folder_without_a_site_is_refused(init: Init, repository: Path) -> None:
    (repository / "mkdocs.yml").unlink()
    result = init("--yes")
    assert (result.exit_code, result.stdout) == (2, "")
    words = "there is no mkdocs.yml here; run this in its folder, or use --root."
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
    words = "mkdocs.yml: the tabs need the styles of the theme material; set `theme`.\n"
    assert words in init("--yes").stderr


@pytest.mark.parametrize("lines", ["theme: material\n", "theme:\n  name: material\n"])
def test_a_theme_that_has_the_styles_is_not_spoken_of(
    init: Init, repository: Path, lines: str
) -> None:
    (repository / "mkdocs.yml").write_text(f"site_name: x\n{lines}", encoding="utf-8")
    assert "theme" not in init("--yes").stderr


def test_a_dry_run_shows_everything_and_writes_nothing(init: Init, repository: Path) -> None:
    before = _texts(repository)
    result = init("--dry-run")
    assert result.exit_code == 0
    assert "create templates/scenarios/list-orders.yml" in result.stdout
    assert "+  - tabproof\n" in result.stdout
    assert result.stderr.endswith("Nothing was written (--dry-run).\n")
    assert _texts(repository) == before


def test_a_site_in_a_folder_below_is_named(init: Init, repository: Path) -> None:
    (repository / "site").mkdir()
    (repository / "mkdocs.yml").rename(repository / "site/mkdocs.yaml")
    assert init().stderr.endswith("or use --root. Try --root site.\n")


def test_a_workflow_goes_where_github_reads_it(init: Init, repository: Path) -> None:
    (repository.parent / ".git").mkdir()
    result = init("--yes")
    assert result.exit_code == 0, result.stderr
    assert "create ../.github/workflows/samples.yml" in result.stdout
    workflow = (repository.parent / ".github/workflows/samples.yml").read_text(encoding="utf-8")
    job = yaml.safe_load(workflow)["jobs"]["samples"]
    assert job["defaults"] == {"run": {"working-directory": "repository"}}
    assert not (repository / ".github").exists()


def test_a_workflow_at_the_top_of_a_repository_has_no_folder(init: Init, repository: Path) -> None:
    (repository / ".git").mkdir()
    assert init("--yes").exit_code == 0
    text = (repository / ".github/workflows/samples.yml").read_text(encoding="utf-8")
    job = yaml.safe_load(text)["jobs"]["samples"]
    assert "defaults" not in job
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert commands[-3:] == [
        "tabproof check",
        "tabproof prove --fresh --format github",
        "mkdocs build --strict",
    ]


def test_what_the_workflow_installs_from_is_named_until_it_names_tabproof(
    init: Init, repository: Path
) -> None:
    words = "requirements.txt: the workflow installs it; list what builds the site"
    assert words in init("--dry-run").stderr
    (repository / "requirements.txt").write_text("mkdocs-material\ntabproof\n", encoding="utf-8")
    assert words not in init("--dry-run").stderr


def test_the_line_ends_of_a_file_stay_as_they_are(init: Init, repository: Path) -> None:
    (repository / ".gitattributes").write_text("*.png binary\n", encoding="utf-8")
    for name in ("mkdocs.yml", ".gitattributes"):
        content = (repository / name).read_bytes()
        (repository / name).write_bytes(content.replace(b"\n", b"\r\n"))
    assert init("--yes").exit_code == 0
    for name in ("mkdocs.yml", ".gitattributes"):
        content = (repository / name).read_bytes()
        assert content.count(b"\n") == content.count(b"\r\n") > 4
    assert b"\r" not in (repository / "tabproof.toml").read_bytes()


def test_tabs_in_a_style_that_cannot_be_shown_are_named(init: Init, repository: Path) -> None:
    words = "mkdocs.yml: pymdownx.tabbed needs `alternate_style: true`; add it.\n"
    (repository / "mkdocs.yml").write_text(
        "site_name: x\ntheme: material\nmarkdown_extensions: [pymdownx.tabbed]\n", encoding="utf-8"
    )
    assert words in init("--dry-run").stderr
