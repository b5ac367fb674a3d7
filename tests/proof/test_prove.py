"""The proof bites, is never vacuous, and runs nothing twice."""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from tests import records

from tabproof.cli import main
from tabproof.model.language import Variant
from tabproof.model.result import SyntaxResult
from tabproof.project import catalog_reader
from tabproof.proof.prepare import build
from tabproof.proof.prepare.runnable_sample import RunnableSample
from tabproof.samples import record_files
from tabproof.sandbox import batch_runner, isolation_choice
from tabproof.sandbox.protocol import Batch, Observation
from tabproof.toolchains import case_tools, find

ROOT = Path(__file__).parent.parent.parent
RUNNER = CliRunner()

pytestmark = pytest.mark.usefixtures("sandbox")


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one of the scenarios, its samples generated."""
    folder = tmp_path_factory.mktemp("generated")
    shutil.copytree(ROOT / "templates", folder / "templates")
    (folder / "templates/scenarios/videosdk-sessions.yml").unlink()
    (folder / ".tabproof").mkdir()
    (folder / ".tabproof/toolchains").symlink_to(ROOT / ".tabproof/toolchains")
    assert tabproof(folder, "generate").exit_code == 0
    return folder


@pytest.fixture
def project(generated: Path, tmp_path: Path) -> Path:
    """A copy of that project that a test may change."""
    return shutil.copytree(generated, tmp_path / "project", symlinks=True)


@pytest.fixture
def impatient(project: Path) -> Path:
    """The project with a timeout that no test waits for; a right sample may be too slow for it."""
    change(
        project, "templates/scenarios/list-users.yml", "timeout_seconds: 10", "timeout_seconds: 1"
    )
    assert tabproof(project, "generate").exit_code == 0
    return project


def tabproof(root: Path, *arguments: str) -> Result:
    return RUNNER.invoke(main, ["--root", str(root), *arguments], catch_exceptions=False)


@functools.cache
def lacking(language: str, variant: Variant) -> str:
    """Why this machine cannot run the samples of a language; "" where it can."""
    tools = find.find_toolchains(catalog_reader.load(ROOT).languages[language], ROOT)
    found = find.select_toolchain(tools, variant)
    return found if isinstance(found, str) else ""


def runtimes_of(language: str, variant: Variant) -> list[str]:
    """The runtimes of this machine that a language's samples are run with."""
    tools = find.find_toolchains(catalog_reader.load(ROOT).languages[language], ROOT)
    return [found.toolchain.runtime for found in find.usable_toolchains(tools, variant)]


def prove(root: Path, language: str, variant: Variant, *cases: str, options: str = "") -> Result:
    """Prove one sample; where this machine lacks the toolchain, there is nothing to test."""
    if words := lacking(language, variant):
        pytest.skip(f"{language}: {words}")
    chosen = [word for case in cases for word in ("--case", case)]
    chosen += ["--language", language, "--variant", variant]
    return tabproof(root, "prove", *chosen, *options.split())


def change(root: Path, path: str, *changes: str) -> int:
    """Change a file by hand: old, new, old, new...; return the first line of the last change."""
    file = root / path
    before = text = file.read_text()
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert text.count(old) == 1, f"{path} holds {text.count(old)} times {old!r}"
        before, text = text, text.replace(old, new)
    file.write_text(text)
    pairs = enumerate(zip(before.splitlines(), text.splitlines(), strict=False), 1)
    return next(number for number, (old, new) in pairs if old != new)


def problems(result: Result) -> list[str]:
    return [line for line in result.stdout.splitlines() if line.startswith("samples/")]


def counts(result: Result) -> tuple[int, int, int, int]:
    """How many passed, failed, were skipped, and how many of them were on record."""
    found = re.search(r"(\d+) passed, (\d+) failed, (\d+) skipped", result.stdout)
    reused = re.search(r"\((\d+) of them on record, not run again", result.stdout)
    assert found, result.output
    return int(found[1]), int(found[2]), int(found[3]), int(reused[1]) if reused else 0


