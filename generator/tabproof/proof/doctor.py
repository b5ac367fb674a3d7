"""What this machine has for each language, what is missing, and how to get it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from tabproof.errors import MachineError
from tabproof.model.command import fill
from tabproof.model.language import Language, Toolchain, Variant
from tabproof.proof import instruments, observe, packages, toolchains
from tabproof.proof.packages import Manager
from tabproof.proof.toolchains import Absent, Found, folder_of


class Line(msgspec.Struct, frozen=True):
    """One line of the doctor's report."""

    subject: str
    fine: bool
    words: str


def examine(languages: Iterable[Language], root: Path) -> Iterator[Line]:
    """The sandbox, then each toolchain and each linter of each language."""
    lack, manager = observe.lacking(), packages.manager()
    yield Line("sandbox", not lack, lack or f"bubblewrap, {shutil.which('bwrap')}")
    for language in languages:
        every = toolchains.find(language, root)
        for found in every:
            yield from _lines(language, found, every, manager)
        for linter in language.data.linters:
            located = toolchains.locate(linter, linter.name, language, root)
            subject = f"{language.data.title} ({linter.name})"
            if isinstance(located, str):
                yield Line(subject, fine=False, words=f"{located}{manager.hint(linter)}")
            else:
                yield Line(subject, fine=True, words=located.version)


def _lines(
    language: Language, found: Found | Absent, every: list[Found | Absent], manager: Manager
) -> Iterator[Line]:
    """One line for a toolchain, or one for each variant where it can run but one of them."""
    variants = found.toolchain.variants
    if isinstance(found, Absent):
        # Those that another toolchain runs lack nothing.
        bare = tuple(v for v in variants if isinstance(toolchains.usable(every, v), str))
        words = f"{found.reason}{manager.hint(found.toolchain)}"
        yield Line(_subject(language, bare or variants), fine=False, words=words)
        return
    alike = len({found.lacks(variant) for variant in variants}) == 1
    for group in [variants] if alike else [(variant,) for variant in variants]:
        used = {name for variant in group for name in found.libraries_for(variant)}
        libraries = [f"{name} {found.libraries[name]}" for name in found.libraries if name in used]
        words = ", ".join([f"{found.toolchain.runtime} {found.version}", *libraries])
        lacks = found.lacks(group[0])
        yield Line(
            _subject(language, group), not lacks, "; ".join([words, *([lacks] if lacks else [])])
        )


def _subject(language: Language, variants: Iterable[Variant]) -> str:
    return f"{language.data.title} ({' and '.join(variants)})"


def missing_packages(languages: Iterable[Language], root: Path) -> list[str]:
    """Packages of this machine's manager that would bring what is missing, sorted.

    A toolchain whose variants another one of the language serves already needs nothing.
    """
    manager = packages.manager()
    lacking_tools = [packages.SANDBOX] if shutil.which(packages.SANDBOX) is None else []
    lacking_tools += instruments.missing()
    wanted = {manager.tools[name] for name in lacking_tools if name in manager.tools}
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
                wanted |= set(manager.named(each.toolchain))
        for linter in language.data.linters:
            places = toolchains.places_of(language, root)
            folders = packages.folders(linter)
            if isinstance(toolchains.programs(linter.programs, places, folders), str):
                wanted |= set(manager.named(linter))
    return sorted(wanted)


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
    for toolchain in language.data.toolchains:
        if not toolchain.install:
            continue
        folder = folder_of(language, root)
        stamp = folder / ".installed"
        try:
            wanted = _stamp(toolchain, language)
            if stamp.is_file() and stamp.read_bytes() == wanted:
                continue
            words = _too_old(toolchain, language, root)
            if not words:
                begin(language)
                words = _install(toolchain, language, folder)
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
    paths = toolchains.programs(own, places, packages.folders(toolchain))
    if isinstance(paths, str):
        return paths
    for command in toolchain.install:
        line = fill(command, places | paths)
        if shutil.which(line[0]) is None:
            return f"{line[0]} is not installed"
        if failure := packages.failure(line):
            return failure
    return ""


def _base_python() -> str:
    """The interpreter behind this virtual environment: a new one must not depend on this."""
    return getattr(sys, "_base_executable", sys.executable)


def _stamp(toolchain: Toolchain, language: Language) -> bytes:
    locks = [Path(language.files[name]).read_bytes() for name in toolchain.locks]
    return msgspec.json.encode((toolchain.install, toolchain.programs, locks))
