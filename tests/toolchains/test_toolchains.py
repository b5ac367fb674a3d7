"""Find and install toolchains that are small shell scripts, on a PATH of the tests' own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tabproof.errors import MachineError
from tabproof.model.catalog import Catalog
from tabproof.model.command import Probe, fill_command
from tabproof.model.language import VARIANTS, Language, Library, Toolchain
from tabproof.model.linter import Linter
from tabproof.sandbox import isolation_choice
from tabproof.sandbox.protocol import Mount
from tabproof.toolchains import doctor, find, package_managers, versions
from tabproof.toolchains.find import InstalledToolchain, MissingToolchain
from tabproof.toolchains.install import install_libraries, missing_packages

TOOLCHAIN = Toolchain(
    runtime="tale",
    programs={"tale": "tale"},
    version=Probe(run=("{tale}", "--version")),
    minimum="3.1",
    packages=("tale-cli",),
    libraries={
        "tale-jwt": Library(run=("{tale}", "jwt")),
        "tale-http": Library(file="http/version", pattern=r"v([\d.]+)"),
    },
    run=("{tale}", "{file}"),
)
PRINTS_ITS_VERSION = 'if test "$1" = --version; then echo 3.10.2; exit; fi'
Install = Callable[..., Path]
TaleLanguage = Callable[..., Language]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return a function that puts a program on PATH."""
    shell = shutil.which("sh")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    def write(name: str, script: str, folder: Path = tmp_path / "bin") -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        program = folder / name
        program.write_text(f"#!{shell}\n{script}\n")
        program.chmod(0o755)
        return program

    return write


@pytest.fixture
def tale(install: Install, tmp_path: Path) -> Path:
    """Install a toolchain with all of its libraries."""
    folder = tmp_path / ".tabproof" / "toolchains" / "tale" / "http"
    folder.mkdir(parents=True)
    (folder / "version").write_text("tale-http v2.0.1\n")
    return install(
        "tale", 'case "$1" in jwt) echo 9.1.2 ;; *) echo "The Tale 3.10.2 (2026-11-25)" ;; esac'
    )


def only_toolchain(language: Language, root: Path) -> InstalledToolchain | MissingToolchain:
    (toolchain,) = find.find_toolchains(language, root)
    return toolchain


def reason(toolchain: InstalledToolchain | MissingToolchain) -> str:
    assert isinstance(toolchain, MissingToolchain)
    return toolchain.reason


@pytest.mark.usefixtures("tale")
def test_a_toolchain_is_found_with_its_version_and_its_libraries(
    language_with: TaleLanguage, tmp_path: Path
) -> None:
    assert only_toolchain(language_with(TOOLCHAIN), tmp_path) == InstalledToolchain(
        toolchain=TOOLCHAIN,
        folder=str(tmp_path / ".tabproof" / "toolchains" / "tale"),
        version="3.10.2",
        placeholders={"tale": str(tmp_path / "bin" / "tale")},
        libraries={"tale-jwt": "9.1.2", "tale-http": "2.0.1"},
        missing={},
        root=str(tmp_path),
    )


def test_a_program_of_two_toolchains_is_asked_once(
    install: Install, language_with: TaleLanguage, tmp_path: Path
) -> None:
    install("tale", f'echo "$@" >> {tmp_path}/asked; echo 3.10.2')
    other = replace(TOOLCHAIN, variants=("library",), minimum="4")
    toolchains = find.find_toolchains(language_with(other, TOOLCHAIN), tmp_path)
    assert [type(each) for each in toolchains] == [MissingToolchain, InstalledToolchain]
    assert (tmp_path / "asked").read_text().split() == ["--version", "jwt"]
    # It may have been changed since.
    find.find_toolchains(language_with(TOOLCHAIN), tmp_path)
    assert (tmp_path / "asked").read_text().split() == ["--version", "jwt"] * 2


@pytest.mark.usefixtures("install")
def test_an_interpreter_that_is_missing_is_named(
    language_with: TaleLanguage, tmp_path: Path
) -> None:
    toolchain = only_toolchain(language_with(TOOLCHAIN), tmp_path)
    assert reason(toolchain) == "tale is not installed"
    assert find.select_toolchain([toolchain], "stdlib") == "tale is not installed"


