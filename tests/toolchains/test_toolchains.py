"""Toolchains are small shell scripts here, on a PATH of the tests' own."""

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
from tabproof.sandbox import batch
from tabproof.sandbox.protocol import Mount
from tabproof.toolchains import find, package_managers, survey_machine, versions
from tabproof.toolchains.find import InstalledToolchain, MissingToolchain

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
TELLS_ITS_VERSION = 'if test "$1" = --version; then echo 3.10.2; exit; fi'
Install = Callable[..., Path]
TaleLanguage = Callable[..., Language]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a program on PATH."""
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
    """A toolchain that lacks nothing."""
    folder = tmp_path / ".tabproof" / "toolchains" / "tale" / "http"
    folder.mkdir(parents=True)
    (folder / "version").write_text("tale-http v2.0.1\n")
    return install(
        "tale", 'case "$1" in jwt) echo 9.1.2 ;; *) echo "The Tale 3.10.2 (2026-11-25)" ;; esac'
    )


def found_in(language: Language, root: Path) -> InstalledToolchain | MissingToolchain:
    (found,) = find.find_toolchains(language, root)
    return found


def reason(found: InstalledToolchain | MissingToolchain) -> str:
    assert isinstance(found, MissingToolchain)
    return found.reason


@pytest.mark.usefixtures("tale")
def test_a_toolchain_is_found_with_its_version_and_its_libraries(
    language_with: TaleLanguage, tmp_path: Path
) -> None:
    assert found_in(language_with(TOOLCHAIN), tmp_path) == InstalledToolchain(
        toolchain=TOOLCHAIN,
        folder=str(tmp_path / ".tabproof" / "toolchains" / "tale"),
        version="3.10.2",
        places={"tale": str(tmp_path / "bin" / "tale")},
        libraries={"tale-jwt": "9.1.2", "tale-http": "2.0.1"},
        missing={},
        root=str(tmp_path),
    )


def test_a_program_of_two_toolchains_is_asked_once(
    install: Install, language_with: TaleLanguage, tmp_path: Path
) -> None:
    install("tale", f'echo "$@" >> {tmp_path}/asked; echo 3.10.2')
    other = replace(TOOLCHAIN, variants=("library",), minimum="4")
    found = find.find_toolchains(language_with(other, TOOLCHAIN), tmp_path)
    assert [type(each) for each in found] == [MissingToolchain, InstalledToolchain]
    assert (tmp_path / "asked").read_text().split() == ["--version", "jwt"]
    # It may have been changed since.
    find.find_toolchains(language_with(TOOLCHAIN), tmp_path)
    assert (tmp_path / "asked").read_text().split() == ["--version", "jwt"] * 2


@pytest.mark.usefixtures("install")
def test_an_interpreter_that_is_missing_is_named(
    language_with: TaleLanguage, tmp_path: Path
) -> None:
    found = found_in(language_with(TOOLCHAIN), tmp_path)
    assert reason(found) == "tale is not installed"
    assert find.select_toolchain([found], "stdlib") == "tale is not installed"


@pytest.mark.usefixtures("install")
def test_an_interpreter_in_the_libraries_folder_is_named_without_its_path(
    language_with: TaleLanguage, tmp_path: Path
) -> None:
    own = replace(TOOLCHAIN, programs={"tale": "{folder}/bin/tale"})
    words = "tale is not installed (tabproof toolchains)"
    alone = replace(own, libraries={})
    assert reason(found_in(language_with(alone), tmp_path)) == words


@pytest.mark.usefixtures("install")
def test_where_the_interpreter_comes_with_the_libraries_those_are_named(
    language_with: TaleLanguage, tmp_path: Path
) -> None:
    own = replace(TOOLCHAIN, programs={"tale": "{folder}/bin/tale"})
    words = "tale-jwt and tale-http for the samples are not installed (tabproof toolchains)"
    assert reason(found_in(language_with(own), tmp_path)) == words
    one = replace(own, libraries={"tale-jwt": TOOLCHAIN.libraries["tale-jwt"]})
    words = "tale-jwt for the samples is not installed (tabproof toolchains)"
    assert reason(found_in(language_with(one), tmp_path)) == words


@pytest.mark.parametrize(
    ("version", "is_old"),
    [("3.1", False), ("3.1.0", False), ("3.10", False), ("10.0", False), ("3.0.9", True)],
)
def test_a_runtime_must_be_recent_enough(
    install: Install, language_with: TaleLanguage, tmp_path: Path, version: str, *, is_old: bool
) -> None:
    install("tale", f"echo {version}")
    found = found_in(language_with(TOOLCHAIN), tmp_path)
    assert isinstance(found, MissingToolchain) is is_old
    if is_old:
        assert reason(found) == f"tale {version} is too old; 3.1 is the least"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo no number", "tale: its version is odd"),
        ("exit 1", "tale: its version is odd"),
        ("echo 'Error: cannot load' >&2; exit 1", "tale: not installed"),
        ("exec /no/such/program", "tale: its version is odd"),
    ],
)
def test_a_runtime_that_does_not_say_its_version_is_not_used(
    install: Install, language_with: TaleLanguage, tmp_path: Path, script: str, words: str
) -> None:
    install("tale", script)
    assert reason(found_in(language_with(TOOLCHAIN), tmp_path)) == words


NO_PROGRAM = "Exec format error"
"""What the kernel says of a file that is executable and no program (execve(2), ENOEXEC)."""


def no_program(path: Path) -> None:
    path.write_bytes(b"\x7fELF, but no more of it")
    path.chmod(0o755)


def test_a_runtime_that_is_no_program_is_not_used(
    tale: Path, language_with: TaleLanguage, tmp_path: Path
) -> None:
    no_program(tale)
    words = f"tale: cannot be started: {NO_PROGRAM}"
    assert reason(found_in(language_with(TOOLCHAIN), tmp_path)) == words


def test_a_runtime_that_never_says_its_version_is_not_waited_for(
    install: Install,
    language_with: TaleLanguage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    install("tale", f"exec {shutil.which('sleep', path='/usr/bin:/bin')} 1000")
    monkeypatch.setattr(versions, "PROBE_SECONDS", 1)
    words = reason(found_in(language_with(TOOLCHAIN), tmp_path))
    assert words == "tale: did not answer within 1 s"


def test_a_library_that_is_missing_stops_the_variants_that_need_it_alone(
    install: Install, language_with: TaleLanguage, tmp_path: Path
) -> None:
    install("tale", 'case "$1" in jwt) echo "LoadError: jwt" >&2; exit 1 ;; *) echo 3.2 ;; esac')
    found = found_in(language_with(TOOLCHAIN), tmp_path)
    assert isinstance(found, InstalledToolchain)
    words = "tale-jwt and tale-http for the samples are not installed"
    assert find.select_toolchain([found], "library") == words
    assert find.select_toolchain([found], "stdlib") is found


@pytest.mark.usefixtures("tale")
def test_the_libraries_of_a_variant_are_those_that_it_needs(
    language_with: TaleLanguage, tmp_path: Path
) -> None:
    http = Library(file="http/version", pattern=r"v([\d.]+)", variants=("library", "stdlib"))
    both = replace(TOOLCHAIN, libraries=TOOLCHAIN.libraries | {"tale-http": http})
    found = found_in(language_with(both), tmp_path)
    assert isinstance(found, InstalledToolchain)
    assert found.libraries_for("library") == {"tale-jwt": "9.1.2", "tale-http": "2.0.1"}
    assert found.libraries_for("stdlib") == {"tale-http": "2.0.1"}


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
    lacking = replace(both, missing={"tale-jwt": "not installed"})
    assert find.select_toolchain([absent, lacking], "library") == (
        "tale is not installed; tale-jwt for the samples is not installed"
    )


def test_every_runtime_that_can_run_a_variant_runs_it_once() -> None:
    absent = MissingToolchain(TOOLCHAIN, "tale is not installed")
    one, again = (
        InstalledToolchain(TOOLCHAIN, "/x", version, {}, {}, {}) for version in ("3.2", "3.3")
    )
    other = replace(one, toolchain=replace(TOOLCHAIN, runtime="other-tale"))
    stdlib = replace(one, toolchain=replace(TOOLCHAIN, runtime="old-tale", variants=("stdlib",)))
    found: list[InstalledToolchain | MissingToolchain] = [absent, stdlib, other, one, again]
    assert find.usable_ones(found, "stdlib") == [stdlib, other, one]
    assert find.usable_ones(found, "library") == [other, one]
    assert find.usable_ones([absent], "library") == []


def test_python_samples_without_a_library_run_on_the_interpreter_that_is_there(
    catalog: Catalog, tmp_path: Path
) -> None:
    found = find.find_toolchains(catalog.languages["python"], tmp_path)
    (stdlib,) = find.usable_ones(found, "stdlib")
    assert not Path(stdlib.places["python"]).is_relative_to(sys.prefix) or not in_environment()
    words = "PyJWT for the samples is not installed (tabproof toolchains)"
    assert find.select_toolchain(found, "library") == words


def in_environment() -> bool:
    return sys.prefix != sys.base_prefix


def test_every_variant_of_every_language_has_a_toolchain(catalog: Catalog) -> None:
    for language in catalog.languages.values():
        served = {variant for tool in language.data.toolchains for variant in tool.variants}
        assert served == set(VARIANTS), language.name


def mounts(*programs: Path | str) -> list[Mount]:
    places = {str(number): str(program) for number, program in enumerate(programs)}
    return list(InstalledToolchain(TOOLCHAIN, "/no/such/folder", "3", places, {}, {}).mounts())


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
    found = InstalledToolchain(TOOLCHAIN, str(tmp_path), "3", {}, {}, {})
    assert list(found.mounts()) == folders(tmp_path)


def test_a_program_in_a_hidden_project_brings_less_than_the_project(
    install: Install, tmp_path: Path
) -> None:
    in_bin = install("tale", ":", tmp_path / "bin")
    deeper = install("tale", ":", tmp_path / "tools" / "tale-3" / "bin")
    places = {"one": str(in_bin), "two": str(deeper), "three": "/usr/bin/no-such-program"}
    found = InstalledToolchain(TOOLCHAIN, "/no/such/folder", "3", places, {}, {}, str(tmp_path))
    assert list(found.mounts()) == folders(tmp_path / "bin", tmp_path / "tools" / "tale-3")


def test_a_program_in_a_project_below_a_folder_of_the_system_needs_a_mount() -> None:
    places = {"tale": "/opt/project/tools/tale-3/bin/tale"}
    found = InstalledToolchain(TOOLCHAIN, "/no/such/folder", "3", places, {}, {}, "/opt/project")
    assert list(found.mounts()) == folders(Path("/opt/project/tools/tale-3"))


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
def test_the_doctor_tells_what_is_there(
    language_with: TaleLanguage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "lacking", lambda: "")
    sandbox, line = survey_machine.examine([language_with(TOOLCHAIN)], tmp_path)
    assert (sandbox.subject, sandbox.is_present) == ("sandbox", True)
    assert line == survey_machine.DoctorLine(
        "Tale (library and stdlib)",
        is_present=True,
        message="tale 3.10.2, tale-jwt 9.1.2, tale-http 2.0.1",
    )


@pytest.mark.usefixtures("install")
def test_the_doctor_tells_what_is_missing_and_which_package_brings_it(
    language_with: TaleLanguage, tmp_path: Path
) -> None:
    sandbox, line = survey_machine.examine([language_with(TOOLCHAIN)], tmp_path)
    assert (sandbox.is_present, sandbox.message) == (
        False,
        "bwrap is not installed (Debian: bubblewrap)",
    )
    assert (line.is_present, line.message) == (False, "tale is not installed (Debian: tale-cli)")


def test_the_doctor_tells_which_library_is_missing_and_which_variant_needs_it(
    install: Install, language_with: TaleLanguage, tmp_path: Path
) -> None:
    install("tale", "echo 3.2")
    _sandbox, *lines = survey_machine.examine([language_with(TOOLCHAIN)], tmp_path)
    words = "tale 3.2, tale-jwt 3.2; tale-http for the samples is not installed"
    assert lines == [
        survey_machine.DoctorLine("Tale (library)", is_present=False, message=words),
        survey_machine.DoctorLine("Tale (stdlib)", is_present=True, message="tale 3.2"),
    ]


def test_the_doctor_has_one_line_where_both_variants_lack_the_same(
    install: Install, language_with: TaleLanguage, tmp_path: Path
) -> None:
    install("tale", "echo 3.2")
    http = Library(file="http/version", variants=VARIANTS)
    both = replace(TOOLCHAIN, libraries={"tale-http": http})
    _sandbox, *lines = survey_machine.examine([language_with(both)], tmp_path)
    words = "tale 3.2; tale-http for the samples is not installed"
    assert lines == [
        survey_machine.DoctorLine("Tale (library and stdlib)", is_present=False, message=words)
    ]


@pytest.mark.usefixtures("tale")
def test_a_toolchain_is_not_missed_for_a_variant_that_another_one_runs(
    language_with: TaleLanguage, tmp_path: Path
) -> None:
    new = replace(TOOLCHAIN, runtime="new-tale", programs={"new": "new-tale"}, packages=())
    old = replace(TOOLCHAIN, variants=("stdlib",), libraries={})
    _sandbox, *lines = survey_machine.examine([language_with(new, old)], tmp_path)
    assert lines == [
        survey_machine.DoctorLine(
            "Tale (library)", is_present=False, message="new-tale is not installed"
        ),
        survey_machine.DoctorLine("Tale (stdlib)", is_present=True, message="tale 3.10.2"),
    ]
    spare = replace(old, runtime="old-tale", programs={"old": "old-tale"})
    full = replace(TOOLCHAIN, libraries={})
    _sandbox, there, line = survey_machine.examine([language_with(full, spare)], tmp_path)
    assert (there.subject, there.is_present) == ("Tale (library and stdlib)", True)
    assert (line.subject, line.is_present, line.optional) == ("Tale (stdlib)", False, True)


def test_packages_are_asked_for_where_something_is_missing(
    install: Install, language_with: TaleLanguage, tmp_path: Path
) -> None:
    install("strace", ":")
    language = language_with(TOOLCHAIN)
    assert survey_machine.missing_packages([language], tmp_path) == ["bubblewrap", "tale-cli"]
    install("bwrap", ":")
    assert survey_machine.missing_packages([language], tmp_path) == ["tale-cli"]
    install("tale", "echo 3.2")
    assert survey_machine.missing_packages([language], tmp_path) == ["tale-cli"]
    folder = tmp_path / ".tabproof" / "toolchains" / "tale" / "http"
    folder.mkdir(parents=True)
    (folder / "version").write_text("v1.0")
    assert survey_machine.missing_packages([language], tmp_path) == []


@pytest.mark.usefixtures("tale")
def test_packages_of_every_toolchain_are_asked_for_as_each_one_proves(
    install: Install, language_with: TaleLanguage, tmp_path: Path
) -> None:
    install("bwrap", ":")
    install("strace", ":")
    other = replace(TOOLCHAIN, programs={"other": "no-such-program"}, packages=("other-cli",))
    assert survey_machine.missing_packages([language_with(TOOLCHAIN, other)], tmp_path) == [
        "other-cli"
    ]


def test_the_package_of_an_installer_that_is_missing_is_asked_for(
    install: Install, language_with: TaleLanguage, tmp_path: Path
) -> None:
    for name in ("bwrap", "strace"):
        install(name, ":")
    install("tale", "echo 3.2")
    lacking = replace(TOOLCHAIN, install=(("tale-get", "tale-jwt"),))
    assert survey_machine.missing_packages([language_with(lacking)], tmp_path) == []
    named = replace(lacking, packages=("tale-cli", "tale-get"))
    assert survey_machine.missing_packages([language_with(named)], tmp_path) == [
        "tale-cli",
        "tale-get",
    ]
    install("tale-get", ":")
    assert survey_machine.missing_packages([language_with(named)], tmp_path) == []


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
    located = find.locate(linter, linter.name, language, tmp_path)
    assert located == "tale lint is not installed (tabproof toolchains)"
    assert list(survey_machine.install_libraries(language, tmp_path)) == []
    folder = find.libraries_folder(language, tmp_path)
    assert (folder / "got").read_text() == "lint\n"
    assert (folder / "lint.lock").read_text() == "talelint 1"


@pytest.fixture
def locked(install: Install, language_with: TaleLanguage, tmp_path: Path) -> Language:
    """A language whose libraries are installed by a program that notes each of its runs."""
    runs = 'echo run >> "$1/runs"; test ! -e "$1/refuse" || { echo no >&2; exit 1; }'
    install("tale", f"{TELLS_ITS_VERSION}; {runs}")
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
        assert list(survey_machine.install_libraries(locked, tmp_path)) == []
        assert (folder / "tale.lock").read_text() == content
        assert (folder / "runs").read_text().split() == ["run"] * runs


def test_what_installs_libraries_says_so_first_and_only_then(
    locked: Language, tmp_path: Path
) -> None:
    folder, told = find.libraries_folder(locked, tmp_path), list[str]()

    def begin(language: Language) -> None:
        assert not folder.exists()
        told.append(language.name)

    for _time in range(2):
        assert list(survey_machine.install_libraries(locked, tmp_path, begin)) == []
    assert told == ["tale"]


def test_libraries_that_could_not_be_installed_are_named_and_tried_again(
    locked: Language, tmp_path: Path
) -> None:
    folder = find.libraries_folder(locked, tmp_path)
    folder.mkdir(parents=True)
    (folder / "refuse").touch()
    (words,) = survey_machine.install_libraries(locked, tmp_path)
    assert words.startswith("tale: `")
    assert words.endswith("` failed: no")
    (folder / "refuse").unlink()
    assert list(survey_machine.install_libraries(locked, tmp_path)) == []
    assert (folder / "runs").read_text().split() == ["run"] * 2


def test_an_installer_that_is_missing_is_named(locked: Language, tmp_path: Path) -> None:
    (tmp_path / "bin" / "tale").unlink()
    assert list(survey_machine.install_libraries(locked, tmp_path)) == [
        "tale: tale is not installed"
    ]


def test_nothing_is_installed_for_a_program_that_is_too_old(
    locked: Language, language_with: TaleLanguage, tmp_path: Path
) -> None:
    newer = replace(locked.data.toolchains[0], minimum="4")
    words = "tale: tale 3.10.2 is too old; 4 is the least"
    language = replace(language_with(newer), files=locked.files)
    assert list(survey_machine.install_libraries(language, tmp_path)) == [words]
    assert not find.libraries_folder(language, tmp_path).exists()


def test_an_installer_that_is_no_program_is_told_in_a_line(
    locked: Language, tmp_path: Path
) -> None:
    program = tmp_path / "bin" / "tale"
    no_program(program)
    words = f"tale: tale: cannot be started: {NO_PROGRAM}"
    assert list(survey_machine.install_libraries(locked, tmp_path)) == [words]


def test_an_installer_that_never_ends_is_told_in_a_line(
    install: Install, locked: Language, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleep = f"exec {shutil.which('sleep', path='/usr/bin:/bin')} 1000"
    install("tale", f"{TELLS_ITS_VERSION}; {sleep}")
    monkeypatch.setattr(package_managers, "INSTALL_SECONDS", 1)
    (words,) = survey_machine.install_libraries(locked, tmp_path)
    assert words.startswith("tale: `")
    assert words.endswith("` was stopped: it still ran after 1 s")


def test_a_package_manager_that_is_no_program_is_told_in_a_line(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    no_program(apt := install("apt-get", ":"))
    assert package_managers.DEBIAN.install(["tale-cli"]) == f"{apt} cannot be started: {NO_PROGRAM}"


def test_a_lock_that_cannot_be_read_is_told_in_a_line(locked: Language, tmp_path: Path) -> None:
    Path(locked.files["tale.lock"]).unlink()
    with pytest.raises(MachineError, match=r"/tale\.lock: No such file or directory\.$"):
        list(survey_machine.install_libraries(locked, tmp_path))


CSHARP = """\
#:package Some.Library@1.0.0
using System;

