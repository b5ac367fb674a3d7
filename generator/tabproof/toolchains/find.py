"""Find the toolchains and linters that are installed on this machine, and their versions."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path

import msgspec

from tabproof.model.language import Language, Toolchain, Variant
from tabproof.model.linter import Linter
from tabproof.sandbox.bubblewrap import PATH, SYSTEM
from tabproof.sandbox.protocol import Mount
from tabproof.toolchains import package_managers
from tabproof.toolchains.versions import (
    NOT_INSTALLED,
    ReadOutput,
    program_output,
    version_numbers,
    version_of,
)

STATE_FOLDER = ".tabproof"
IN_FOLDER = "{folder}"
INSTALL_HINT = " (tabproof toolchains)"
"""Follows the name of what that command installs."""


class InstalledToolchain(msgspec.Struct, frozen=True):
    """Hold a toolchain that is installed.

    Attributes:
        folder: where the language's libraries are installed.
        placeholders: placeholder -> its value.
        libraries: name -> version, of those that are installed.
        missing: name of a library that cannot be used -> the reason.
        root: the project's folder, of which runs see no more than they need; "" for none.
    """

    toolchain: Toolchain
    folder: str
    version: str
    placeholders: dict[str, str]
    libraries: dict[str, str]
    missing: dict[str, str]
    root: str = ""

    def unusable_reason(self, variant: Variant) -> str:
        """Return why it cannot run the variant; "" where it can."""
        if variant not in self.toolchain.variants:
            return f"{self.toolchain.runtime} cannot run this variant"
        needed = self._needed(variant)
        missing = {name: reason for name, reason in self.missing.items() if name in needed}
        uninstalled = [name for name, reason in missing.items() if reason == NOT_INSTALLED]
        hint = INSTALL_HINT if self.toolchain.install else ""
        return "; ".join(
            [
                *([f"{_not_installed(uninstalled)}{hint}"] if uninstalled else []),
                *(
                    f"{name}: {reason}"
                    for name, reason in missing.items()
                    if name not in uninstalled
                ),
            ]
        )

    def libraries_for(self, variant: Variant) -> dict[str, str]:
        """Return the libraries that the variant's samples use, each with its version."""
        used = {n for n in self._needed(variant) if not self.toolchain.libraries[n].builds}
        return {name: version for name, version in self.libraries.items() if name in used}

    def _needed(self, variant: Variant) -> set[str]:
        libraries = self.toolchain.libraries
        return {name for name, library in libraries.items() if variant in library.variants}

    def mounts(self) -> Iterable[Mount]:
        """Return the folders that the sandbox must show for the programs to run."""
        folders = {self.folder} if Path(self.folder).is_dir() else set()
        folders |= program_folders(self.placeholders.values(), self.root)
        return [Mount(folder, folder) for folder in sorted(folders)]

    def hidden_folders(self) -> tuple[str, ...]:
        """Return the folders that no run may see, of the project and what is around it."""
        return hidden_folders(self.placeholders.values(), self.root)


def program_folders(programs: Iterable[str], root: str) -> set[str]:
    """Return the folders that programs need, and that the sandbox does not show anyway.

    Args:
        programs: their paths.
        root: the project's folder, of which no more than needed is shown; "" for none.
    """
    return {folder for program in programs for folder in _extra_folders(Path(program), root)}


def hidden_folders(programs: Iterable[str], root: str) -> tuple[str, ...]:
    """Return the folders that no run may see: the project, its repository, what is beside it.

    A folder that programs are found in stays in sight.
    """
    if not root:
        return ()
    above = (Path(root), *Path(root).parents)
    repository = next((folder for folder in above if (folder / ".git").exists()), Path(root))
    paths = [Path(program) for program in programs]
    used = [*paths, *(path.resolve() for path in paths), *map(Path, PATH.split(":"))]
    beside = repository.parent
    is_used = any(path.is_relative_to(beside) for path in used)
    return (str(repository),) if is_used else (str(beside), str(repository))


class MissingToolchain(msgspec.Struct, frozen=True):
    """Hold a toolchain that is missing or too old, with the reason."""

    toolchain: Toolchain
    reason: str


def find_toolchains(language: Language, root: Path) -> list[InstalledToolchain | MissingToolchain]:
    """Return each of a language's toolchains, installed or missing.

    Args:
        language: the language.
        root: the project's folder.
    """
    # Toolchains of one language may share a program, which then runs once.
    read_output = cache(program_output)
    return [
        _find_toolchain(language, toolchain, root, read_output)
        for toolchain in language.data.toolchains
    ]


def language_digest(language: Language) -> str:
    """Return the SHA-256 of the names and contents of a language's files."""
    files = sorted((name, Path(file).read_bytes()) for name, file in language.files.items())
    return hashlib.sha256(msgspec.json.encode(files)).hexdigest()


def usable_toolchains(
    toolchains: Iterable[InstalledToolchain | MissingToolchain], variant: Variant
) -> list[InstalledToolchain]:
    """Return the toolchains that can run a variant: the first one of each runtime."""
    usable: dict[str, InstalledToolchain] = {}
    for item in toolchains:
        if isinstance(item, InstalledToolchain) and not item.unusable_reason(variant):
            usable.setdefault(item.toolchain.runtime, item)
    return list(usable.values())


def missing_toolchain_reason(
    toolchains: Iterable[InstalledToolchain | MissingToolchain], variant: Variant
) -> str:
    """Return why no toolchain can run a variant."""
    reasons = [
        item.reason if isinstance(item, MissingToolchain) else item.unusable_reason(variant)
        for item in toolchains
        if variant in item.toolchain.variants
    ]
    return "; ".join(reasons) or "no toolchain of this language runs this variant"


