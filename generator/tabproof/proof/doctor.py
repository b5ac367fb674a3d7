"""What this machine has for each language, what is missing, and how to get it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from tabproof.errors import MachineError
from tabproof.model.language import Language, Toolchain
from tabproof.model.linter import Linter
from tabproof.proof import instruments, observe, toolchains
from tabproof.proof.toolchains import Absent, Found, fill, folder_of
from tabproof.sandbox import bubblewrap

INSTALL_SECONDS = 1800


class Line(msgspec.Struct, frozen=True):
    """One line of the doctor's report."""

    subject: str
    fine: bool
    words: str


def examine(languages: Iterable[Language], root: Path) -> Iterator[Line]:
    """The sandbox, then each toolchain and each linter of each language."""
    lack = observe.lacking()
    yield Line("sandbox", not lack, lack or f"bubblewrap, {shutil.which('bwrap')}")
    for language in languages:
        for found in toolchains.find(language, root):
            yield _line(language, found)
        for linter in language.data.linters:
            located = toolchains.locate(linter, linter.name, language, root)
            subject = f"{language.data.title} ({linter.name})"
            if isinstance(located, str):
                yield Line(subject, fine=False, words=f"{located}{_mend(linter)}")
            else:
                yield Line(subject, fine=True, words=located.version)


def _line(language: Language, found: Found | Absent) -> Line:
    variants = " and ".join(found.toolchain.variants)
    subject = f"{language.data.title} ({variants})"
    if isinstance(found, Absent):
        return Line(subject, fine=False, words=f"{found.reason}{_mend(found.toolchain)}")
    libraries = [f"{name} {version}" for name, version in found.libraries.items()]
    words = ", ".join([f"{found.toolchain.runtime} {found.version}", *libraries])
    lacks = [f"{name} is missing ({why})" for name, why in found.missing.items()]
    return Line(subject, not lacks, "; ".join([words, *lacks]))


def _mend(wanted: Toolchain | Linter) -> str:
    return f" (Debian: {' '.join(wanted.packages)})" if wanted.packages else ""


def missing_packages(languages: Iterable[Language], root: Path) -> list[str]:
    """Debian packages that would bring what is missing, sorted.

    A toolchain whose variants another one of the language serves already needs nothing.
    """
    wanted = set()
    if shutil.which("bwrap") is None:
        wanted.add(bubblewrap.PACKAGE)
    wanted |= {instruments.PACKAGES[name] for name in instruments.missing()}
    for language in languages:
        found = toolchains.find(language, root)
        for each in found:
            served = all(
                isinstance(toolchains.usable(found, variant), Found)
                for variant in each.toolchain.variants
            )
            # What the locks bring is no matter of packages.
            lacking = isinstance(each, Absent) or (each.missing and not each.toolchain.install)
            if lacking and not served:
                wanted |= set(each.toolchain.packages)
        for linter in language.data.linters:
            places = toolchains.places_of(language, root)
            if linter.packages and isinstance(toolchains.programs(linter.programs, places), str):
                wanted |= set(linter.packages)
    return sorted(wanted)


def install_packages(packages: list[str]) -> str:
    """Install Debian packages; return why that was not possible, or "".

    What a release does not have is left out, and named.
    """
    apt = shutil.which("apt-get")
    if apt is None:
        return "this is no Debian or Ubuntu"
    start = [apt]
    if os.geteuid() != 0:
        sudo = shutil.which("sudo")
        if sudo is None:
            return "it takes root, and there is no sudo"
        start = [sudo, "-n", apt]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    if failure := _failure([*start, "update"], environment):
        return failure
    known = [package for package in packages if not _failure(["apt-cache", "show", package])]
    install = [*start, "install", "--yes", "--no-install-recommends", *known]
    if failure := _failure(install, environment) if known else "":
        return failure
    unknown = " and ".join(sorted({*packages} - {*known}))
    return f"this release has no package {unknown}" if unknown else ""


def _failure(command: list[str], environment: Mapping[str, str] | None = None) -> str:
    """Why an installing command failed, in its own last words; "" where it did not."""
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=INSTALL_SECONDS,
            check=False,
        )
    except OSError as error:
        return f"{command[0]} cannot be started: {error.strerror}"
    except subprocess.TimeoutExpired:
        return f"`{' '.join(command)}` was stopped after {INSTALL_SECONDS} s"
    if not done.returncode:
        return ""
    lines = (done.stdout + done.stderr).decode(errors="replace").strip().splitlines()
    return f"`{' '.join(command)}` failed: {lines[-1] if lines else done.returncode}"


def install_libraries(language: Language, root: Path) -> Iterator[str]:
    """Bring the libraries of a language's samples from its locks; yield what could not be done.

    What was installed from the same locks by the same commands is left as it is.
    """
    for toolchain in language.data.toolchains:
        if not toolchain.install:
            continue
        folder = folder_of(language, root)
        stamp = folder / ".installed"
        try:
            wanted = _stamp(toolchain, language)
            if stamp.is_file() and stamp.read_bytes() == wanted:
                continue
            words = _too_old(toolchain, language, root) or _install(toolchain, language, folder)
            if not words:
                stamp.write_bytes(wanted)
        except OSError as error:
            raise MachineError(f"{error.filename or folder}: {error.strerror}.") from error
        if words:
            yield f"{language.name}: {words}"


def _too_old(toolchain: Toolchain, language: Language, root: Path) -> str:
    """Why the libraries would be of no use, where the programs come from elsewhere."""
    if any("{" in program for program in toolchain.programs.values()):
        return ""
    located = toolchains.locate(toolchain, toolchain.runtime, language, root)
    return located if isinstance(located, str) else ""


def _install(toolchain: Toolchain, language: Language, folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    for name in toolchain.locks:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(language.files[name], folder / name)
    places = {"folder": str(folder), "tabproof_python": _base_python()}
    own = {name: path for name, path in toolchain.programs.items() if "{" not in path}
    paths = toolchains.programs(own, places)
    if isinstance(paths, str):
        return paths
    for command in toolchain.install:
        line = fill(command, places | paths)
        if shutil.which(line[0]) is None:
            return f"{line[0]} is not installed"
        if failure := _failure(line):
            return failure
    return ""


def _base_python() -> str:
    """The interpreter behind this virtual environment: a new one must not depend on this."""
    return getattr(sys, "_base_executable", sys.executable)


def _stamp(toolchain: Toolchain, language: Language) -> bytes:
    locks = [Path(language.files[name]).read_bytes() for name in toolchain.locks]
    return msgspec.json.encode((toolchain.install, toolchain.programs, locks))
