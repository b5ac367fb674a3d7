"""The edge to this machine's toolchains: what is there, in which version, and how to get it."""

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
from tabproof.sandbox.bubblewrap import SYSTEM
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
INSTALLS = " (tabproof toolchains)"
"""Stands behind what that command installs."""


class InstalledToolchain(msgspec.Struct, frozen=True):
    """A toolchain that this machine has.

    Attributes:
        placeholders: placeholder -> its value.
        libraries: name -> version, of those that are there.
        missing: libraries that are not, each with the reason.
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
        """Why the variant cannot run with it; "" where it can."""
        if variant not in self.toolchain.variants:
            return f"{self.toolchain.runtime} cannot run this variant"
        needed = self._needed(variant)
        missing = {name: why for name, why in self.missing.items() if name in needed}
        gone = [name for name, why in missing.items() if why == NOT_INSTALLED]
        mend = INSTALLS if self.toolchain.install else ""
        return "; ".join(
            [
                *([f"{_for_samples(gone)}{mend}"] if gone else []),
                *(f"{name}: {why}" for name, why in missing.items() if why != NOT_INSTALLED),
            ]
        )

    def libraries_for(self, variant: Variant) -> dict[str, str]:
        """The libraries that the variant's samples use, with their versions."""
        needed = self._needed(variant)
        return {name: version for name, version in self.libraries.items() if name in needed}

    def _needed(self, variant: Variant) -> set[str]:
        libraries = self.toolchain.libraries
        return {name for name, library in libraries.items() if variant in library.variants}

    def mounts(self) -> Iterable[Mount]:
        """What the sandbox must show for the programs to run."""
        folders = {self.folder} if Path(self.folder).is_dir() else set()
        for value in self.placeholders.values():
            folders.update(_unseen(Path(value), self.root))
        return [Mount(folder, folder) for folder in sorted(folders)]


class MissingToolchain(msgspec.Struct, frozen=True):
    """A toolchain that this machine does not have, and why."""

    toolchain: Toolchain
    reason: str


def find_toolchains(language: Language, root: Path) -> list[InstalledToolchain | MissingToolchain]:
    """Each of a language's toolchains, as this machine has it."""
    # Toolchains of one language may have a program in common: it is asked once.
    ask = cache(program_output)
    return [_find(language, toolchain, root, ask) for toolchain in language.data.toolchains]


def language_digest(language: Language) -> str:
    """What a language is on this machine: the SHA-256 of its folder's names and files."""
    files = sorted((name, Path(file).read_bytes()) for name, file in language.files.items())
    return hashlib.sha256(msgspec.json.encode(files)).hexdigest()


def usable_toolchains(
    found: Iterable[InstalledToolchain | MissingToolchain], variant: Variant
) -> list[InstalledToolchain]:
    """Every toolchain that can run a variant, the first one of each runtime."""
    able: dict[str, InstalledToolchain] = {}
    for each in found:
        if isinstance(each, InstalledToolchain) and not each.unusable_reason(variant):
            able.setdefault(each.toolchain.runtime, each)
    return list(able.values())


def missing_toolchain_reason(
    found: Iterable[InstalledToolchain | MissingToolchain], variant: Variant
) -> str:
    """Why no toolchain can run a variant."""
    reasons = [
        each.reason if isinstance(each, MissingToolchain) else each.unusable_reason(variant)
        for each in found
        if variant in each.toolchain.variants
    ]
    return "; ".join(reasons) or "no toolchain of this language runs this variant"


def select_toolchain(
    found: Collection[InstalledToolchain | MissingToolchain], variant: Variant
) -> InstalledToolchain | str:
    """The first toolchain that can run a variant, or why none can."""
    able = usable_toolchains(found, variant)
    return able[0] if able else missing_toolchain_reason(found, variant)


def libraries_folder(language: Language, root: Path) -> Path:
    """Where a language's libraries are installed."""
    return root / STATE_FOLDER / "toolchains" / language.name


def base_placeholders(language: Language, root: Path) -> dict[str, str]:
    """The placeholders that are known before any program is found."""
    return {"folder": str(libraries_folder(language, root)), "tabproof_python": _base_python()}