@pytest.mark.usefixtures("install")
def test_an_interpreter_in_the_libraries_folder_is_named_without_its_path(
    language_with: TaleLanguage, tmp_path: Path
) -> None:
    own = replace(TOOLCHAIN, programs={"tale": "{folder}/bin/tale"})
    message = "tale is not installed (tabproof toolchains)"
    alone = replace(own, libraries={})
    assert reason(only_toolchain(language_with(alone), tmp_path)) == message


@pytest.mark.usefixtures("install")
def test_where_the_interpreter_comes_with_the_libraries_those_are_named(
    language_with: TaleLanguage, tmp_path: Path
) -> None:
    own = replace(TOOLCHAIN, programs={"tale": "{folder}/bin/tale"})
    message = "tale-jwt and tale-http for the samples are not installed (tabproof toolchains)"
    assert reason(only_toolchain(language_with(own), tmp_path)) == message
    one = replace(own, libraries={"tale-jwt": TOOLCHAIN.libraries["tale-jwt"]})
    message = "tale-jwt for the samples is not installed (tabproof toolchains)"
    assert reason(only_toolchain(language_with(one), tmp_path)) == message


@pytest.mark.parametrize(
    ("version", "is_old"),
    [("3.1", False), ("3.1.0", False), ("3.10", False), ("10.0", False), ("3.0.9", True)],
)
def test_a_runtime_must_be_recent_enough(
    install: Install, language_with: TaleLanguage, tmp_path: Path, version: str, *, is_old: bool
) -> None:
    install("tale", f"echo {version}")
    toolchain = only_toolchain(language_with(TOOLCHAIN), tmp_path)
    assert isinstance(toolchain, MissingToolchain) is is_old
    if is_old:
        assert reason(toolchain) == f"tale {version} is too old; 3.1 or later is needed"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo no number", "tale: its version is not recognized"),
        ("exit 1", "tale: its version is not recognized"),
        ("echo 'Error: cannot load' >&2; exit 1", "tale: not installed"),
        ("exec /no/such/program", "tale: its version is not recognized"),
    ],
)
def test_a_runtime_that_does_not_say_its_version_is_not_used(
    install: Install, language_with: TaleLanguage, tmp_path: Path, script: str, message: str
) -> None:
    install("tale", script)
    assert reason(only_toolchain(language_with(TOOLCHAIN), tmp_path)) == message


NOT_A_PROGRAM = "Exec format error"
"""The kernel's message for an executable file that is not a program (execve(2), ENOEXEC)."""


def write_garbage(path: Path) -> None:
    path.write_bytes(b"\x7fELF, but no more of it")
    path.chmod(0o755)


def test_a_runtime_that_is_no_program_is_not_used(
    tale: Path, language_with: TaleLanguage, tmp_path: Path
) -> None:
    write_garbage(tale)
    message = f"tale: cannot be started: {NOT_A_PROGRAM}"
    assert reason(only_toolchain(language_with(TOOLCHAIN), tmp_path)) == message