Console.WriteLine($"{1 + 1}");
return 0;
"""


@pytest.fixture
def faults(catalog: Catalog, root: Path, tmp_path: Path) -> Callable[[str], list[str]]:
    """What the parser of C# says of a source."""
    csharp = catalog.languages["csharp"]
    linter = csharp.data.syntax
    assert linter
    located = find.locate(linter, linter.name, csharp, root)
    if isinstance(located, str):
        pytest.skip(located)

    def parse(source: str) -> list[str]:
        file = tmp_path / "Sample.cs"
        file.write_text(source)
        command = fill_command(linter.run, located.places | {"sample": str(file)})
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == bool(done.stderr)
        return done.stderr.splitlines()

    return parse


def test_a_well_formed_source_has_no_faults(faults: Callable[[str], list[str]]) -> None:
    assert faults(CSHARP) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("return 0;", "return 0"), "line 5: `;` is missing"),
        (('{1 + 1}");', '{1 + 1}"'), "line 4"),
        (("using System;", "using System;\n}"), "line 3"),
    ],
)
def test_a_source_that_is_not_well_formed_is_faulted_with_its_line(
    change: tuple[str, str], words: str, faults: Callable[[str], list[str]]
) -> None:
    (fault, *_more) = faults(CSHARP.replace(*change))
    assert fault.startswith(words)


def test_every_language_can_be_parsed_where_it_cannot_be_run(catalog: Catalog) -> None:
    parsers: dict[str, Any] = {name: each.data.syntax for name, each in catalog.languages.items()}
    assert all(isinstance(parser, Linter) for parser in parsers.values())
    assert all("{sample}" in parser.run for parser in parsers.values())
