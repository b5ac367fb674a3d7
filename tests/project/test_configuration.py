from __future__ import annotations

import json
import os
import re
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import click
import hypothesis
import pytest
from click.testing import CliRunner, Result
from hypothesis import strategies as st
from tests.languages import LANGUAGES

from tabproof.cli import COMMANDS, main, option_defaults
from tabproof.cli.config import rows
from tabproof.errors import InputError, choose
from tabproof.model import settings as model
from tabproof.project import settings_file, toml_file

BITS = (
    *("[", "]", "[[", "]]", "=", '"', "'", '"""', "'''", "#", "\n", "\\", "\0", "\r", "\udce9"),
    *("9" * 5000, "[" * 500, "{" * 500, "a." * 3000, "1979-05-27T07:32:00Z", "inf", "nan"),
    *("<<<<<<< x\n", "\n[prove]\n", "\n[x]\n", "\nlanguages = 1\n"),
)
"""What a file may hold that somebody has to think of."""

INPUTS = Path(__file__).parents[1] / "inputs"
Run = Callable[..., Result]
WITHOUT_PROJECT = {"schema", "completion"}
ARGUMENTS = {"schema": [], "completion": ["bash"], "expand": ["."]}
"""What a command needs beside its name."""


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LANGUAGES", "VARIANTS", "JOBS", "ISOLATION"):
        monkeypatch.delenv(f"TABPROOF_{name}", raising=False)


@pytest.fixture
def settle(project: Path) -> Callable[[str], None]:
    """Writes the project's settings."""

    def write(text: str) -> None:
        (project / "tabproof.toml").write_text(text, encoding="utf-8")

    return write


def _listed(result: Result) -> dict[str, dict[str, Any]]:
    assert (result.exit_code, result.stderr) == (0, "")
    return {row["name"]: row for row in json.loads(result.stdout)}


def _bare(root: Path, *arguments: str) -> Result:
    """Runs the command line in a folder that holds settings and nothing else."""
    words = ["--root", str(root), *(arguments or ("config",))]
    return CliRunner().invoke(main, words, catch_exceptions=False)


def _folder(path: Path) -> None:
    path.mkdir()


def _nowhere(path: Path) -> None:
    path.symlink_to("nowhere")


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _latin_1(path: Path) -> None:
    path.write_bytes('languages = ["node"] # tabproof für alle\n'.encode("latin-1"))


def _utf_16(path: Path) -> None:
    path.write_text('languages = ["node"]\n', encoding="utf-16")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_folder, ": is no file; put one in its place."),
        (_nowhere, ": cannot be read: No such file or directory."),
        (_pipe, ": is no file; put one in its place."),
        (_latin_1, ":1: is not UTF-8; save it as UTF-8."),
        (_utf_16, ":1: is not UTF-8; save it as UTF-8."),
    ],
)
def test_settings_that_cannot_be_read_are_told_in_one_line(
    make: Callable[[Path], None], words: str, tmp_path: Path
) -> None:
    make(tmp_path / "tabproof.toml")
    result = _bare(tmp_path)
    assert result.stderr == f"tabproof: tabproof.toml{words}\n"
    assert (result.exit_code, result.stdout) == (2, "")


def test_settings_in_both_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "tabproof.toml").write_text('languages = ["node"]\n', encoding="utf-8")
    shared = '[project]\nname = "x"\n\n[tool.tabproof]\nvariants = ["library"]\n'
    (tmp_path / "pyproject.toml").write_text(shared, encoding="utf-8")
    result = _bare(tmp_path)
    words = "tabproof.toml has settings too; keep them in one of the two files."
    assert result.stderr == f"tabproof: pyproject.toml:4: {words}\n"
    assert result.exit_code == 2