def files(root: Path) -> dict[str, bytes]:
    """All that git would see."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".tabproof" not in path.parts
    }


EXP = "expected exp 3600 s from now, an integer of seconds since the epoch in UTC"
ALONE = r"expected a request to api\.zoom\.us alone"
Mutation = tuple[str, Variant, str, str, list[str], str]
BITES: dict[str, Mutation] = {
    "milliseconds in exp": (
        *("node", "stdlib", "list-users.mjs", "success"),
        ["exp: now + 3600", "exp: Date.now() + 3600 * 1000"],
        rf"{EXP}; seen \d{{13}}, which is in milliseconds",
    ),
    "now without a zone": (
        *("python", "library", "list_users.py", "tokyo"),
        [
            *("import http.client\n", "import datetime\nimport http.client\n"),
            '"exp": now + 3600',
            '"exp": datetime.datetime.now() + datetime.timedelta(hours=1)',
        ],
        rf"{EXP}; seen \d{{10}}, which is \+9 h off: a local time taken for UTC.*",
    ),
    "redirects followed": (
        *("csharp", "stdlib", "ListUsers.cs", "redirect-elsewhere"),
        ["AllowAutoRedirect = false", "AllowAutoRedirect = true"],
        rf"{ALONE}; seen one to elsewhere\.example: a redirect was followed",
    ),
    "exit 0 on 401": (
        *("php", "stdlib", "list-users.php", "status-401"),
        ['$body\\n");\n    exit(1);', '$body\\n");\n    exit(0);'],
        r"expected exit status 1; seen 0",
    ),
    "an extra claim": (
        *("ruby", "stdlib", "list_users.rb", "success"),
        ["exp: now + 3600\n", "exp: now + 3600,\n", "3600,\n", "3600,\n  nbf: now\n"],
        r"expected no claim nbf, only iss, iat, exp; seen nbf \d{10}",
    ),
    "no check of credentials": (
        *("node", "stdlib", "list-users.mjs", "empty-api_secret"),
        ["if (!value) {", "if (value === undefined) {"],
        r"expected 0 request\(s\); seen 1",
    ),
    "the secret told": (
        *("python", "stdlib", "list_users.py", "status-401"),
        ['f"HTTP {response.status}: ', 'f"{api_secret}HTTP {response.status}: '],
        r"expected no secret on stderr; seen the secret",
    ),
    "certificates not verified": (
        *("python", "stdlib", "list_users.py", "unknown-certificate"),
        [
            *("import http.client\n", "import http.client\nimport ssl\n"),
            "HTTPSConnection(host, timeout=",
            "HTTPSConnection(host, context=ssl._create_unverified_context(), timeout=",
        ],
        r"expected 0 request\(s\); seen 1",
    ),
}
NOT_OF_THE_LINE = {"no check of credentials", "the secret told", "certificates not verified"}
"""What these are found by, a request or a text, tells the step but not the line."""


@pytest.mark.parametrize("name", BITES)
def test_the_proof_bites_and_says_what_is_wrong_in_which_line(project: Path, name: str) -> None:
    language, variant, file, case, edit, words = BITES[name]
    runs = len(runtimes_of(language, variant))
    path = f"samples/list-users/{variant}/{file}"
    line = change(project, path, *edit)
    wrong = prove(project, language, variant, case)
    assert (wrong.exit_code, counts(wrong)) == (1, (0, runs, 0, 0))
    number = r"\d+" if name in NOT_OF_THE_LINE else line
    runtime = rf"(?:{'|'.join(runtimes_of(language, variant))}): " if runs > 1 else ""
    pattern = re.compile(rf"{re.escape(path)}:{number}: {case}: {runtime}{words}")
    assert [problem for problem in problems(wrong) if pattern.fullmatch(problem)], wrong.output
    assert all(problem.startswith(f"{path}:") for problem in problems(wrong))


def test_the_proof_bites_where_the_timeout_is_gone(impatient: Path) -> None:
    path = "samples/list-users/library/list-users.sh"
    line = change(impatient, path, " --max-time 1", "")
    result = prove(impatient, "curl", "library", "hang")
    assert (result.exit_code, counts(result)) == (1, (0, 1, 0, 0))
    assert problems(result)[0] == (
        f"{path}:{line}: hang: expected exit status 1; "
        "seen 0: it outlasted its timeout and took the late answer"
    )


def test_a_fault_that_many_cases_see_is_one_line(project: Path) -> None:
    path = "samples/list-users/stdlib/list_users.py"
    line = change(project, path, '"exp": now + 3600', '"exp": (now + 3600) * 1000')
    result = prove(project, "python", "stdlib", "success", "status-401", "status-429", "tokyo")
    assert (result.exit_code, counts(result)) == (1, (0, 4, 0, 0))
    (problem,) = problems(result)
    assert problem.startswith(f"{path}:{line}: success (and 3 more cases): expected exp 3600 s")


def test_what_one_language_does_differently_from_the_others_is_named(project: Path) -> None:
    # Nothing is wrong with an escape that stands for the same character.
    path = "samples/list-users/stdlib/list_users.py"
    change(project, path, "?status=active", "?status=%61ctive")
    for language in ("curl", "ruby"):
        assert prove(project, language, "stdlib", "success").exit_code == 0
    chosen = "--language curl --language ruby --fresh"
    result = prove(project, "python", "stdlib", "success", options=chosen)
    assert (result.exit_code, counts(result)) == (1, (2, 1, 0, 0))
    (problem,) = problems(result)
    assert problem.startswith(f"{path}:")
    assert "status=active')] as in the other languages; seen " in problem


MISSING_SEMICOLON = {
    "dotnet": (0, "CS1002: ; expected"),
    "mono": (1, "CS1525: Unexpected symbol `}', expecting `;'"),
}
"""How many lines below the fault each compiler sees it, and its words."""


def test_a_sample_that_does_not_build_fails_in_every_case(project: Path) -> None:
    path = "samples/list-users/stdlib/ListUsers.cs"
    line = change(project, path, "return 0;", "return 0")
    result = prove(project, "csharp", "stdlib", "success", "status-401")
    runtimes = runtimes_of("csharp", "stdlib")
    assert (result.exit_code, counts(result)) == (1, (0, 2 * len(runtimes), 0, 0))
    assert len(problems(result)) == len(runtimes)
    for runtime, problem in zip(runtimes, problems(result), strict=True):
        after, words = MISSING_SEMICOLON[runtime]
        assert problem.startswith(f"samples/list-users/stdlib/ListUsers.cs:{line + after}: success")
        assert f"expected {runtime} to build it; seen {words}" in problem


def test_a_warning_of_the_compiler_is_a_failure(project: Path) -> None:
    if "dotnet" not in runtimes_of("csharp", "library"):
        pytest.skip(lacking("csharp", "library"))
    path = "samples/list-users/library/ListUsers.cs"
    line = change(project, path, "var now =", "int unused; var now =")
    result = prove(project, "csharp", "library", "success")
    assert (result.exit_code, counts(result)) == (1, (0, 1, 0, 0))
    (problem,) = problems(result)
    assert problem.startswith(f"{path}:{line}: success: expected dotnet to build it; seen CS0168")


SECOND_RUBY = """\
  - runtime: second
    programs: {ruby: ruby}
    version: {run: ["{ruby}", --version]}
    minimum: "3.1"
    run: ["{ruby}", "{file}"]
    environment: {SSL_CERT_FILE: "{ca}"}
