"""Check that a result depends on all that a run depends on in `language.yml`, and on nothing else.

A `run:` that pointed at another file while a proof was recorded, and a `noise:` pattern that
swallowed a warning with the secret, left no trace in the record.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result as Ended
from msgspec.structs import fields, replace
from tests import records

from tabproof.model.case import Case
from tabproof.model.language import Exposure, Leftover, Library, Noise, Toolchain
from tabproof.model.sample import SampleKey
from tabproof.project import cases as cases_module
from tabproof.project import catalog_reader, languages
from tabproof.project.cases import case_finder
from tabproof.render.renderer import Renderer
from tabproof.samples import record_files

Tabproof = Callable[..., Ended]
Edit = tuple[str, str, str]
SHARP = "templates/csharp/language.yml"
PHP = "templates/php/language.yml"
RUBY = "templates/ruby/language.yml"
CURL = "templates/curl/language.yml"
RUN = 'run: ["{ruby}", "{file}"]'
MONO_RUN = '    run: ["{mono}", "{build}/{stem}.exe"]\n'
LIMIT = "reason: HttpClient repeats a request"


def _edited(project: Path, edit: Edit) -> None:
    path, old, new = edit
    text = (project / path).read_text(encoding="utf-8")
    assert old in text, f"{path} lacks {old!r}"
    (project / path).write_text(text.replace(old, new), encoding="utf-8")


def _digests(project: Path) -> dict[str, str]:
    known = catalog_reader.load(project).languages
    return {name: language.results_digest for name, language in known.items()}


DEPENDS = {
    "the run line": (RUBY, RUN, 'run: ["{ruby}", "-W0", "{file}"]'),
    "another file that runs": (RUBY, RUN, 'run: ["{ruby}", /tmp/good.rb]'),
    "a program": (RUBY, "programs: {ruby: ruby}", "programs: {ruby: ruby3.1}"),
    "a message that is noise": (
        *(RUBY, RUN),
        f"{RUN}\n    noise: [{{versions: '', stderr: 'warning: .*', reason: It is a test.}}]",
    ),
    "a variable": (SHARP, "{DOTNET_NOLOGO:", "{DOTNET_X: x, DOTNET_NOLOGO:"),
    "wording": (SHARP, "nameless: not known|", "nameless: unknown|not known|"),
    "what a limit excuses": (SHARP, "cases: [closed-without-a-byte, ", "cases: [hang, "),
    "what a limit reports": (SHARP, "seen [2-9]$'", "seen [1-9]$'"),
    "whether a limit holds always": (SHARP, "always: false", "always: true"),
    "the versions of a limit": (
        *(SHARP, 'versions: ""\n        cases: [closed-without-a-byte'),
        'versions: "10"\n        cases: [closed-without-a-byte',
    ),
    "the build": (SHARP, "-p:TreatWarningsAsErrors=true", "-p:TreatWarningsAsErrors=false"),
    "how a fault is found": (SHARP, ": error (?P<words>[^\\n]+)$'", ": fatal (?P<words>[^\\n]+)$'"),
    "trust": (SHARP, '"{cert_sync}", --quiet, --user', '"{cert_sync}", --user'),
    "a rebased run": (
        SHARP,
        "rebased: {environment: {SSL_CERT_FILE:",
        "rebased: {environment: {X:",
    ),
    "a file of the language's folder": ("templates/csharp/MonoMain.cs", "MonoMain", "MonoMain "),
    "a file within an argument": ("templates/csharp/Compile.targets", "<Project>", "<Project >"),
    "what a program may receive": (CURL, "program: openssl", "program: ruby"),
}
DEPENDS_NOT = {
    "a comment": (RUBY, "title: Ruby", "# a comment\ntitle: Ruby"),
    "the title": (RUBY, "title: Ruby", "title: 'Ruby 3'"),
    "a Debian package": (SHARP, "packages: [mono-mcs,", "packages: [mono-devel, mono-mcs,"),
    "a formula": (SHARP, "homebrew: [dotnet]", "homebrew: [dotnet-sdk]"),
    "why there is a limit": (SHARP, LIMIT, "reason: A better reason. HttpClient repeats a request"),
    "a linter": (SHARP, "  - name: tree-sitter-c-sharp\n", "  - name: tree-sitter-sharp\n"),
    "the layout": (SHARP, MONO_RUN, '    run: ["{mono}",\n          "{build}/{stem}.exe"]\n'),
}


@pytest.mark.parametrize("edit", DEPENDS.values(), ids=DEPENDS)
def test_results_depend_on(edit: Edit, project: Path) -> None:
    before = _digests(project)
    _edited(project, edit)
    after = _digests(project)
    name = Path(edit[0]).parent.name
    assert {language for language in before if before[language] != after[language]} == {name}


@pytest.mark.parametrize("edit", DEPENDS_NOT.values(), ids=DEPENDS_NOT)
def test_results_do_not_depend_on(edit: Edit, project: Path) -> None:
    before = _digests(project)
    _edited(project, edit)
    assert _digests(project) == before


def test_results_do_not_depend_on_where_the_project_lies(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _digests(project)
    moved = tmp_path / "a {brace} and a blank/elsewhere"
    shutil.copytree(project, moved)
    monkeypatch.setattr(catalog_reader, "packaged_templates", lambda: moved / "templates")
    assert _digests(moved) == before
    # A project may override one file of a language, with the same content.
    shutil.rmtree(project / "templates/csharp")
    (project / "templates/csharp").mkdir()
    shutil.copy(moved / SHARP, project / SHARP)
    assert _digests(project) == before


INSTALLATION = {"variants", "version", "minimum", "packages", "homebrew", "locks", "install"}
"""Fields about which toolchain is used and how it comes here: a result names the versions."""

NO_PART_OF_A_PROOF = {"libraries", "rebuild", "unavailable"}
"""Versions are in the result, mutants are in no record, and what cannot be had is skipped."""


def test_each_field_of_a_toolchain_is_one_or_the_other(project: Path) -> None:
    known = catalog_reader.load(project).languages["csharp"]
    (toolchain, *_others) = known.data.toolchains

    def digest(changed: Toolchain) -> str:
        language = replace(known.data, toolchains=(changed,))
        return languages._results_digest(language, {})  # noqa: SLF001 - what this is about

    values = {
        "runtime": "other",
        "programs": {"other": "other"},
        "version": replace(toolchain.version, run=("other",)),
        "minimum": "99",
        "libraries": {},
        "rebased": replace(toolchain.rebased, run=("other",)),
        "environment": {"OTHER": ""},
        "wording": {"nameless": "other"},
        "variants": ("library",),
        "fault": "(?P<words>other)",
        "leaves": (Leftover(versions="", path="other", reason="other"),),
        "unavailable": "(?P<words>other)",
    }
    plain = replace(
        toolchain, prepare=(), trust=(), run=("run",), libraries={"x": Library(run=("x",))}
    )
    changing = set()
    for field in fields(Toolchain):
        value = values.get(field.encode_name, ())
        if value == getattr(plain, field.name):
            value = _other(field.name, toolchain)
        if digest(replace(plain, **{field.name: value})) != digest(plain):
            changing.add(field.name)
    names = {field.name for field in fields(Toolchain)}
    assert changing == names - INSTALLATION - NO_PART_OF_A_PROOF


def _other(field: str, toolchain: Toolchain) -> object:
    """Return another value for a field that is a tuple and empty."""
    structs = {
        "limits": toolchain.limits,
        "noise": (Noise(versions="", stderr="x", reason=""),),
        "exposes": (Exposure(program="x", reason=""),),
    }
    return structs.get(field, (("other",),) if field in {"prepare", "trust"} else ("other",))


# Cases


def _ruby_case(project: Path, name: str = "success") -> Case:
    cases = case_finder(catalog_reader.load(project))(SampleKey("list-users", "stdlib", "ruby"))
    return next(case for case in cases if case.name == name)


@pytest.mark.parametrize("version", ["JUDGE_VERSION", "MOCK_API_VERSION"])
def test_results_depend_on_the_versions_of_the_judge_and_of_the_mock_api(
    project: Path, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _ruby_case(project).digest
    monkeypatch.setattr(cases_module, version, 1000)
    assert _ruby_case(project).digest != before


def test_results_depend_on_the_row_of_the_case_and_on_no_other(project: Path) -> None:
    before = {name: _ruby_case(project, name).digest for name in ("tokyo", "success")}
    _edited(project, ("templates/cases.yml", "Asia/Tokyo", "Asia/Seoul"))
    assert _ruby_case(project, "tokyo").digest != before["tokyo"]
    assert _ruby_case(project, "success").digest == before["success"]


def test_results_do_not_depend_on_other_languages_nor_on_comments_in_cases(project: Path) -> None:
    before = _ruby_case(project).digest
    _edited(project, DEPENDS["the build"])
    cases = project / "templates/cases.yml"
    cases.write_text(f"# A comment.\n{cases.read_text(encoding='utf-8')}", encoding="utf-8")
    assert _ruby_case(project).digest == before


# On the command line


@pytest.mark.parametrize("name", ["another file that runs", "a message that is noise"])
def test_what_was_recorded_under_other_settings_is_stale_when_they_are_put_back(
    project: Path, tabproof: Tabproof, name: str
) -> None:
    path = project / RUBY
    good = path.read_bytes()
    assert tabproof("check").exit_code == 0
    _edited(project, DEPENDS[name])
    # What was proved without them is not proved with them...
    assert tabproof("check").stdout.count(": not proved for its present bytes\n") == 4
    _prove_by_invention(project)
    assert tabproof("check").exit_code == 0
    # ...nor the other way round.
    path.write_bytes(good)
    ended = tabproof("check")
    assert ended.exit_code == 1
    assert ended.stdout.count(": not proved for its present bytes\n") == 4
    assert all("_users.rb" in line or "_sessions.rb" in line for line in ended.stdout.splitlines())


def _prove_by_invention(project: Path) -> None:
    """Put on record that each sample passed under the present settings."""
    known = catalog_reader.load(project)
    records.write_record(project, records.all_passed(known, list(Renderer(known).all())))
    assert record_files.read(project).rows