@pytest.mark.parametrize("text", ["[project]\nname = 'tabproof'\n", "[[\n", "<<<<<<< HEAD\n"])
def test_a_pyproject_that_has_nothing_to_do_with_tabproof_is_let_be(
    text: str, tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    assert _bare(tmp_path).exit_code == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_wrong_settings_stop_every_command_that_is_about_a_project(
    command: str, tmp_path: Path
) -> None:
    (tmp_path / "tabproof.toml").write_text("jobs = 2\n", encoding="utf-8")
    result = _bare(tmp_path, command, *ARGUMENTS.get(command, []))
    if command in WITHOUT_PROJECT:
        assert result.exit_code == 0
    else:
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith("tabproof: tabproof.toml:1: unknown key 'jobs'; choose ")
        assert result.stderr.count("\n") == 1


ALL = (INPUTS / "right.toml").read_text(encoding="utf-8")


def test_config_lists_every_setting_with_the_line_that_it_is_in(
    tmp_path: Path,
) -> None:
    (tmp_path / "tabproof.toml").write_text(ALL, encoding="utf-8")
    found = _listed(_bare(tmp_path, "config", "--format", "json"))
    lines = ALL.splitlines()
    keys = {name: row for name, row in found.items() if row["source"] == "file"}
    assert found.keys() - keys == {"expand.output"}
    for name, row in keys.items():
        file, line = row["place"].split(":")
        assert file == "tabproof.toml"
        assert lines[int(line) - 1].startswith(f"{name.rpartition('.')[2]} = ")
    assert found["languages"]["value"] == ["ruby", "node"]
    assert found["prove.jobs"]["value"] == 3
    assert found["expand.pages"]["value"] == [str(tmp_path / "docs")]


def test_config_says_in_words_where_each_value_comes_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "[prove]\njobs = 3\n\n[serve]\nport = 9000\n"
    (tmp_path / "tabproof.toml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("TABPROOF_JOBS", "5")
    result = _bare(tmp_path, "--languages", "ruby", "config")
    table = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
    told = {name: " ".join(words.split()) for name, words in table.items()}
    assert told["languages"] == "ruby --languages"
    assert told["variants"] == "- default"
    assert told["prove.jobs"] == "5 TABPROOF_JOBS"
    assert told["prove.isolation"] == "auto default"
    assert told["serve.port"] == "9000 tabproof.toml:5"


def test_each_setting_has_an_option_or_an_argument_that_takes_the_same_values() -> None:
    context = main.make_context("tabproof", ["config"])
    found = {row.name: row for row in rows(context)}
    kinds = {
        "prove": model.ProveSettings,
        "expand": model.ExpandSettings,
        "serve": model.ServeSettings,
        "explain": model.ExplainSettings,
        "watch": model.WatchSettings,
    }
    inner = {f"{table}.{key}" for table, kind in kinds.items() for key in kind.__struct_fields__}
    assert set(found) == {"languages", "variants", "labels"} | inner
    assert all(row.flag.startswith("tabproof ") for name, row in found.items() if name != "labels")
    choices = {"prove.isolation": model.Isolation, "expand.format": model.SiteFormat}
    for name, kind in choices.items():
        table, key = name.split(".")
        command = main.get_command(context, table)
        assert command is not None
        parameter = next(
            p for p in command.params if p.name == option_defaults.PARAMETERS.get(key, key)
        )
        assert isinstance(parameter.type, click.Choice)
        assert set(parameter.type.choices) == set(get_args(kind))


# Labels


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (
            "[labels.de]\nproof = 'x'\nprof = 'x'",
            3,
            "unknown key 'prof'; choose all_cases, download",
        ),
        ("[labels.de]\nrun = 'Am {day}'", 2, "`run`: unknown placeholder {day}; choose {cases}, "),
        ("[labels.de]\nlink = '{x}'", 2, "`link`: unknown placeholder {x}; there is none in this"),
        (
            "[labels.de]\nrun = 'Am {date'",
            2,
            "`run`: braces stand around a placeholder alone; choo",
        ),
        ("[labels.de]\nrun = '{date.day}'", 2, "`run`: braces stand around a placeholder alone; c"),
        (
            "[labels.de]\nrun = '{date!r}'",
            2,
            "`run`: braces stand around a placeholder alone; choo",
        ),
        (
            "[labels.de]\nrun = ' '",
            2,
            "`labels.de.run`: expected words on one line; got the string",
        ),
        ("[labels.de]\nrun = 'a\\nb'", None, ""),
        (
            '[labels.de]\nrun = "a\\nb"',
            2,
            "`labels.de.run`: expected words on one line; got the str",
        ),
        ("[labels.de]\nrun = 3", 2, "`labels.de.run`: expected words on one line; got 3."),
        ("[labels.de]", 1, "is empty; write a setting here, or remove it."),
        ("[labels]\nde = 'x'", 2, "`labels.de`: expected a mapping; got the string 'x'."),
        (
            "[labels.'d e']\nrun = 'x'",
            1,
            "`labels`: a key is a language tag, such as de or pt-BR; ",
        ),
        ("[labels.de]\nrun = 'x'\n[labels.DE]\nrun = 'y'", 3, "'de' and 'DE' are one language; re"),
        (
            "[labels.en]\nrun = 'x'\n[labels.pt-BR]\nlink = '{y}'",
            4,
            "`link`: unknown placeholder {y}",
        ),
    ],
)
@pytest.mark.parametrize("file", ["tabproof.toml", "pyproject.toml"])
def test_a_fault_in_a_label_is_told_with_its_line_and_the_choices(
    file: str, text: str, line: int | None, message: str, tmp_path: Path
) -> None:
    if file == "pyproject.toml":
        text = text.replace("[labels", "[tool.tabproof.labels")
    (tmp_path / file).write_text(f"{text}\n", encoding="utf-8")
    result = _bare(tmp_path)
    if line is None:
        assert (result.exit_code, result.stderr) == (0, "")
        return
    assert result.stderr.startswith(f"tabproof: {file}:{line}: {message}")
    assert (result.exit_code, result.stderr.count("\n"), result.stdout) == (2, 1, "")


