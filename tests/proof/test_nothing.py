"""Where nothing has changed nothing runs, and little is imported; what has changed is noticed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from click.testing import Result as Ended
from msgspec.structs import replace
from tests import records

from tabproof.model.result import ToolchainVersions
from tabproof.proof.prepare.runnable_sample import RequestedRuns
from tabproof.proof.run import local
from tabproof.proof.run.local import RunOutcome
from tabproof.samples.record import Record
from tabproof.samples.record_files import CACHE

Tabproof = Callable[..., Ended]
BOXES = {
    "ruby": ToolchainVersions("ruby", "3.1.2", {"ruby-jwt": "2.5.0"}, "bubblewrap"),
    "php": ToolchainVersions("php", "8.2.36", {"firebase/php-jwt": "7.0.5"}, "bubblewrap"),
    "python": ToolchainVersions("python", "3.11.7", {"PyJWT": "2.15.1"}, "bubblewrap"),
}
"""One language whose library says its version by a program, and two in which a file has it."""

PROVE = ("prove", "--variant", "library", *(f"--language={name}" for name in BOXES))
RUBY = 'case "$1" in --version) echo ruby 3.1.2p20 ;; -e) echo 2.5.0 ;; esac'
PROGRAMS = {"ruby": RUBY, "php": "echo PHP 8.2.36", "bwrap": ":", "strace": ":"}
TOOLS = ".tabproof/toolchains"
PYTHON, METADATA = f"{TOOLS}/python/bin/python", f"{TOOLS}/python/lib/python3.11/site-packages"
INSTALLED = f"{TOOLS}/php/vendor/composer/installed.json"
SHELL = shutil.which("sh")
PHP_JWT = '[{"name": "firebase/php-jwt", "version": "v7.0.5"}]'


def program(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{SHELL}\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def written(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def on_path(project: Path) -> Path:
    """The folder of all programs that there are."""
    return project.parent / "bin"


@pytest.fixture
def proved(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project all of whose samples are on record, three languages' with what is here."""
    for name, script in PROGRAMS.items():
        program(on_path(project) / name, script)
    monkeypatch.setenv("PATH", str(on_path(project)))
    program(project / PYTHON, "echo Python 3.11.7")
    written(project / METADATA / "pyjwt-2.15.1.dist-info/METADATA", "Version: 2.15.1\n")
    written(project / INSTALLED, PHP_JWT)
    results = (
        replace(result, toolbox=BOXES.get(result.sample.language, result.toolbox))
        for result in records.read_record(project).results
    )
    records.write_record(project, Record(tuple(results)))
    return project


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The languages that something was run of; nothing is."""
    languages: set[str] = set()

    def run_locally(wanted: RequestedRuns, **_how: object) -> Generator[RunOutcome, None, None]:
        languages.update(subject.language.name for subject, _case in wanted.values())
        yield from ()

    monkeypatch.setattr(local, "run_locally", run_locally)
    return languages


def test_what_is_on_record_is_not_run_again(
    proved: Path, tabproof: Tabproof, ran: set[str]
) -> None:
    ended = tabproof(*PROVE)
    assert (ended.exit_code, ran) == (0, set())
    assert "0 failed" in ended.stdout
    assert "of them on record, not run again" in ended.stdout
    assert not (proved / CACHE).exists()


def remove_ruby_jwt(project: Path) -> None:
    lacks = RUBY.replace("echo 2.5.0", "echo LoadError >&2; exit 1")
    program(on_path(project) / "ruby", lacks)


def renew_ruby(project: Path) -> None:
    program(on_path(project) / "ruby", RUBY.replace("3.1.2p20", "3.1.3p4"))


def renew_ruby_without_a_trace(project: Path) -> None:
    """As a library does that a program's version is in, and a link that leads elsewhere."""
    file = on_path(project) / "ruby"
    before = file.stat()
    file.write_text(file.read_text(encoding="utf-8").replace("3.1.2", "3.1.9"), encoding="utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def put_another_ruby_first(project: Path) -> None:
    first = project.parent / "first"
    program(first / "ruby", RUBY.replace("3.1.2p20", "3.4.1p0"))
    os.environ["PATH"] = os.pathsep.join((str(first), str(on_path(project))))


def renew_ruby_jwt(project: Path) -> None:
    program(on_path(project) / "ruby", RUBY.replace("2.5.0", "2.7.1"))


def renew_php_jwt(project: Path) -> None:
    written(project / INSTALLED, PHP_JWT.replace("7.0.5", "7.0.6"))


def renew_python(project: Path) -> None:
    program(project / PYTHON, "echo Python 3.12.1")


def renew_pyjwt(project: Path) -> None:
    folder = project / METADATA
    shutil.rmtree(folder / "pyjwt-2.15.1.dist-info")
    written(folder / "PyJWT-2.16.0.dist-info/METADATA", "Version: 2.16.0\n")


@pytest.mark.parametrize(
    ("change", "language"),
    [
        (renew_ruby, "ruby"),
        (renew_ruby_without_a_trace, "ruby"),
        (put_another_ruby_first, "ruby"),
        (renew_ruby_jwt, "ruby"),
        (renew_php_jwt, "php"),
        (renew_python, "python"),
        (renew_pyjwt, "python"),
    ],
)
def test_another_version_of_a_runtime_or_of_a_library_is_noticed(
    change: Callable[[Path], None],
    language: str,
    proved: Path,
    tabproof: Tabproof,
    ran: set[str],
) -> None:
    assert tabproof(*PROVE).exit_code == 0
    change(proved)
    ended = tabproof(*PROVE)
    assert (ended.exit_code, ran) == (1, {language})


def test_a_library_that_is_gone_is_noticed(proved: Path, tabproof: Tabproof, ran: set[str]) -> None:
    remove_ruby_jwt(proved)
    shutil.rmtree((proved / INSTALLED).parent)
    shutil.rmtree(proved / METADATA)
    ended = tabproof(*PROVE)
    assert (ended.exit_code, ran) == (3, set())
    assert ended.stdout.count("  not run  ") == len(BOXES) * 2
    for library in ("ruby-jwt", "firebase/php-jwt", "PyJWT"):
        assert f"{library} for the samples is not installed" in ended.stdout


def test_what_was_not_run_is_told_with_the_command_that_brings_it(
    proved: Path, tabproof: Tabproof
) -> None:
    assert tabproof(*PROVE).stderr == ""
    # Its packages are no help where nothing can install them.
    remove_ruby_jwt(proved)
    assert tabproof(*PROVE).stderr == ""
    program(on_path(proved) / "apt-get", ":")
    assert tabproof(*PROVE).stderr == "`tabproof toolchains` installs what is missing for Ruby.\n"
    # Its locks are there on every machine.
    (on_path(proved) / "apt-get").unlink()
    shutil.rmtree((proved / INSTALLED).parent)
    shutil.rmtree(proved / METADATA)
    # What installs PHP's is not.
    words = "`tabproof toolchains` installs what is missing for {}.\n"
    assert tabproof(*PROVE).stderr == words.format("Python")
    program(on_path(proved) / "composer", ":")
    assert tabproof(*PROVE).stderr == words.format("PHP, Python")


def test_a_toolchain_that_no_package_has_is_told_without_that_command(
    proved: Path, tabproof: Tabproof
) -> None:
    program(on_path(proved) / "apt-get", ":")
    ended = tabproof("prove", "--variant", "library", "--language", "csharp")
    assert "not run: dotnet is not installed" in ended.stdout
    assert ended.stderr == ""


def test_a_sandbox_that_a_package_brings_is_told_with_the_command(
    proved: Path, tabproof: Tabproof
) -> None:
    program(on_path(proved) / "apt-get", ":")
    (on_path(proved) / "bwrap").unlink()
    ended = tabproof(*PROVE, "--isolation", "bubblewrap")
    assert ended.stderr == ("`tabproof toolchains` installs what is missing for the sandbox.\n")


def test_of_two_versions_that_are_said_to_be_there_none_is_believed(
    proved: Path, tabproof: Tabproof
) -> None:
    written(proved / METADATA / "PyJWT-2.14.0.dist-info/METADATA", "Version: 2.14.0\n")
    assert "PyJWT for the samples is not installed" in tabproof(*PROVE).stdout


def test_a_sandbox_that_works_no_more_is_noticed(proved: Path, tabproof: Tabproof) -> None:
    program(on_path(proved) / "bwrap", "echo no namespaces >&2; exit 1")
    ended = tabproof(*PROVE, "--isolation", "bubblewrap")
    assert ended.exit_code == 3
    assert "bwrap does not work here: no namespaces" in ended.stdout


@pytest.mark.usefixtures("proved")
def test_another_isolation_is_noticed(tabproof: Tabproof, ran: set[str]) -> None:
    assert tabproof(*PROVE, "--isolation", "rebased").exit_code == 1
    assert ran == set(BOXES)


def test_another_case_is_noticed(proved: Path, tabproof: Tabproof, ran: set[str]) -> None:
    cases = proved / "templates/cases.yml"
    text = cases.read_text(encoding="utf-8")
    before, after = '{"n":"é😀é"}', '{"n":"é😀e"}'
    assert before in text
    cases.write_text(text.replace(before, after), encoding="utf-8")
    assert tabproof(*PROVE).exit_code == 1
    assert ran == set(BOXES)


def test_another_sample_is_noticed(proved: Path, tabproof: Tabproof, ran: set[str]) -> None:
    assert tabproof("generate").exit_code == 0
    sample = proved / "samples/list-users/library/list_users.rb"
    sample.write_text(f"{sample.read_text(encoding='utf-8')}# mine\n", encoding="utf-8")
    assert tabproof(*PROVE).exit_code == 1
    assert ran == {"ruby"}


IDLE = {
    "renders": ("jinja2", "yaml", "tabproof.render.renderer", "tabproof.project.yaml_text"),
    "runs": ("h11", "trustme", "cryptography"),
    "judges": (
        "jwt",
        "tabproof.diagnosis",
        "tabproof.proof.judge.judge_runs",
        "tabproof.proof.judge.verdict",
    ),
    "draws": (
        "xml",
        "tabproof.proof.reports.junit",
        "tabproof.proof.reports.html",
        "rich.progress",
    ),
    "does something else": (
        "tabproof.cli.prove_lint",
        "tabproof.cli.prove_merge",
        "tabproof.cli.prove_mutate",
        "tabproof.pages.tabs",
        "distributed",
    ),
}
"""What nothing is needed of where there is nothing to do."""

IMPORTED = """
import sys
from tabproof.cli import main
try:
    main.main(sys.argv[1:], prog_name="tabproof")
except SystemExit as ended:
    print(*sorted(sys.modules), file=sys.stderr)
    raise
"""


def imported(project: Path, *words: str) -> set[str]:
    """What a command imports that ends well."""
    command = [sys.executable, "-c", IMPORTED, "--root", str(project), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("words", [("generate",), ("check",), PROVE, ("--help",)], ids=" ".join)
def test_where_there_is_nothing_to_do_what_would_do_it_is_not_imported(
    words: tuple[str, ...], proved: Path
) -> None:
    assert "jinja2" in imported(proved, "generate")
    imported(proved, "check")
    modules = imported(proved, *words)
    assert "tabproof.cli" in modules
    needless = {what: modules.intersection(names) for what, names in IDLE.items()}
    assert needless == {what: set() for what in IDLE}