def test_a_runtime_that_never_says_its_version_is_not_waited_for(
    install: Install,
    language_with: TaleLanguage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    install("tale", f"exec {shutil.which('sleep', path='/usr/bin:/bin')} 1000")
    monkeypatch.setattr(versions, "PROBE_SECONDS", 1)
    message = reason(only_toolchain(language_with(TOOLCHAIN), tmp_path))
    assert message == "tale: did not answer within 1 s"


def test_a_library_that_is_missing_stops_the_variants_that_need_it_alone(
    install: Install, language_with: TaleLanguage, tmp_path: Path
) -> None:
    install("tale", 'case "$1" in jwt) echo "LoadError: jwt" >&2; exit 1 ;; *) echo 3.2 ;; esac')
    toolchain = only_toolchain(language_with(TOOLCHAIN), tmp_path)
    assert isinstance(toolchain, InstalledToolchain)
    message = "tale-jwt and tale-http for the samples are not installed"
    assert find.select_toolchain([toolchain], "library") == message
    assert find.select_toolchain([toolchain], "stdlib") is toolchain


@pytest.mark.usefixtures("tale")
def test_the_libraries_of_a_variant_are_those_that_it_needs(
    language_with: TaleLanguage, tmp_path: Path
) -> None:
    http = Library(file="http/version", pattern=r"v([\d.]+)", variants=("library", "stdlib"))
    both = replace(TOOLCHAIN, libraries=TOOLCHAIN.libraries | {"tale-http": http})
    toolchain = only_toolchain(language_with(both), tmp_path)
    assert isinstance(toolchain, InstalledToolchain)
    assert toolchain.libraries_for("library") == {"tale-jwt": "9.1.2", "tale-http": "2.0.1"}
    assert toolchain.libraries_for("stdlib") == {"tale-http": "2.0.1"}


def test_the_first_toolchain_that_can_run_a_variant_is_used() -> None:
    absent = MissingToolchain(TOOLCHAIN, "tale is not installed")
    stdlib = InstalledToolchain(replace(TOOLCHAIN, variants=("stdlib",)), "/x", "3.2", {}, {}, {})
    both = InstalledToolchain(TOOLCHAIN, "/x", "3.3", {}, {}, {})
    assert find.select_toolchain([absent, stdlib, both], "stdlib") is stdlib
    assert find.select_toolchain([absent, stdlib, both], "library") is both
    assert find.select_toolchain([absent, stdlib], "library") == "tale is not installed"
    assert find.select_toolchain([stdlib], "library") == (
        "no toolchain of this language runs this variant"
    )
    incomplete = replace(both, missing={"tale-jwt": "not installed"})
    assert find.select_toolchain([absent, incomplete], "library") == (
        "tale is not installed; tale-jwt for the samples is not installed"
    )


def test_every_runtime_that_can_run_a_variant_runs_it_once() -> None:
    absent = MissingToolchain(TOOLCHAIN, "tale is not installed")
    one, again = (
        InstalledToolchain(TOOLCHAIN, "/x", version, {}, {}, {}) for version in ("3.2", "3.3")
    )
    other = replace(one, toolchain=replace(TOOLCHAIN, runtime="other-tale"))
    stdlib = replace(one, toolchain=replace(TOOLCHAIN, runtime="old-tale", variants=("stdlib",)))
    toolchains: list[InstalledToolchain | MissingToolchain] = [absent, stdlib, other, one, again]
    assert find.usable_toolchains(toolchains, "stdlib") == [stdlib, other, one]
    assert find.usable_toolchains(toolchains, "library") == [other, one]
    assert find.usable_toolchains([absent], "library") == []


def test_python_samples_without_a_library_run_on_the_interpreter_that_is_there(
    catalog: Catalog, tmp_path: Path
) -> None:
    toolchains = find.find_toolchains(catalog.languages["python"], tmp_path)
    (stdlib,) = find.usable_toolchains(toolchains, "stdlib")
    assert (
        not Path(stdlib.placeholders["python"]).is_relative_to(sys.prefix) or not in_environment()
    )
    message = "PyJWT for the samples is not installed (tabproof toolchains)"
    assert find.select_toolchain(toolchains, "library") == message


def in_environment() -> bool:
    return sys.prefix != sys.base_prefix


def test_every_variant_of_every_language_has_a_toolchain(catalog: Catalog) -> None:
    for language in catalog.languages.values():
        served = {variant for tool in language.data.toolchains for variant in tool.variants}
        assert served == set(VARIANTS), language.name


def mounts(*programs: Path | str) -> list[Mount]:
    placeholders = {str(number): str(program) for number, program in enumerate(programs)}
    return list(
        InstalledToolchain(TOOLCHAIN, "/no/such/folder", "3", placeholders, {}, {}).mounts()
    )


def folders(*paths: Path) -> list[Mount]:
    return [Mount(str(path), str(path)) for path in sorted(paths)]


def test_programs_of_the_system_need_no_mount() -> None:
    assert mounts("/usr/bin/no-such-program", "/opt/tale/bin/tale") == []


def test_a_program_elsewhere_brings_the_folder_around_its_bin(
    install: Install, tmp_path: Path
) -> None:
    inside = install("tale", ":", tmp_path / "tale-3" / "bin")
    beside = install("tale", ":", tmp_path / "tale-4")
    assert mounts(inside, beside) == folders(tmp_path / "tale-3", tmp_path / "tale-4")


def test_a_link_to_a_program_is_followed_to_its_end(install: Install, tmp_path: Path) -> None:
    target = install("tale", ":", tmp_path / "versions" / "3" / "bin")
    link = tmp_path / "shims" / "bin" / "tale"
    link.parent.mkdir(parents=True)
    link.symlink_to(target)
    assert mounts(link) == folders(tmp_path / "shims", tmp_path / "versions" / "3")


def test_the_folder_of_the_libraries_is_shown_where_there_is_one(tmp_path: Path) -> None:
    toolchain = InstalledToolchain(TOOLCHAIN, str(tmp_path), "3", {}, {}, {})
    assert list(toolchain.mounts()) == folders(tmp_path)


def test_a_program_in_a_hidden_project_brings_less_than_the_project(
    install: Install, tmp_path: Path
) -> None:
    in_bin = install("tale", ":", tmp_path / "bin")
    deeper = install("tale", ":", tmp_path / "tools" / "tale-3" / "bin")
    placeholders = {"one": str(in_bin), "two": str(deeper), "three": "/usr/bin/no-such-program"}
    toolchain = InstalledToolchain(
        TOOLCHAIN, "/no/such/folder", "3", placeholders, {}, {}, str(tmp_path)
    )
    assert list(toolchain.mounts()) == folders(tmp_path / "bin", tmp_path / "tools" / "tale-3")


def test_a_program_in_a_project_below_a_folder_of_the_system_needs_a_mount() -> None:
    placeholders = {"tale": "/opt/project/tools/tale-3/bin/tale"}
    toolchain = InstalledToolchain(
        TOOLCHAIN, "/no/such/folder", "3", placeholders, {}, {}, "/opt/project"
    )
    assert list(toolchain.mounts()) == folders(Path("/opt/project/tools/tale-3"))


def test_neither_the_repository_nor_what_is_beside_it_is_shown(tmp_path: Path) -> None:
    """Folders of the system are shown, and a checkout may be in one: /usr/src/app."""
    beside = tmp_path / "src"
    project = beside / "app" / "docs-site"
    project.mkdir(parents=True)
    program = {"tale": "/usr/bin/tale"}
    toolchain = InstalledToolchain(TOOLCHAIN, "/no", "3", program, {}, {}, str(project))
    assert toolchain.hidden_folders() == (str(beside / "app"), str(project))
    (beside / "app" / ".git").mkdir()
    assert toolchain.hidden_folders() == (str(beside), str(beside / "app"))
    # A program that is beside the repository would no longer run.
    program = {"tale": str(beside / "tools/bin/tale")}
    toolchain = InstalledToolchain(TOOLCHAIN, "/no", "3", program, {}, {}, str(project))
    assert toolchain.hidden_folders() == (str(beside / "app"),)


def test_the_home_folder_is_never_shown(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "homes" / "writer"
    monkeypatch.setenv("HOME", str(home))
    in_bin = install("tale", ":", home / "bin")
    in_home = install("tale", ":", home)
    beside = install("tale", ":", tmp_path / "homes")
    deeper = install("tale", ":", home / ".local" / "bin")
    assert mounts(in_bin) == folders(home / "bin")
    assert mounts(in_home) == folders(in_home)
    assert mounts(beside) == folders(beside)
    assert mounts(deeper) == folders(home / ".local")


def test_placeholders_are_filled_in_and_no_shell_is_involved() -> None:
    command = ("{tale}", "-o{build}/x", "$HOME", "; id")
    filled = fill_command(command, {"tale": "/usr/bin/tale", "build": "/a b"})
    assert filled == ["/usr/bin/tale", "-o/a b/x", "$HOME", "; id"]


@pytest.mark.usefixtures("tale")
def test_the_doctor_reports_what_is_installed(
    language_with: TaleLanguage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolation_choice, "missing_sandbox", lambda: "")
    sandbox, line = doctor.examine([language_with(TOOLCHAIN)], tmp_path)
    assert (sandbox.subject, sandbox.is_present) == ("sandbox", True)
    assert line == doctor.DoctorLine(
        "Tale (library and stdlib)",
        is_present=True,
        message="tale 3.10.2, tale-jwt 9.1.2, tale-http 2.0.1",
    )


@pytest.mark.usefixtures("install")
def test_the_doctor_tells_what_is_missing_and_which_package_brings_it(
    language_with: TaleLanguage, tmp_path: Path
) -> None:
    sandbox, line = doctor.examine([language_with(TOOLCHAIN)], tmp_path)
    assert (sandbox.is_present, sandbox.message) == (
        False,
        "bwrap is not installed (Debian: bubblewrap)",
    )
    assert (line.is_present, line.message) == (False, "tale is not installed (Debian: tale-cli)")


def test_the_doctor_tells_which_library_is_missing_and_which_variant_needs_it(
    install: Install, language_with: TaleLanguage, tmp_path: Path
) -> None:
    install("tale", "echo 3.2")
    _sandbox, *lines = doctor.examine([language_with(TOOLCHAIN)], tmp_path)
    message = "tale 3.2, tale-jwt 3.2; tale-http for the samples is not installed"
    assert lines == [
        doctor.DoctorLine("Tale (library)", is_present=False, message=message),
        doctor.DoctorLine("Tale (stdlib)", is_present=True, message="tale 3.2"),
    ]


def test_the_doctor_has_one_line_where_both_variants_lack_the_same(
    install: Install, language_with: TaleLanguage, tmp_path: Path
) -> None:
    install("tale", "echo 3.2")
    http = Library(file="http/version", variants=VARIANTS)
    both = replace(TOOLCHAIN, libraries={"tale-http": http})
    _sandbox, *lines = doctor.examine([language_with(both)], tmp_path)
    message = "tale 3.2; tale-http for the samples is not installed"
    assert lines == [
        doctor.DoctorLine("Tale (library and stdlib)", is_present=False, message=message)
    ]


@pytest.mark.usefixtures("tale")
def test_a_toolchain_is_not_missed_for_a_variant_that_another_one_runs(
    language_with: TaleLanguage, tmp_path: Path
) -> None:
    new = replace(TOOLCHAIN, runtime="new-tale", programs={"new": "new-tale"}, packages=())
    old = replace(TOOLCHAIN, variants=("stdlib",), libraries={})
    _sandbox, *lines = doctor.examine([language_with(new, old)], tmp_path)
    assert lines == [
        doctor.DoctorLine("Tale (library)", is_present=False, message="new-tale is not installed"),
        doctor.DoctorLine("Tale (stdlib)", is_present=True, message="tale 3.10.2"),
    ]
    spare = replace(old, runtime="old-tale", programs={"old": "old-tale"})
    full = replace(TOOLCHAIN, libraries={})
    _sandbox, there, line = doctor.examine([language_with(full, spare)], tmp_path)
    assert (there.subject, there.is_present) == ("Tale (library and stdlib)", True)
    assert (line.subject, line.is_present, line.optional) == ("Tale (stdlib)", False, True)


def test_packages_are_asked_for_where_something_is_missing(
    install: Install, language_with: TaleLanguage, tmp_path: Path
) -> None:
    install("strace", ":")
    language = language_with(TOOLCHAIN)
    assert missing_packages([language], tmp_path) == ["bubblewrap", "tale-cli"]
    install("bwrap", ":")
    assert missing_packages([language], tmp_path) == ["tale-cli"]
    install("tale", "echo 3.2")
    assert missing_packages([language], tmp_path) == ["tale-cli"]
    folder = tmp_path / ".tabproof" / "toolchains" / "tale" / "http"
    folder.mkdir(parents=True)
    (folder / "version").write_text("v1.0")
    assert missing_packages([language], tmp_path) == []


@pytest.mark.usefixtures("tale")
def test_packages_of_every_toolchain_are_asked_for_as_each_one_proves(
    install: Install, language_with: TaleLanguage, tmp_path: Path
) -> None:
    install("bwrap", ":")
    install("strace", ":")
    other = replace(TOOLCHAIN, programs={"other": "no-such-program"}, packages=("other-cli",))
    assert missing_packages([language_with(TOOLCHAIN, other)], tmp_path) == ["other-cli"]


def test_the_package_of_an_installer_that_is_missing_is_asked_for(
    install: Install, language_with: TaleLanguage, tmp_path: Path
) -> None:
    for name in ("bwrap", "strace"):
        install(name, ":")
    install("tale", "echo 3.2")
    unnamed = replace(TOOLCHAIN, install=(("tale-get", "tale-jwt"),))
    assert missing_packages([language_with(unnamed)], tmp_path) == []
    named = replace(unnamed, packages=("tale-cli", "tale-get"))
    assert missing_packages([language_with(named)], tmp_path) == [
        "tale-cli",
        "tale-get",
    ]
    install("tale-get", ":")
    assert missing_packages([language_with(named)], tmp_path) == []


def test_a_linter_is_installed_from_its_own_lock(
    install: Install, language_with: TaleLanguage, tmp_path: Path
) -> None:
    install("get", 'echo "$1" > "$2/got"')
    lock = tmp_path / "lint.lock"
    lock.write_text("talelint 1")
    linter = Linter(
        name="tale lint",
        programs={"lint": "{folder}/bin/lint"},
        version=Probe(run=("{lint}", "--version")),
        locks=("lint.lock",),
        install=(("get", "lint", "{folder}"),),
        run=("{lint}", "{sample}"),
    )
    plain = language_with()
    data = replace(plain.data, linters=(linter,))
    language = replace(plain, files={"lint.lock": str(lock)}, data=data)
    located = find.locate_programs(linter, linter.name, language, tmp_path)
    assert located == "tale lint is not installed (tabproof toolchains)"
    assert list(install_libraries(language, tmp_path)) == []
    folder = find.libraries_folder(language, tmp_path)
    assert (folder / "got").read_text() == "lint\n"
    assert (folder / "lint.lock").read_text() == "talelint 1"


@pytest.fixture
def locked(install: Install, language_with: TaleLanguage, tmp_path: Path) -> Language:
    """Return a language whose libraries are installed by a program that logs its runs."""
    runs = 'echo run >> "$1/runs"; test ! -e "$1/refuse" || { echo no >&2; exit 1; }'
    install("tale", f"{PRINTS_ITS_VERSION}; {runs}")
    toolchain = replace(TOOLCHAIN, locks=("tale.lock",), install=(("{tale}", "{folder}"),))
    lock = tmp_path / "tale.lock"
    lock.write_text("tale-jwt 9.1.2")
    return replace(language_with(toolchain), files={"tale.lock": str(lock)})


def test_libraries_are_installed_from_the_lock_once_for_each_lock(
    locked: Language, tmp_path: Path
) -> None:
    folder = find.libraries_folder(locked, tmp_path)
    lock = Path(locked.files["tale.lock"])
    for content, runs in (("tale-jwt 9.1.2", 1), ("tale-jwt 9.1.2", 1), ("tale-jwt 9.2.0", 2)):
        lock.write_text(content)
        assert list(install_libraries(locked, tmp_path)) == []
        assert (folder / "tale.lock").read_text() == content
        assert (folder / "runs").read_text().split() == ["run"] * runs


def test_begin_is_called_before_libraries_are_installed_and_only_then(
    locked: Language, tmp_path: Path
) -> None:
    folder, names = find.libraries_folder(locked, tmp_path), list[str]()

    def begin(language: Language) -> None:
        assert not folder.exists()
        names.append(language.name)

    for _time in range(2):
        assert list(install_libraries(locked, tmp_path, begin)) == []
    assert names == ["tale"]


def test_libraries_that_could_not_be_installed_are_named_and_tried_again(
    locked: Language, tmp_path: Path
) -> None:
    folder = find.libraries_folder(locked, tmp_path)
    folder.mkdir(parents=True)
    (folder / "refuse").touch()
    (message,) = install_libraries(locked, tmp_path)
    assert message.startswith("tale: `")
    assert message.endswith("` failed: no")
    (folder / "refuse").unlink()
    assert list(install_libraries(locked, tmp_path)) == []
    assert (folder / "runs").read_text().split() == ["run"] * 2


def test_an_installer_that_is_missing_is_named(locked: Language, tmp_path: Path) -> None:
    (tmp_path / "bin" / "tale").unlink()
    assert list(install_libraries(locked, tmp_path)) == ["tale: tale is not installed"]


def test_nothing_is_installed_for_a_program_that_is_too_old(
    locked: Language, language_with: TaleLanguage, tmp_path: Path
) -> None:
    newer = replace(locked.data.toolchains[0], minimum="4")
    message = "tale: tale 3.10.2 is too old; 4 or later is needed"
    language = replace(language_with(newer), files=locked.files)
    assert list(install_libraries(language, tmp_path)) == [message]
    assert not find.libraries_folder(language, tmp_path).exists()


def test_an_installer_that_is_no_program_is_reported_in_a_line(
    locked: Language, tmp_path: Path
) -> None:
    program = tmp_path / "bin" / "tale"
    write_garbage(program)
    message = f"tale: tale: cannot be started: {NOT_A_PROGRAM}"
    assert list(install_libraries(locked, tmp_path)) == [message]


def test_an_installer_that_never_ends_is_reported_in_a_line(
    install: Install, locked: Language, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleep = f"exec {shutil.which('sleep', path='/usr/bin:/bin')} 1000"
    install("tale", f"{PRINTS_ITS_VERSION}; {sleep}")
    monkeypatch.setattr(package_managers, "INSTALL_SECONDS", 1)
    (message,) = install_libraries(locked, tmp_path)
    assert message.startswith("tale: `")
    assert message.endswith("` was stopped: it still ran after 1 s")


def test_a_package_manager_that_is_no_program_is_reported_in_a_line(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    write_garbage(apt := install("apt-get", ":"))
    assert (
        package_managers.DEBIAN.install(["tale-cli"]) == f"{apt} cannot be started: {NOT_A_PROGRAM}"
    )


def test_a_lock_that_cannot_be_read_is_reported_in_a_line(locked: Language, tmp_path: Path) -> None:
    Path(locked.files["tale.lock"]).unlink()
    with pytest.raises(MachineError, match=r"/tale\.lock: No such file or directory\.$"):
        list(install_libraries(locked, tmp_path))


CSHARP = """\
#:package Some.Library@1.0.0
using System;

Console.WriteLine($"{1 + 1}");
return 0;
"""


@pytest.fixture
def faults(catalog: Catalog, root: Path, tmp_path: Path) -> Callable[[str], list[str]]:
    """Return a function that lists the faults that the parser of C# finds in a source."""
    csharp = catalog.languages["csharp"]
    linter = csharp.data.syntax
    assert linter
    located = find.locate_programs(linter, linter.name, csharp, root)
    if isinstance(located, str):
        pytest.skip(located)

    def parse(source: str) -> list[str]:
        file = tmp_path / "Sample.cs"
        file.write_text(source)
        command = fill_command(linter.run, located.placeholders | {"sample": str(file)})
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == bool(done.stderr)
        return done.stderr.splitlines()

    return parse


def test_a_well_formed_source_has_no_faults(faults: Callable[[str], list[str]]) -> None:
    assert faults(CSHARP) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("return 0;", "return 0"), "line 5: `;` is missing"),
        (('{1 + 1}");', '{1 + 1}"'), "line 4"),
        (("using System;", "using System;\n}"), "line 3"),
    ],
)
def test_a_source_that_is_not_well_formed_has_a_fault_with_its_line(
    change: tuple[str, str], message: str, faults: Callable[[str], list[str]]
) -> None:
    (fault, *_more) = faults(CSHARP.replace(*change))
    assert fault.startswith(message)


def test_every_language_can_be_parsed_where_it_cannot_be_run(catalog: Catalog) -> None:
    parsers: dict[str, Any] = {name: each.data.syntax for name, each in catalog.languages.items()}
    assert all(isinstance(parser, Linter) for parser in parsers.values())
    assert all("{sample}" in parser.run for parser in parsers.values())