"""


def test_a_sample_passes_on_every_toolchain_that_is_there(project: Path) -> None:
    first = "  - runtime: ruby\n"
    change(project, "templates/ruby/language.yml", first, SECOND_RUBY + first)
    result = prove(project, "ruby", "stdlib", "success", "status-401")
    assert (result.exit_code, counts(result)) == (0, (4, 0, 0, 0))
    results = json.loads((project / record_files.CACHE).read_bytes())["results"]
    assert {each["toolbox"]["runtime"] for each in results} == {"ruby", "second"}


UNREACHABLE = """\
    prepare: [[sh, -c, "echo 'x.csproj : error NU1301: Unable to load the index.'; exit 1"]]
    unavailable: 'error (?P<words>NU1301: .+)$'
    run: ["{ruby}", "{file}"]
"""


SPEAKS = """\
    prepare: [[sh, -c, 'printf "x.rb(3,1): error \\033]0;title\\007\\033[31mred\\n"; exit 1']]
    fault: '^[^\\n]+\\((?P<line>\\d+),\\d+\\): error (?P<words>[^\\n]+)$'
    run: ["{ruby}", "{file}"]
"""


@pytest.mark.parametrize("form", ["table", "json", "github", "junit"])
def test_what_a_compiler_says_is_escaped(project: Path, form: str) -> None:
    run = '    run: ["{ruby}", "{file}"]\n'
    change(project, "templates/ruby/language.yml", run, SPEAKS)
    result = prove(project, "ruby", "stdlib", "success", options=f"--format {form}")
    assert result.exit_code == 1
    assert "title" in result.stdout
    assert "\x1b" not in result.output
    assert "\x07" not in result.output
    assert "\x1b" not in (project / record_files.CACHE).read_text()


@pytest.mark.parametrize("form", ["table", "json", "github", "junit"])
def test_what_a_run_prints_is_escaped(project: Path, form: str) -> None:
    sample = project / "samples/list-users/stdlib/list_users.rb"
    sample.write_text("abort %(\\e]0;title\\a\\e[31mred)\n")
    result = prove(project, "ruby", "stdlib", "success", options=f"--format {form} --record")
    assert result.exit_code == 1
    record = project / record_files.RECORD
    for text in (result.stdout, record.read_text(), (project / record_files.CACHE).read_text()):
        assert "title" in text
        assert not {"\x1b", "\x07"} & set(text)
    page = tabproof(project, "report", "--format", "html").stdout
    assert "title" in page
    assert not {"\x1b", "\x07"} & set(page)


def test_a_registry_that_cannot_be_reached_is_no_fault_of_a_sample(project: Path) -> None:
    run = '    run: ["{ruby}", "{file}"]\n'
    change(project, "templates/ruby/language.yml", run, UNREACHABLE)
    result = prove(project, "ruby", "stdlib", "success", options="--require ruby")
    assert (result.exit_code, counts(result)) == (3, (0, 0, 1, 0))
    assert problems(result) == []
    assert "NU1301: Unable to load the index." in " ".join(result.stdout.split())


def test_a_failure_on_a_machine_that_lacks_memory_is_skipped_and_a_pass_counts(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = batch_runner.run_batch

    def starve(batch: Batch, *rest: Any) -> Iterator[Observation]:
        for seen in really(batch, *rest):
            status = None if seen.id.endswith("#success") else seen.exit_status
            yield msgspec.structs.replace(seen, exit_status=status, lacking="memory")

    monkeypatch.setattr(batch_runner, "run_batch", starve)
    result = prove(project, "ruby", "stdlib", "success", "status-401")
    assert counts(result) == (1, 0, 1, 0)
    assert problems(result) == []
    assert "this machine had not enough memory" in " ".join(result.stdout.split())


def test_a_sample_that_changes_before_it_is_run_is_not_recorded_as_what_it_was(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = project / "samples/list-users/stdlib/list_users.rb"
    good = sample.read_text()
    sample.write_text("abort 'bad'\n")
    really = case_tools.missing_tools

    def swap() -> list[str]:  # after the bad file was read
        sample.write_text(good)
        return really()

    monkeypatch.setattr(case_tools, "missing_tools", swap)
    result = prove(project, "ruby", "stdlib", "success")
    assert (result.exit_code, counts(result)) == (1, (0, 1, 0, 0))
    (problem,) = problems(result)
    assert problem.endswith("seen none: the file was changed during the proof")


def test_a_sample_that_changes_while_it_is_run_is_run_as_it_was(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = project / "samples/list-users/stdlib/list_users.rb"
    really = build.build_samples

    def swap(*arguments: Any, **options: Any) -> dict[str, build.Built]:  # before the runs
        sample.write_text("abort 'bad'\n")
        return really(*arguments, **options)

    monkeypatch.setattr(build, "build_samples", swap)
    result = prove(project, "ruby", "stdlib", "success")
    assert (result.exit_code, counts(result)) == (0, (1, 0, 0, 0))
    # It is a result of bytes that are gone: nothing is on record of those that there are now.
    assert json.loads((project / record_files.CACHE).read_bytes())["results"] == []


def test_a_sample_that_writes_for_ever_fails_and_the_others_go_on(project: Path) -> None:
    sample = project / "samples/list-users/stdlib/list-users.sh"
    sample.write_text("yes\n")
    result = prove(project, "curl", "stdlib", "success", options="--language ruby")
    assert (result.exit_code, counts(result)) == (1, (1, 1, 0, 0))
    (problem,) = problems(result)
    assert problem.endswith("expected an end; seen none: it wrote more than 16 MiB")


def test_an_empty_sample_fails_in_every_case(project: Path) -> None:
    (project / "samples/list-users/stdlib/list_users.py").write_text("")
    result = prove(project, "python", "stdlib", "success", "status-401", "unset-api_key")
    assert (result.exit_code, counts(result)) == (1, (0, 3, 0, 0))


def test_a_missing_sample_is_an_error_of_its_own(project: Path) -> None:
    (project / "samples/list-users/stdlib/list_users.rb").unlink()
    result = tabproof(project, "prove", "--language", "ruby")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "tabproof: samples/list-users/stdlib/list_users.rb: is missing; run `tabproof generate`.\n"
    )


@pytest.mark.parametrize("option", ["scenario", "language", "case"])
def test_a_selection_of_nothing_is_an_error(project: Path, option: str) -> None:
    result = tabproof(project, "prove", f"--{option}", "nothing")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"tabproof: unknown {option} 'nothing'; choose ")


def test_a_case_that_the_selected_scenario_does_not_have_is_no_success(project: Path) -> None:
    other = "templates/scenarios/videosdk-sessions.yml"
    shutil.copyfile(ROOT / other, project / other)
    assert tabproof(project, "generate").exit_code == 0
    case = "unset-sdk_key"
    options = "--scenario list-users"
    result = prove(project, "python", "stdlib", case, options=options)
    assert (result.exit_code, counts(result)) == (3, (0, 0, 0, 0))
    assert "no case is selected" in result.stdout


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('    stdout: "{body}\\n"\n    stderr: ""\n', "", "exactly one of `stderr` and"),
        ("    requests: 1\n  refused:", "  refused:", "requests"),
        ("    expect: no_credential\n\n  - name: tokyo", "\n  - name: tokyo", "expect"),
        ("expect: no_credential\n\n  - name: tokyo", "expect: x\n\n  - name: tokyo", "'x'"),
    ],
    ids=["nothing-said", "no-count-of-requests", "no-outcome", "unknown-outcome"],
)
def test_an_expectation_that_was_emptied_is_an_error(
    project: Path, old: str, new: str, words: str
) -> None:
    change(project, "templates/cases.yml", old, new)
    result = tabproof(project, "prove", "--language", "python")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("tabproof: templates/cases.yml")
    assert words in result.stderr


def test_a_table_without_cases_is_an_error(project: Path) -> None:
    table = project / "templates/cases.yml"
    table.write_text(table.read_text().partition("\ncases:\n")[0] + "\ncases: []\n")
    result = tabproof(project, "prove", "--language", "python")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("tabproof: templates/cases.yml")


@pytest.mark.parametrize("acts", ["[]", "[{wait: past-timeout}]"])
def test_a_mock_api_that_never_answers_is_no_success(impatient: Path, acts: str) -> None:
    with (impatient / "templates/cases.yml").open("a") as table:
        table.write("\n  - name: silent\n    reason: It never answers.\n")
        table.write(f"    server: {{acts: {acts}}}\n    expect: answered\n")
    result = prove(impatient, "ruby", "stdlib", "silent")
    assert (result.exit_code, counts(result)) == (1, (0, 1, 0, 0))
    assert any("expected exit status 0; seen 1" in problem for problem in problems(result))


def test_a_missing_interpreter_is_skipped_and_skipped_alone_is_no_success(project: Path) -> None:
    interpreter = '{ruby: ruby}\n    version: {run: ["{ruby}", --version]}\n    minimum'
    missing = interpreter.replace(" ruby}", " no-such-ruby}")
    change(project, "templates/ruby/language.yml", interpreter, missing)
    chosen = ("prove", "--variant", "stdlib", "--case", "unset-api_key", "--language", "ruby")
    result = tabproof(project, *chosen)
    assert (result.exit_code, counts(result)) == (3, (0, 0, 1, 0))
    assert "not run: no-such-ruby is not installed; well formed by ruby -wc" in result.stdout
    both = (*chosen, "--language", "curl")
    result = tabproof(project, *both)
    assert (result.exit_code, counts(result)) == (0, (1, 0, 1, 0))
    assert tabproof(project, *both, "--require", "all").exit_code == 3
    assert tabproof(project, *both, "--require", "ruby").exit_code == 3
    assert tabproof(project, *both, "--require", "curl").exit_code == 0
    result = tabproof(project, *both, "--require", "rubby")
    assert (result.exit_code, "unknown language 'rubby'" in result.stderr) == (2, True)
    assert tabproof(project, *chosen[:-1], "curl", "--require", "all").exit_code == 0


def test_what_cannot_run_is_parsed_and_a_fault_in_it_is_a_failure(project: Path) -> None:
    known = catalog_reader.load(ROOT).languages["csharp"]
    parser = known.data.syntax
    assert parser
    if isinstance(words := find.locate_programs(parser, parser.name, known, ROOT), str):
        pytest.skip(words)
    missing = "runtime: dotnet\n    programs: {dotnet: no-such-dotnet,"
    own = "runtime: dotnet\n    programs: {dotnet: dotnet,"
    change(project, "templates/csharp/language.yml", own, missing)
    chosen = ("prove", "--language", "csharp", "--variant", "library", "--case", "success")
    result = tabproof(project, *chosen)
    assert (result.exit_code, counts(result)) == (3, (0, 0, 1, 0))
    assert "well formed by" in result.stdout
    path = "samples/list-users/library/ListUsers.cs"
    line = change(project, path, "return 0;", "return 0")
    result = tabproof(project, *chosen)
    assert (result.exit_code, counts(result)) == (1, (0, 0, 1, 0))
    assert problems(result) == [f"{path}: tree-sitter-c-sharp: line {line}: `;` is missing"]


def test_without_a_sandbox_everything_is_skipped(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        isolation_choice, "missing_sandbox", lambda: "bwrap does not work here: it is a test"
    )
    options = "--isolation bubblewrap"
    result = prove(project, "python", "stdlib", "success", "tokyo", options=options)
    assert (result.exit_code, counts(result)) == (3, (0, 0, 2, 0))
    assert "not run: bwrap does not work here: it is a test" in " ".join(result.stdout.split())
    assert not json.loads((project / record_files.CACHE).read_bytes())["results"]


def test_a_worker_that_crashes_is_no_success(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "bin" / "bwrap"
    fake.parent.mkdir()
    fake.write_text(
        '#!/bin/sh\ncase "$*" in *sandbox.worker*) echo "bwrap: out of memory" >&2; exit 1; esac\n'
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:/usr/bin:/bin")
    result = prove(project, "python", "stdlib", "success", "unset-api_key")
    assert (result.exit_code, counts(result)) == (1, (0, 2, 0, 0))
    (problem,) = problems(result)
    assert problem.endswith(
        "expected a run; seen none: the worker ended early: bwrap: out of memory"
    )


def test_a_run_that_nobody_observed_is_no_success(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*_: Any) -> Iterator[Observation]:
        yield from ()

    monkeypatch.setattr(batch_runner, "run_batch", nothing)
    result = prove(project, "python", "stdlib", "success")
    assert (result.exit_code, counts(result)) == (1, (0, 1, 0, 0))


@pytest.mark.parametrize("broken", ["the worker ended early", ""], ids=["broken", "silent"])
def test_a_run_that_could_not_be_observed_goes_on_no_record(
    project: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def fail(batch: Batch, *_: Any) -> Iterator[Observation]:
        return (Observation(run.id, broken=broken) for run in batch.runs if broken)

    monkeypatch.setattr(batch_runner, "run_batch", fail)
    result = prove(project, "ruby", "stdlib", "success", options="--record")
    assert (result.exit_code, counts(result)) == (1, (0, 1, 0, 0))
    assert json.loads((project / record_files.RECORD).read_bytes())["rows"] == []
    assert records.read_record(project).results == ()


def limited(project: Path, case: str, seen: str) -> None:
    limit = f"{{versions: '', cases: [{case}], seen: '{seen}', reason: R.}}"
    # The toolchain of `stdlib`, not that of `library`.
    only = "    variants: [stdlib]\n"
    change(project, "templates/python/language.yml", only, f"{only}    limits: [{limit}]\n")


def test_a_limit_of_a_runtime_excuses_its_case_alone(project: Path) -> None:
    limited(project, "status-401", "expected the claim exp;")
    change(project, "samples/list-users/stdlib/list_users.py", "exp", "expires")
    result = prove(project, "python", "stdlib", "status-401")
    assert (result.exit_code, counts(result)) == (3, (0, 0, 1, 0))
    assert "a limit of the runtime: R." in result.stdout
    result = prove(project, "python", "stdlib", "status-401", "success")
    # The excused run is on record.
    assert (result.exit_code, counts(result)) == (1, (0, 1, 1, 1))


def test_a_limit_excuses_what_it_names_alone(project: Path) -> None:
    limited(project, "status-401", "expected the claim exp;")
    faults = ("exp", "expires", '"GET"', '"PUT"')
    change(project, "samples/list-users/stdlib/list_users.py", *faults)
    result = prove(project, "python", "stdlib", "status-401")
    assert (result.exit_code, counts(result)) == (1, (0, 1, 0, 0))
    (problem,) = problems(result)
    assert problem.endswith("status-401: expected GET; seen PUT")


def test_a_limit_of_one_language_excuses_no_other(project: Path) -> None:
    limited(project, "status-401", "expected the claim exp;")
    change(project, "samples/list-users/stdlib/list_users.rb", "exp: now", "expires: now")
    result = prove(project, "ruby", "stdlib", "status-401")
    assert (result.exit_code, counts(result)) == (1, (0, 1, 0, 0))
    (problem,) = problems(result)
    assert "expected the claim exp;" in problem


def test_a_limit_excuses_no_run_that_did_not_take_place(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(project, "status-401", "expected the claim exp;")

    def broken(batch: Batch, *_: Any) -> Iterator[Observation]:
        return (Observation(run.id, broken="the worker ended early") for run in batch.runs)

    monkeypatch.setattr(batch_runner, "run_batch", broken)
    result = prove(project, "python", "stdlib", "status-401")
    assert (result.exit_code, counts(result)) == (1, (0, 1, 0, 0))
    (problem,) = problems(result)
    assert problem.endswith("seen none: the worker ended early")


def test_a_limit_that_excuses_nothing_is_an_error(project: Path) -> None:
    limited(project, "success", "expected the claim exp;")
    result = prove(project, "python", "stdlib", "success")
    assert result.exit_code == 1
    assert problems(result)[0].endswith("seen none: remove the limit")


def test_a_parser_is_not_asked_again_about_the_same_bytes(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    really = build.parse_sample

    def parse(subject: RunnableSample, now: str) -> SyntaxResult | None:
        asked.append(subject.file)
        return really(subject, now)

    monkeypatch.setattr(build, "parse_sample", parse)
    monkeypatch.setattr(find, "usable_toolchains", lambda *_: [])
    monkeypatch.setattr(find, "missing_toolchain_reason", lambda *_: "it is not installed")
    words = ("prove", "--language", "ruby", "--variant", "stdlib")
    first, second = tabproof(project, *words), tabproof(project, *words)
    assert (first.exit_code, first.stdout) == (second.exit_code, second.stdout)
    assert "well formed by ruby -wc" in first.stdout
    assert len(asked) == 1
    tabproof(project, *words, "--fresh")
    assert len(asked) == 2
    sample = project / "samples/list-users/stdlib/list_users.rb"
    sample.write_text(sample.read_text() + ")\n")
    for count in (3, 4):
        assert tabproof(project, *words).exit_code == 1
        assert len(asked) == count


def test_a_parser_whose_program_is_found_only_outside_the_sandbox_is_no_fault_of_a_sample(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shim = project.parent / "shims" / "ruby"
    shim.parent.mkdir()
    shim.write_text("#!/bin/sh\nexec /home/nobody/versions/ruby\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(shim.parent), prepend=os.pathsep)
    monkeypatch.setattr(find, "usable_toolchains", lambda *_: [])
    monkeypatch.setattr(find, "missing_toolchain_reason", lambda *_: "it is not installed")
    result = tabproof(project, "prove", "--language", "ruby", "--variant", "stdlib")
    assert result.exit_code == 3
    assert "not parsed by ruby -wc" in result.stdout


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The identities of all runs."""
    seen: list[str] = []
    real = batch_runner.run_batch

    def watch(batch: Batch, *rest: Any) -> Iterator[Observation]:
        seen.extend(run.id.rpartition("#")[2] for run in batch.runs)
        yield from real(batch, *rest)

    monkeypatch.setattr(batch_runner, "run_batch", watch)
    return seen