def test_config_lists_labels_that_a_file_has_and_no_others(
    tmp_path: Path,
) -> None:
    labels = '[labels.de]\nproof = "Zum Beweis"\nlink = "Link to this sample"\n'
    (tmp_path / "tabproof.toml").write_text(labels, encoding="utf-8")
    found = _listed(_bare(tmp_path, "config", "--format", "json"))
    rows = {name: (row["value"], row["place"]) for name, row in found.items() if "labels" in name}
    assert rows == {"labels.de.proof": ("Zum Beweis", "tabproof.toml:2")}


# What the project has samples in


def test_a_language_that_there_is_not_is_told_with_the_line_that_names_it(
    tabproof: Run, settle: Callable[[str], None]
) -> None:
    settle('variants = ["library"]\nlanguages = ["node", "perl"]\n')
    result = tabproof("check")
    words = f"unknown language 'perl'; {choose(LANGUAGES)}."
    assert result.stderr == f"tabproof: tabproof.toml:2: {words}\n"
    assert (result.exit_code, result.stdout) == (2, "")


def _samples(project: Path) -> set[str]:
    return {p.name for p in (project / "samples/list-users").rglob("*.*")}


def test_only_the_settled_languages_and_variants_have_samples(
    project: Path, tabproof: Run, settle: Callable[[str], None]
) -> None:
    settle('languages = ["ruby", "node"]\nvariants = ["stdlib"]\n')
    assert tabproof("generate").exit_code == 0
    assert _samples(project) == {"list-users.mjs", "list_users.rb"}
    assert not (project / "samples/list-users/library").exists()
    result = tabproof("check")
    assert (result.exit_code, result.stdout) == (0, "")


def test_an_option_goes_before_a_variable_and_that_before_the_file(
    project: Path, tabproof: Run, settle: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    settle('languages = ["node"]\n')
    monkeypatch.setenv("TABPROOF_LANGUAGES", "php")
    assert tabproof("generate").exit_code == 0
    assert _samples(project) == {"list-users.php"}
    assert tabproof("--languages", "ruby", "generate").exit_code == 0
    assert _samples(project) == {"list_users.rb"}
    monkeypatch.delenv("TABPROOF_LANGUAGES")
    assert tabproof("generate").exit_code == 0
    assert _samples(project) == {"list-users.mjs"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            ("--languages", "perl"),
            f"--languages: unknown language 'perl'; {choose(LANGUAGES)}.",
        ),
        (
            ("--variants", "native"),
            "--variants: unknown variant 'native'; choose library or stdlib.",
        ),
        (
            ("--languages", "node", "prove", "--language", "ruby"),
            "unknown language 'ruby'; choose node.",
        ),
        (
            ("--variants", "library", "prove", "--variant", "stdlib"),
            "unknown variant 'stdlib'; choose library.",
        ),
    ],
)
def test_a_language_or_variant_that_the_project_has_not_is_told(
    options: tuple[str, ...], words: str, tabproof: Run
) -> None:
    arguments = options if "prove" in options else (*options, "check")
    result = tabproof(*arguments)
    assert (result.exit_code, result.stderr) == (2, f"tabproof: {words}\n")


# Settings as defaults of other commands

PAGE = "# Users\n\n```tabproof\nscenario: list-users\nvariant: stdlib\nlanguages: [ruby]\n```\n"


@pytest.fixture
def page(project: Path) -> Path:
    (project / "docs").mkdir()
    path = project / "docs/users.md"
    path.write_text(PAGE, encoding="utf-8")
    return path


