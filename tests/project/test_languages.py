"""The files of a language: a project's own first, the packaged ones second."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tabproof.cli import doctor
from tabproof.errors import InputError
from tabproof.model.command import fill_command
from tabproof.model.language import Language
from tabproof.project import catalog_reader
from tabproof.project.template_files import packaged_templates
from tabproof.toolchains import find, install, package_managers

INPUTS = Path(__file__).parents[1] / "inputs"


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A project of somebody else, which overrides nothing."""
    scenarios = tmp_path / "other" / "templates" / "scenarios"
    scenarios.mkdir(parents=True)
    shutil.copy(INPUTS / "right.yml", scenarios / "list-users.yml")
    return tmp_path / "other"


@pytest.fixture
def overridden(other: Path) -> Callable[[str, str], Language]:
    """A language of which the project has one file, with a comment added."""

    def override(language: str, name: str) -> Language:
        text = (packaged_templates() / language / name).read_text(encoding="utf-8")
        own = other / "templates" / language / name
        own.parent.mkdir(exist_ok=True)
        own.write_text(f"{text}\n", encoding="utf-8")
        return catalog_reader.load(other).languages[language]

    return override


def below(folder: Path, language: Language, *names: str) -> list[bool]:
    return [Path(language.files[name]).is_relative_to(folder) for name in names]


def test_a_project_that_overrides_language_yml_keeps_the_packaged_files(
    other: Path, overridden: Callable[[str, str], Language]
) -> None:
    csharp = overridden("csharp", "language.yml")
    assert below(other, csharp, "language.yml", "MonoMain.cs") == [True, False]
    packaged = str(packaged_templates() / "csharp" / "MonoMain.cs")
    assert csharp.files["MonoMain.cs"] == packaged
    mono = next(tool for tool in csharp.data.toolchains if tool.runtime == "mono")
    (command,) = mono.prepare
    assert fill_command(command[-1:], {}) == [packaged]


def test_a_project_may_override_another_file_of_a_language_alone(
    other: Path, overridden: Callable[[str, str], Language]
) -> None:
    csharp = overridden("csharp", "MonoMain.cs")
    assert below(other, csharp, "language.yml", "MonoMain.cs") == [False, True]
    mono = next(tool for tool in csharp.data.toolchains if tool.runtime == "mono")
    own = str(other / "templates" / "csharp" / "MonoMain.cs")
    assert fill_command(mono.prepare[0][-1:], {}) == [own]


def test_locks_are_found_where_they_are(
    other: Path, overridden: Callable[[str, str], Language], monkeypatch: pytest.MonkeyPatch
) -> None:
    node = overridden("node", "package.json")
    assert below(other, node, "package.json", "package-lock.json") == [True, False]
    monkeypatch.setattr(package_managers, "install_failure", lambda _command: "")
    monkeypatch.setattr(find, "find_programs", lambda tool, *_: dict(tool.programs))
    monkeypatch.setattr("shutil.which", lambda program: program)
    assert list(install.install_libraries(node, other)) == []
    folder = find.libraries_folder(node, other)
    for name in ("package.json", "package-lock.json", "eslint.config.mjs"):
        assert (folder / name).read_bytes() == Path(node.files[name]).read_bytes()


def test_a_file_in_a_folder_with_braces_in_its_name_is_found(
    other: Path, overridden: Callable[[str, str], Language], tmp_path: Path
) -> None:
    overridden("csharp", "MonoMain.cs")
    odd = other.rename(tmp_path / "{nope} {")
    mono = catalog_reader.load(odd).languages["csharp"].data.toolchains[1]
    assert mono.runtime == "mono"
    own = str(odd / "templates" / "csharp" / "MonoMain.cs")
    assert fill_command(mono.prepare[0][-1:], {}) == [own]


def test_files_of_editors_belong_to_no_language(other: Path) -> None:
    folder = other / "templates" / "csharp"
    folder.mkdir()
    (folder / "MonoMain.cs~").touch()
    (folder / ".MonoMain.cs.swp").touch()
    files = catalog_reader.load(other).languages["csharp"].files
    assert not {"MonoMain.cs~", ".MonoMain.cs.swp"} & set(files)


