from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from tests.languages import SAMPLES

Run = Callable[..., Result]
UNCHANGED = f"{2 * SAMPLES} samples, 0 files changed\n"
RIGHT = Path(__file__).parent.parent / "inputs/right.yml"


def _scenario(project: Path, name: str) -> None:
    (project / f"templates/scenarios/{name}.yml").write_bytes(RIGHT.read_bytes())


def _names(folder: Path) -> set[str]:
    return {os.fsdecode(path) for path in folder.rglob("*") if ".tabproof" not in path.parts}


@pytest.mark.parametrize(
    "name",
    [
        "List-users",
        "list_users",
        "users\n",
        "größe",
        "caf\udce9",
        "2fa",
        "x--y",
        "-x",
        unicodedata.normalize("NFC", "listé"),
        unicodedata.normalize("NFD", "listé"),
        "x.",
        "a:b",
        "a" * 101,
        "-",
        "--help",
        "a b",
        "a\tb",
        "a\nb",
        "a*b",
        "a\\b",
        "a'b",
        "a$(id)b",
        "\N{RIGHT-TO-LEFT OVERRIDE}ab",
        "\N{CYRILLIC SMALL LETTER A}b",
        "\N{FULLWIDTH LATIN SMALL LETTER A}b",
        "٣",
    ],
)
def test_a_name_that_no_file_system_can_hold_is_refused_and_nothing_is_written(
    name: str, project: Path, tabproof: Run
) -> None:
    _scenario(project, name)
    before = _names(project)
    result = tabproof("generate")
    assert result.exit_code == 2
    told = result.stderr.removeprefix(UNCHANGED)
    assert told.startswith("tabproof: templates/scenarios/")
    assert told.endswith(
        "is no name that every file system can hold; rename the file to lower-case words joined by "
        "hyphens, at most 100 characters.\n"
    )
    assert told.count("\n") == 1
    assert _names(project) == before


@pytest.mark.parametrize("name", ["a" * 100, "users2", "v2-users"])
def test_the_longest_name_and_names_with_digits_are_right(
    name: str, project: Path, tabproof: Run
) -> None:
    _scenario(project, name)
    assert tabproof("generate").exit_code == 0


@pytest.mark.parametrize("name", ["aux", "con", "com1", "con.x", "nul", "lpt9"])
def test_a_name_of_a_device_is_refused_for_that_reason(
    name: str, project: Path, tabproof: Run
) -> None:
    _scenario(project, name)
    before = _names(project)
    result = tabproof("generate")
    assert (result.exit_code, _names(project)) == (2, before)
    assert result.stderr == (
        f"{UNCHANGED}tabproof: templates/scenarios/{name}.yml: '{name}' is a device on Windows; "
        "rename the file.\n"
    )


@pytest.mark.parametrize("name", ["com-1", "l-p-t-9", "nu-l"])
def test_a_name_that_a_language_spells_as_a_device_is_refused_in_that_language(
    name: str, project: Path, tabproof: Run
) -> None:
    _scenario(project, name)
    result = tabproof("generate")
    spelt = "".join(map(str.capitalize, name.split("-"))) + ".cs"
    assert result.stderr.partition("\n")[2] == (
        f"tabproof: templates/scenarios/{name}.yml: {name}, csharp: '{spelt}' is a device on "
        "Windows; rename the scenario.\n"
    )
    assert result.exit_code == 2
    assert not [path for path in _names(project) if path.endswith(spelt)]


@pytest.mark.parametrize(
    "file_name",
    [
        "../{snake}.rb",
        "/{snake}.rb",
        "a/{snake}.rb",
        "{snake}.",
        ".rb",
        "{snake} .rb",
        "é.rb",
        "",
    ],
)
def test_a_sample_stays_in_its_folder_whatever_its_language_says(
    file_name: str, project: Path, tabproof: Run
) -> None:
    path = project / "templates/ruby/language.yml"
    text = path.read_text(encoding="utf-8")
    assert '"{snake}.rb"' in text
    path.write_text(text.replace('"{snake}.rb"', f'"{file_name}"'), encoding="utf-8")
    before = _names(project.parent)
    result = tabproof("generate")
    assert (
        "tabproof: list-users, ruby: `file_name` in templates/ruby/language.yml makes "
        f"'{file_name.format(snake='list_users')}', which is not a valid file name everywhere; use "
        "letters, digits, `_`, `-` and `.`.\n"
    ) in result.stderr
    assert result.exit_code == 2
    assert _names(project.parent) == before


@pytest.mark.parametrize("file_name", ["{snake}.py", "{snake}.PY"])
def test_two_languages_do_not_make_one_file(file_name: str, project: Path, tabproof: Run) -> None:
    path = project / "templates/ruby/language.yml"
    text = path.read_text(encoding="utf-8").replace('"{snake}.rb"', f'"{file_name}"')
    path.write_text(text, encoding="utf-8")
    suffix = file_name.rpartition(".")[2]
    for old in (project / "templates/ruby").glob("*.rb.jinja"):
        old.rename(old.with_name(old.name.replace(".rb.", f".{suffix}.")))
    result = tabproof("generate")
    assert result.exit_code == 2
    assert " both make samples/list-users/library/list_users." in result.stderr
    assert result.stderr.count("\n") == 1


def test_files_and_folders_of_editors_and_systems_are_no_templates(
    project: Path, tabproof: Run
) -> None:
    rubbish = b"\0\xff\xfe {% nonsense"
    names = [
        "templates/.DS_Store",
        "templates/node/.x.jinja.swp",
        "templates/node/#x.jinja#",
        "templates/node/sample.mjs.jinja~",
        "templates/node/.#sample.mjs.jinja",
        "templates/node/._sample.mjs.jinja",
        "templates/.idea/x.jinja",
        "templates/node/.history/sample.mjs.jinja",
        "templates/.ruby/language.yml",
        "templates/ruby~/language.yml",
        "templates/scenarios/.DS_Store",
        "templates/scenarios/._list-users.yml",
        "templates/scenarios/.list-users.yml",
        "templates/scenarios/.#list-users.yml",
        "templates/scenarios/notes.txt",
        "templates/scenarios/#list-users.yml#",
        "templates/scenarios/list-users.yml~",
        "samples/.DS_Store",
        "samples/list-users/library/.list_users.rb.swp",
    ]
    for name in names:
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_bytes(rubbish)
    result = tabproof("check")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"{2 * SAMPLES} samples are current and publishable\n"
    assert tabproof("generate").exit_code == 0
    assert all((project / name).read_bytes() == rubbish for name in names)


def test_a_foreign_file_is_named_in_one_line_of_printable_characters(
    project: Path, tabproof: Run
) -> None:
    (project / os.fsdecode(b"samples/caf\xe9\n\x1b[31m.txt")).write_bytes(b"mine")
    result = tabproof("check")
    assert result.exit_code == 0
    named = r"samples/caf\udce9\n\x1b[31m.txt: not generated by Tabproof, left as it is"
    assert result.stderr.splitlines()[0] == named


def test_an_orphan_that_no_manifest_knows_is_left_and_named(project: Path, tabproof: Run) -> None:
    (project / "samples/manifest.json").unlink()
    (project / "templates/scenarios/videosdk-sessions.yml").unlink()
    result = tabproof("generate")
    assert result.exit_code == 0
    assert result.stderr.count("samples/videosdk-sessions/") == SAMPLES
    assert result.stderr.count(": not generated by Tabproof, left as it is\n") == SAMPLES
    assert len(list((project / "samples/videosdk-sessions").rglob("*.*"))) == SAMPLES