def test_expand_takes_its_pages_and_its_format_from_the_settings(
    page: Path, tabproof: Run, settle: Callable[[str], None]
) -> None:
    settle('[expand]\npages = ["docs"]\nformat = "gfm"\nin_place = true\n')
    assert tabproof("expand").stdout == "wrote docs/users.md\n"
    assert "<details" in page.read_text(encoding="utf-8")
    assert tabproof("expand", "--check").exit_code == 0


def test_an_option_goes_before_a_setting_that_means_nothing_beside_it(
    page: Path, project: Path, tabproof: Run, settle: Callable[[str], None]
) -> None:
    settle('[expand]\nformat = "gfm"\nin_place = true\nraw = true\n')
    wiki = str(project / "wiki")
    assert tabproof("expand", "--output", wiki, str(page)).exit_code == 0
    assert page.read_text(encoding="utf-8") == PAGE
    result = tabproof("expand", "--no-in-place", "--format", "docusaurus", str(page))
    assert (result.exit_code, "<TabItem" in result.stdout) == (0, True)


def test_a_setting_is_no_option_that_prove_would_refuse(
    project: Path, tabproof: Run, settle: Callable[[str], None]
) -> None:
    settle('[prove]\nisolation = "rebased"\njobs = 2\n')
    record = project / "samples/proof.json"
    shutil.copyfile(record, project / "other.json")
    assert tabproof("prove", "--merge", str(project / "other.json")).exit_code == 0


def test_settings_hold_where_the_program_runs_somewhere_else(
    page: Path, settle: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle('[expand]\npages = ["docs"]\nformat = "gfm"\nin_place = true\n')
    monkeypatch.chdir(tmp_path)
    arguments = ["--root", str(page.parent.parent), "expand"]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert (result.exit_code, result.stdout) == (0, "wrote docs/users.md\n")


def test_what_is_started_beside_a_command_sees_the_project_as_the_command_does() -> None:
    context = main.make_context("tabproof", ["--languages", "ruby,node", "watch"])
    assert option_defaults.inherited_environment(context) == {"TABPROOF_LANGUAGES": "ruby,node"}
    assert option_defaults.inherited_environment(main.make_context("tabproof", ["watch"])) == {}


# Random settings


@hypothesis.settings(max_examples=150, derandomize=True, database=None, deadline=None)
@hypothesis.given(
    place=st.floats(0, 1),
    length=st.integers(0, 30),
    put=st.one_of(st.text(max_size=5), st.sampled_from(BITS)),
)
def test_changed_settings_are_right_or_told_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, place: float, length: int, put: str
) -> None:
    file = tmp_path_factory.getbasetemp() / "tabproof.toml"
    start = int(place * len(ALL))
    changed = ALL[:start] + put + ALL[start + length :]
    file.write_bytes(changed.encode(errors="surrogatepass"))
    try:
        settings_file.read_settings(file.parent)
    except InputError as error:
        said = str(error)
    else:
        return
    finally:
        file.unlink()
    assert re.fullmatch(r"tabproof\.toml(?::\d+)?: \S[^\n]*", said)


def test_the_line_of_a_key_takes_few_readings_of_a_long_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    packages = "".join(f'  "package-{number}>=1.0",\n' for number in range(4000))
    text = f"a = [\n{packages}]\n[tool.tabproof]\nb = 1\n"
    read, readings = tomllib.loads, []

    def loads(part: str) -> dict[str, Any]:
        readings.append(len(part))
        return read(part)

    monkeypatch.setattr(tomllib, "loads", loads)
    assert toml_file.line_of(text, ["tool", "tabproof", "b"]) == 4004
    assert len(readings) < 10


# Lines of TOML

TEXT = """\
a = 1 # b = 2
c = '''
d = 3
'''
e = [
  1,

]

[f]
g = "[h]"

# [f.h]
[f.h]
i.j = 1
# \u2028 ends no line
["x y"]
"""


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (["a"], 1),
        (["c"], 2),
        (["e"], 5),
        (["f"], 10),
        (["f", "g"], 11),
        (["f", "h"], 14),
        (["f", "h", "i", "j"], 15),
        (["f", "h", "k"], 14),
        (["d"], None),
        (["x y"], 17),
    ],
)
def test_the_line_of_a_key_is_where_its_statement_begins(keys: list[str], line: int | None) -> None:
    assert toml_file.line_of(TEXT, keys) == line
