"""What this machine has for each language, what is missing, and how to get it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec
from msgspec.structs import replace

from tabproof.errors import MachineError
from tabproof.model.command import fill_command
from tabproof.model.language import Language, Toolchain, Variant
from tabproof.model.linter import Linter
from tabproof.sandbox import batch
from tabproof.toolchains import case_tools, find, package_managers
from tabproof.toolchains.find import InstalledToolchain, MissingToolchain, libraries_folder
from tabproof.toolchains.package_managers import PackageManager


class DoctorLine(msgspec.Struct, frozen=True):
    """One line of the doctor's report.

    Attributes:
        is_present: whether it is there.
        optional: whether something else does the work of what is not there.
    """

    subject: str
    is_present: bool
    message: str
    optional: bool = False


def examine(languages: Iterable[Language], root: Path) -> Iterator[DoctorLine]:
    """The sandbox, then each toolchain and each linter of each language."""
    lack, manager = batch.missing_sandbox(), package_managers.package_manager()
    yield DoctorLine("sandbox", not lack, lack or f"bubblewrap, {shutil.which('bwrap')}")
    for language in languages:
        every = find.find_toolchains(language, root)
        for found in every:
            yield from _lines(language, found, every, manager)
        for linter in language.data.linters:
            located = find.locate(linter, linter.name, language, root)
            subject = f"{language.data.title} ({linter.name})"
            if isinstance(located, str):
                yield DoctorLine(
                    subject, is_present=False, message=f"{located}{manager.hint(linter)}"
                )
            else:
                yield DoctorLine(subject, is_present=True, message=located.version)


def _lines(
    language: Language,
    found: InstalledToolchain | MissingToolchain,
    every: list[InstalledToolchain | MissingToolchain],
    manager: PackageManager,
) -> Iterator[DoctorLine]:
    """One line for a toolchain, or one for each variant where it can run but one of them."""
    variants = found.toolchain.variants
    if isinstance(found, MissingToolchain):
        # Those that another toolchain runs lack nothing.
        bare = tuple(v for v in variants if isinstance(find.select_toolchain(every, v), str))
        words = f"{found.reason}{manager.hint(found.toolchain)}"
        subject = _subject(language, bare or variants)
        yield DoctorLine(subject, is_present=False, message=words, optional=not bare)
        return
    alike = len({found.missing_libraries(variant) for variant in variants}) == 1
    for group in [variants] if alike else [(variant,) for variant in variants]:
        used = {name for variant in group for name in found.libraries_for(variant)}
        libraries = [f"{name} {found.libraries[name]}" for name in found.libraries if name in used]
        words = ", ".join([f"{found.toolchain.runtime} {found.version}", *libraries])
        lacks = found.missing_libraries(group[0])
        yield DoctorLine(
            _subject(language, group), not lacks, "; ".join([words, *([lacks] if lacks else [])])
        )


def _subject(language: Language, variants: Iterable[Variant]) -> str:
    return f"{language.data.title} ({' and '.join(variants)})"


def missing_packages(languages: Iterable[Language], root: Path) -> list[str]:
    """Packages of this machine's manager that would bring what is missing, sorted."""
    manager = package_managers.package_manager()
    lacking_tools = (
        [package_managers.SANDBOX] if shutil.which(package_managers.SANDBOX) is None else []
    )
    lacking_tools += case_tools.missing_tools()
    wanted = {manager.tools[name] for name in lacking_tools if name in manager.tools}
    for language in languages:
        for each in find.find_toolchains(language, root):
            if _takes_packages(each, manager):
                wanted |= set(manager.named(each.toolchain))
        for linter in language.data.linters:
            places = find.known_paths(language, root)
            if isinstance(find.find_programs(linter, places), str):
                wanted |= set(manager.named(linter))
    return sorted(wanted)


def _takes_packages(each: InstalledToolchain | MissingToolchain, manager: PackageManager) -> bool:
    """Whether packages bring what is missing of a toolchain; what its locks bring they do not."""
    if isinstance(each, MissingToolchain):
        return True
    named = manager.named(each.toolchain)
    installers = [command[0] for command in each.toolchain.install]
    lacks_installer = any(name in named and shutil.which(name) is None for name in installers)
    return bool(each.missing) and (lacks_installer or not installers)


def install_libraries(
    language: Language, root: Path, begin: Callable[[Language], None] = lambda _language: None
) -> Iterator[str]:
    """Bring the libraries of a language's samples from its locks; yield what could not be done.

    What was installed from the same locks by the same commands is left as it is.

    Args:
        language: whose libraries.
        root: the project's folder.
        begin: called before something is installed.
    """
    folder = libraries_folder(language, root)
    wanted_ones: list[Toolchain | Linter] = [*language.data.toolchains, *language.data.linters]
    for each in wanted_ones:
        if not each.install:
            continue
        name = each.name if isinstance(each, Linter) else each.runtime
        words = "-".join([name, *each.variants])
        stamp = folder / f".installed-{re.sub(r'[^A-Za-z0-9]+', '-', words)}"
        try:
            wanted = _stamp(each, language)
            if stamp.is_file() and stamp.read_bytes() == wanted:
                continue
            words = _too_old(each, name, language, root)
            if not words:
                begin(language)
                words = _install(each, language, root)
            if not words:
                stamp.write_bytes(wanted)
        except OSError as error:
            raise MachineError(f"{error.filename or folder}: {error.strerror}.") from error
        if words:
            yield f"{language.name}: {words}"


def _too_old(wanted: Toolchain | Linter, name: str, language: Language, root: Path) -> str:
    """Why the libraries would be of no use, where the programs come from elsewhere."""
    if any("{" in program for program in wanted.programs.values()):
        return ""
    located = find.locate(wanted, name, language, root)
    return located if isinstance(located, str) else ""


def _install(wanted: Toolchain | Linter, language: Language, root: Path) -> str:
    folder, places = libraries_folder(language, root), find.known_paths(language, root)
    folder.mkdir(parents=True, exist_ok=True)
    for name in wanted.locks:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(language.files[name], folder / name)
    own = {name: path for name, path in wanted.programs.items() if "{" not in path}
    paths = find.find_programs(replace(wanted, programs=own), places)
    if isinstance(paths, str):
        return paths
    for command in wanted.install:
        line = fill_command(command, places | paths)
        if shutil.which(line[0]) is None:
            return f"{line[0]} is not installed"
        if failure := package_managers.install_failure(line):
            return failure
    return ""


def _stamp(wanted: Toolchain | Linter, language: Language) -> bytes:
    locks = [Path(language.files[name]).read_bytes() for name in wanted.locks]
    return msgspec.json.encode((wanted.install, wanted.programs, locks))