def test_a_second_proof_runs_nothing_until_something_changes(
    project: Path, watched: list[str]
) -> None:
    def runs(options: str = "") -> tuple[list[str], int]:
        watched.clear()
        result = prove(project, "python", "stdlib", "success", "tokyo", options=options)
        assert result.exit_code == 0, result.output
        return list(watched), counts(result)[3]

    both = ["success", "tokyo"]
    assert runs() == (both, 0)
    assert runs() == ([], 2)
    assert runs("--fresh") == (both, 0)
    assert runs() == ([], 2)
    change(project, "samples/list-users/stdlib/list_users.py", "import os\n", "import os  # mine\n")
    assert runs() == (both, 0)
    change(project, "templates/cases.yml", "{TZ: Asia/Tokyo}", "{TZ: Europe/Berlin}")
    assert runs() == (["tokyo"], 1)
    cache = project / record_files.CACHE
    cache.write_text(re.sub(r'"version":"3\.', '"version":"2.', cache.read_text()))
    assert runs() == (both, 0)
    cache.unlink()
    assert runs() == (both, 0)


def test_what_failed_is_run_again(project: Path, watched: list[str]) -> None:
    path = "samples/list-users/stdlib/list_users.py"
    change(project, path, 'sys.exit(f"HTTP', 'print(f"HTTP')
    for _ in range(2):
        watched.clear()
        result = prove(project, "python", "stdlib", "success", "status-401", "status-429")
        assert (result.exit_code, counts(result)[:2]) == (1, (1, 2))
    assert watched == ["status-401", "status-429"]