@pytest.mark.parametrize("name", ["sample.rb.jinja", "step-jwt-library.rb.jinja"])
def test_a_folder_with_the_misspelt_name_of_a_language_is_told(name: str, other: Path) -> None:
    own = other / "templates/rubby" / name
    own.parent.mkdir()
    own.write_text('{% extends "package/ruby/sample.rb.jinja" %}\n', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        catalog_reader.load(other)
    words = "there is no language 'rubby'; choose csharp, curl, go, node, php, python or ruby, or"
    assert str(caught.value) == f"templates/rubby/{name}: {words} write its language.yml."


@pytest.mark.parametrize("name", ["token-library-HS256.rb.jinja", "token-stdlib-HS512.rb.jinja"])
def test_a_template_that_no_sample_is_made_of_any_more_is_told(name: str, other: Path) -> None:
    own = other / "templates/ruby" / name
    own.parent.mkdir()
    own.write_text('{% extends "package/ruby/sample.rb.jinja" %}\n', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        catalog_reader.load(other)
    assert str(caught.value) == (
        f"templates/ruby/{name}: is used no longer; move it to the templates `step-jwt` and "
        "`sign-hmac`, as the page Upgrading says."
    )


@pytest.mark.parametrize(
    "name",
    [
        "mail/token.html.jinja",
        "mail/token-reset.html.jinja",
        "mail/body.html.jinja",
        "shared/head.jinja",
        "samples/sample.d/x.jinja",
    ],
)
def test_templates_that_no_language_would_have_are_left_alone(name: str, other: Path) -> None:
    path = other / "templates" / name
    path.parent.mkdir(parents=True)
    path.touch()
    assert "ruby" in catalog_reader.load(other).languages


def test_the_templates_of_a_language_that_the_settings_leave_out_are_left_alone(
    other: Path, overridden: Callable[[str, str], Language]
) -> None:
    overridden("ruby", "sample.rb.jinja")
    (other / "tabproof.toml").write_text('languages = ["node"]\n', encoding="utf-8")
    assert [*catalog_reader.load(other).languages] == ["node"]


def test_the_doctor_counts_many_files_and_names_few(
    other: Path, overridden: Callable[[str, str], Language]
) -> None:
    overridden("csharp", "MonoMain.cs")
    languages = catalog_reader.load(other).languages
    (words,) = (
        words for title, words in doctor.template_source_lines(languages, other) if title == "C#"
    )
    assert words.startswith("MonoMain.cs from templates/csharp/MonoMain.cs; ")
    for name in ("language.yml", "mutations.yml", "literals.yml"):
        overridden("csharp", name)
    languages = catalog_reader.load(other).languages
    (words,) = (
        words for title, words in doctor.template_source_lines(languages, other) if title == "C#"
    )
    assert words.startswith("4 files from templates/csharp; ")


def test_the_cases_of_a_project_need_not_have_each_outcome_that_packaged_languages_word(
    other: Path,
) -> None:
    cases = (INPUTS / "right-cases.yml").read_text(encoding="utf-8")
    (other / "templates/cases.yml").write_text(cases, encoding="utf-8")
    catalog = catalog_reader.load(other)
    outcomes = {
        outcome
        for language in catalog.languages.values()
        for toolchain in language.data.toolchains
        for outcome in toolchain.wording
    }
    assert outcomes - {*catalog.cases.outcomes}


def test_the_wording_of_an_outcome_that_no_case_has_is_refused_in_a_language_of_the_project(
    other: Path, overridden: Callable[[str, str], Language]
) -> None:
    overridden("node", "language.yml")
    cases = (INPUTS / "right-cases.yml").read_text(encoding="utf-8")
    (other / "templates/cases.yml").write_text(cases, encoding="utf-8")
    with pytest.raises(InputError, match=r"^templates/node/language\.yml: unknown outcome "):
        catalog_reader.load(other)