def _base_python() -> str:
    """The interpreter behind this virtual environment.

    A sample of the variant `stdlib` must not find what is installed here, and a new environment
    must not depend on this one.
    """
    return getattr(sys, "_base_executable", sys.executable)


def find_programs(wanted: Toolchain | Linter, places: Mapping[str, str]) -> dict[str, str] | str:
    """Placeholder -> path of each program, or which one is missing.

    Args:
        wanted: whose programs.
        places: placeholder -> its value, as far as that is known.
    """
    paths = {}
    search = os.pathsep.join(
        [*package_managers.homebrew_folders(wanted), os.environ.get("PATH", os.defpath)]
    )
    for name, program in wanted.programs.items():
        path = shutil.which(program.format_map(places), path=search)
        if path is None:
            short = Path(program.format_map(places)).name
            if IN_FOLDER in program:
                return f"{_brought(wanted) or f'{short} is {NOT_INSTALLED}'}{INSTALLS}"
            return f"{short} is {NOT_INSTALLED}"
        paths[name] = path
    return paths


def _brought(wanted: Toolchain | Linter) -> str:
    """What is missing where a program in `{folder}` is; "" where it is that program."""
    if isinstance(wanted, Linter):
        return f"{wanted.name} is {NOT_INSTALLED}" if wanted.install else ""
    return _for_samples(wanted.libraries) if wanted.libraries else ""


def _for_samples(libraries: Collection[str]) -> str:
    verb = "is" if len(libraries) == 1 else "are"
    return f"{' and '.join(libraries)} for the samples {verb} {NOT_INSTALLED}"


class LocatedPrograms(msgspec.Struct, frozen=True):
    """A toolchain's or a linter's programs.

    Attributes:
        placeholders: placeholder -> its value, the programs' paths among them.
    """

    version: str
    paths: dict[str, str]
    placeholders: dict[str, str]


def locate_programs(
    wanted: Toolchain | Linter,
    name: str,
    language: Language,
    root: Path,
    ask: ReadOutput = program_output,
) -> LocatedPrograms | str:
    """Where the programs are and in which version, or why they will not do."""
    folder, places = libraries_folder(language, root), base_placeholders(language, root)
    paths = find_programs(wanted, places)
    if isinstance(paths, str):
        return paths
    version, why = version_of(wanted.version, places | paths, folder, ask)
    if why:
        return f"{name}: {why}"
    if version_numbers(version) < version_numbers(wanted.minimum):
        return f"{name} {version} is too old; {wanted.minimum} is the least"
    return LocatedPrograms(version, paths, places | paths)


def _find(
    language: Language, toolchain: Toolchain, root: Path, ask: ReadOutput
) -> InstalledToolchain | MissingToolchain:
    folder = libraries_folder(language, root)
    located = locate_programs(toolchain, toolchain.runtime, language, root, ask)
    if isinstance(located, str):
        return MissingToolchain(toolchain, located)
    libraries, missing = {}, {}
    for name, probe in toolchain.libraries.items():
        found, why = version_of(probe, located.placeholders, folder, ask)
        if why:
            missing[name] = why
        else:
            libraries[name] = found
    own = str(root.resolve())
    return InstalledToolchain(
        toolchain, str(folder), located.version, located.paths, libraries, missing, own
    )


def _unseen(program: Path, root: str) -> set[str]:
    """The folders that hold a program, where the sandbox does not show them anyway.

    A program in a `bin` brings the folder around that; links are followed to their end.
    """
    folders = set()
    # These are never shown: then less has to do, in the end the program alone.
    private = [Path.home(), *([Path(root)] if root else [])]
    for path in {program.absolute(), program.resolve()}:
        if path.parts[1] not in SYSTEM or (root and path.is_relative_to(root)):
            around = path.parent.parent if path.parent.name == "bin" else path.parent
            choices = (around, path.parent, path)
            fit = (c for c in choices if not any(place.is_relative_to(c) for place in private))
            folders.add(str(next(fit)))
    return folders