def test_only_record_changes_a_file_that_git_sees(project: Path) -> None:
    before = files(project)
    for options in ("", "--fresh", ""):
        assert prove(project, "ruby", "stdlib", "success", options=options).exit_code == 0
    assert files(project) == before
    assert prove(project, "ruby", "stdlib", "success", options="--record").exit_code == 0
    after = files(project)
    proof = after.pop(record_files.RECORD)
    assert after == before
    assert prove(project, "ruby", "stdlib", "success", options="--record").exit_code == 0
    assert files(project)[record_files.RECORD] == proof


def test_the_record_is_one_sorted_line_for_each_sample_without_durations(project: Path) -> None:
    cases = ("unset-api_key", "success", "status-401")
    options = "--language curl --variant library --record"
    assert prove(project, "ruby", "stdlib", *cases, options=options).exit_code == 0
    text = (project / record_files.RECORD).read_text()
    rows = json.loads(text)["rows"]
    lines = [line.rstrip(",") for line in text.splitlines() if line.startswith('{"sample"')]
    assert [json.loads(line) for line in lines] == rows
    needed = {"sample", "runtime", "version", "bytes", "cases", "date", "missing"}
    assert all(needed <= row.keys() <= needed | {"libraries", "isolation"} for row in rows)
    assert [row["sample"] for row in rows] == [
        f"list-users/{variant}/{language}"
        for variant in ("library", "stdlib")
        for language in ("curl", "ruby")
    ]
    results = records.read_record(project).results
    assert {result.verdict for result in results} == {"passed"}
    assert {result.case for result in results} == {*cases}
    assert len(results) == len(cases) * len(rows)


