"""Install packages with small shell scripts as package managers, on a PATH of the tests' own."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from tabproof.cli import main
from tabproof.model.catalog import Catalog
from tabproof.model.command import Probe
from tabproof.model.language import Language, Toolchain
from tabproof.model.linter import Linter
from tabproof.project import catalog_reader as catalog
from tabproof.toolchains import doctor, find, install, package_managers
from tabproof.toolchains.find import InstalledToolchain

TALE = Toolchain(
    runtime="tale",
    programs={"tale": "tale"},
    version=Probe(run=("{tale}", "--version")),
    minimum="3",
    packages=("tale-cli", "libtale"),
    homebrew=("tale",),
    run=("{tale}", "{file}"),
)
LINT = Linter(
    name="talelint",
    programs={"talelint": "talelint"},
    version=Probe(run=("{talelint}", "--version")),
    packages=("talelint",),
    homebrew=("talelint-lite",),
    run=("{talelint}", "{sample}"),
)
Put = Callable[..., Path]


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Put:
    """Return a function that puts a program on a PATH without other programs."""
    shell = shutil.which("sh")
    monkeypatch.setenv("PATH", str(tmp_path / "brew/bin"))

    def write(name: str, script: str, folder: str = "brew/bin") -> Path:
        program = tmp_path / folder / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f"#!{shell}\n{script}\n")
        program.chmod(0o755)
        return program

    return write


@pytest.fixture
def macos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")


@pytest.fixture
def language(language_with: Callable[..., Language]) -> Language:
    plain = language_with(TALE)
    return replace(plain, data=replace(plain.data, linters=(LINT,)))


@pytest.mark.usefixtures("macos", "put")
def test_on_macos_the_doctor_names_formulae_and_toolchains_asks_for_them(
    language: Language, tmp_path: Path
) -> None:
    messages = [line.message for line in doctor.examine([language], tmp_path)][1:]
    assert messages == [
        "tale is not installed (Homebrew: tale)",
        "talelint is not installed (Homebrew: talelint-lite)",
    ]
    assert install.missing_packages([language], tmp_path) == ["tale", "talelint-lite"]


@pytest.mark.usefixtures("put")
def test_elsewhere_it_names_debian_packages(language: Language, tmp_path: Path) -> None:
    messages = [line.message for line in doctor.examine([language], tmp_path)][1:]
    assert messages == [
        "tale is not installed (Debian: tale-cli libtale)",
        "talelint is not installed (Debian: talelint)",
    ]
    missing = install.missing_packages([language], tmp_path)
    assert {"bubblewrap", "libtale", "tale-cli", "talelint", "strace"} <= set(missing)


@pytest.mark.parametrize(
    ("platform", "programs", "title"),
    [
        ("darwin", ["brew"], "Homebrew"),
        ("darwin", [], "Homebrew"),
        ("linux", ["apt-get"], "Debian"),
        ("linux", ["apt-get", "brew"], "Debian"),
        ("linux", ["brew"], "Homebrew"),
        ("linux", [], "Debian"),
    ],
)
def test_the_package_manager_is_the_machines_own(
    platform: str,
    programs: list[str],
    title: str,
    put: Put,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    for program in programs:
        put(program, ":")
    assert package_managers.package_manager().title == title


@pytest.mark.usefixtures("macos")
def test_a_formula_that_fails_keeps_no_other_one_from_being_installed(
    put: Put, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    script = (
        'echo "$NONINTERACTIVE $@" >> {}; case "$3" in odd) echo "No odd here." >&2; exit 1;; esac'
    )
    brew = put("brew", script.format(log))
    failure = package_managers.package_manager().install(["odd", "tale"])
    assert failure == f"`{brew} install --quiet odd` failed: No odd here."
    assert log.read_text() == "1 install --quiet odd\n1 install --quiet tale\n"


@pytest.mark.usefixtures("macos", "put")
def test_without_homebrew_that_is_the_reason() -> None:
    assert package_managers.package_manager().install(["tale"]) == "Homebrew is not installed"


@pytest.mark.usefixtures("macos")
def test_a_program_that_homebrew_keeps_out_of_path_goes_before_the_systems_own(
    put: Put, language: Language, tmp_path: Path
) -> None:
    put("brew", ":")
    put("tale", "echo tale 2.6")  # as macOS has a Ruby of its own
    keg_only = put("tale", "echo tale 3.4", "brew/opt/tale/bin")
    (toolchain,) = find.find_toolchains(language, tmp_path)
    assert isinstance(toolchain, InstalledToolchain)
    assert (toolchain.version, toolchain.placeholders["tale"]) == ("3.4", str(keg_only))


@pytest.mark.usefixtures("macos")
def test_the_command_installs_what_each_language_file_names(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    put("brew", f'echo "$3" >> {log}')
    monkeypatch.setattr(install, "install_libraries", lambda *_which: iter(()))
    (tmp_path / "templates/scenarios").mkdir(parents=True)
    result = CliRunner().invoke(
        main, ["--root", str(tmp_path), "toolchains"], catch_exceptions=False
    )
    assert result.exit_code == 0
    formulae: set[str] = set()
    for language in catalog.load(tmp_path).languages.values():
        for toolchain in language.data.toolchains:
            formulae |= set(toolchain.homebrew)
        for linter in language.data.linters:
            formulae |= set(linter.homebrew)
    assert {"jq", "node", "php", "ruby"} <= formulae
    assert set(log.read_text().split()) == formulae
    assert result.stderr == f"Installing Homebrew formulae: {' '.join(sorted(formulae))}\n"
    assert result.stdout == ""


def test_each_language_that_needs_a_package_names_it_for_both_managers(catalog: Catalog) -> None:
    """Except toolchains whose variants another toolchain of the language runs on macOS."""
    for language in catalog.languages.values():
        for linter in language.data.linters:
            assert bool(linter.packages) == bool(linter.homebrew), linter.name
        debian, homebrew = (
            {v for t in language.data.toolchains if getattr(t, name) for v in t.variants}
            for name in ("packages", "homebrew")
        )
        assert debian <= homebrew, language.name