def select_toolchain(
    toolchains: Collection[InstalledToolchain | MissingToolchain], variant: Variant
) -> InstalledToolchain | str:
    """Return the first toolchain that can run a variant, or why none can."""
    usable = usable_toolchains(toolchains, variant)
    return usable[0] if usable else missing_toolchain_reason(toolchains, variant)


def libraries_folder(language: Language, root: Path) -> Path:
    """Return the folder in which a language's libraries are installed."""
    return root / STATE_FOLDER / "toolchains" / language.name


def project_of(folder: Path) -> Path:
    """Return the project whose libraries of one language are in a folder."""
    return folder.parents[2]


def library_folders(folder: Path) -> list[str]:
    """Return the folders of all languages' libraries: a linter may come from another language's.

    Args:
        folder: that of one language.
    """
    return [str(path) for path in folder.parent.iterdir()] if folder.parent.is_dir() else []


def base_placeholders(language: Language, root: Path) -> dict[str, str]:
    """Return the placeholders that do not depend on any program, with their values."""
    return {"folder": str(libraries_folder(language, root)), "tabproof_python": _base_python()}


def _base_python() -> str:
    """Return the path of the interpreter behind this virtual environment.

    A sample of the variant `stdlib` must not find the packages of this environment, and a new
    environment must not depend on it.
    """
    return getattr(sys, "_base_executable", sys.executable)


def find_programs(
    tool: Toolchain | Linter, placeholders: Mapping[str, str]
) -> dict[str, str] | str:
    """Return placeholder -> path of each program, or which program is missing.

    Args:
        tool: the toolchain or linter that has the programs.
        placeholders: placeholder -> its value, for those in the programs' names.
    """
    paths = {}
    search_path = os.pathsep.join(
        [*package_managers.homebrew_folders(tool), os.environ.get("PATH", os.defpath)]
    )
    for name, program in tool.programs.items():
        file = program.format_map(placeholders)
        path = shutil.which(file, path=search_path)
        if path is None:
            reason = f"{Path(file).name} is {NOT_INSTALLED}"
            if IN_FOLDER in program:
                return f"{_missing_installation(tool) or reason}{INSTALL_HINT}"
            return reason
        paths[name] = path
    return paths


def _missing_installation(tool: Toolchain | Linter) -> str:
    """Return what is not installed where a program in `{folder}` is missing; "" if unknown."""
    if isinstance(tool, Linter):
        return f"{tool.name} is {NOT_INSTALLED}" if tool.install else ""
    return _not_installed(tool.libraries) if tool.libraries else ""


def _not_installed(libraries: Collection[str]) -> str:
    verb = "is" if len(libraries) == 1 else "are"
    return f"{' and '.join(libraries)} for the samples {verb} {NOT_INSTALLED}"


class LocatedPrograms(msgspec.Struct, frozen=True):
    """Hold the programs of a toolchain or linter that are installed.

    Attributes:
        paths: placeholder -> path of a program.
        placeholders: all placeholders -> their values, `paths` among them.
    """

    version: str
    paths: dict[str, str]
    placeholders: dict[str, str]


def locate_programs(
    tool: Toolchain | Linter,
    name: str,
    language: Language,
    root: Path,
    read_output: ReadOutput = program_output,
) -> LocatedPrograms | str:
    """Return the programs with their version, or why they cannot be used.

    Args:
        tool: the toolchain or linter that has the programs.
        name: what messages call it.
        language: its language.
        root: the project's folder.
        read_output: runs a command and returns its output.
    """
    paths = find_programs(tool, base_placeholders(language, root))
    if isinstance(paths, str):
        return paths
    folder, placeholders = (
        libraries_folder(language, root),
        base_placeholders(language, root) | paths,
    )
    version, reason = version_of(tool.version, placeholders, folder, read_output)
    if reason:
        return f"{name}: {reason}"
    if version_numbers(version) < version_numbers(tool.minimum):
        return f"{name} {version} is too old; {tool.minimum} or later is needed"
    return LocatedPrograms(version, paths, placeholders)


def _find_toolchain(
    language: Language, toolchain: Toolchain, root: Path, read_output: ReadOutput
) -> InstalledToolchain | MissingToolchain:
    folder = libraries_folder(language, root)
    located = locate_programs(toolchain, toolchain.runtime, language, root, read_output)
    if isinstance(located, str):
        return MissingToolchain(toolchain, located)
    libraries, missing = {}, {}
    for name, probe in toolchain.libraries.items():
        version, reason = version_of(probe, located.placeholders, folder, read_output)
        if reason:
            missing[name] = reason
        else:
            libraries[name] = version
    return InstalledToolchain(
        toolchain=toolchain,
        folder=str(folder),
        version=located.version,
        placeholders=located.paths,
        libraries=libraries,
        missing=missing,
        root=str(root.resolve()),
    )


def _extra_folders(program: Path, root: str) -> set[str]:
    """Return the folders that hold a program and that the sandbox does not show anyway.

    A program in a `bin` brings the folder around that; links are followed to their end.
    """
    folders = set()
    # These are never shown as a whole: then a folder further in, or the program alone, must do.
    private = [Path.home(), *([Path(root)] if root else [])]
    for path in {program.absolute(), program.resolve()}:
        if path.parts[1] not in SYSTEM or (root and path.is_relative_to(root)):
            prefix = path.parent.parent if path.parent.name == "bin" else path.parent
            choices = (prefix, path.parent, path)
            allowed = (c for c in choices if not any(p.is_relative_to(c) for p in private))
            folders.add(str(next(allowed)))
    return folders