def test_the_record_does_not_hold_what_was_skipped(project: Path) -> None:
    interpreter = '{ruby: ruby}\n    version: {run: ["{ruby}", --version]}\n    minimum'
    missing = interpreter.replace(" ruby}", " no-such-ruby}")
    change(project, "templates/ruby/language.yml", interpreter, missing)
    result = tabproof(project, "prove", "--language", "ruby", "--case", "success", "--record")
    assert result.exit_code == 3
    written = json.loads((project / record_files.RECORD).read_bytes())
    assert written["rows"] == []
    assert {row["verdict"] for row in written["syntax"]} <= {"passed", "skipped"}


def test_an_invented_result_does_not_make_a_changed_sample_publishable(project: Path) -> None:
    options = "--record"
    assert prove(project, "ruby", "stdlib", "success", options=options).exit_code == 0
    path = "samples/list-users/stdlib/list_users.rb"
    change(project, path, "exp: now + 3600", "exp: now + 7200")
    proof = project / record_files.RECORD
    rows = json.loads(proof.read_bytes())
    rows["rows"][0]["bytes"] = sha256((project / path).read_bytes()).hexdigest()
    proof.write_text(json.dumps(rows))
    assert tabproof(project, "check").exit_code == 1
    result = prove(project, "ruby", "stdlib", "success", options="--fresh")
    assert (result.exit_code, counts(result)) == (1, (0, 1, 0, 0))
    assert "which is +1 h off: a local time taken for UTC, or another lifetime" in result.stdout


SWAYS = "if Random.rand < 0.6 then abort('not this time') end\n"


def test_a_sample_that_is_wrong_in_most_of_its_runs_does_not_become_publishable(
    project: Path,
) -> None:
    first = "require 'json'\n"
    change(project, "samples/list-users/stdlib/list_users.rb", first, f"{SWAYS}{first}")

    def run_until(words: str) -> Result:
        for _ in range(40):  # that neither comes in 40 runs happens once in a billion
            result = prove(project, "ruby", "stdlib", "success", options="--record --fresh")
            if words in " ".join(result.stdout.split()):
                return result
        pytest.fail(f"never {words!r}")

    run_until("seen 1")
    passed = run_until("flaky: passed now, but failed on ")
    assert (passed.exit_code, counts(passed)[:2]) == (1, (0, 1))
    (kept,) = records.read_record(project).results
    assert kept.verdict == "failed"
