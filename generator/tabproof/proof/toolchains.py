"""The edge to this machine's toolchains: what is there, in which version, and how to get it."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import msgspec

from tabproof.model.language import Language, Toolchain, Variant
from tabproof.model.linter import Linter
from tabproof.proof import packages
from tabproof.proof.versions import Ask, numbers, said, version_of
from tabproof.sandbox.bubblewrap import SYSTEM
from tabproof.sandbox.protocol import Mount

STATE_FOLDER = ".tabproof"


class Found(msgspec.Struct, frozen=True):
    """A toolchain that this machine has.

    Attributes:
        places: placeholder -> its value.
        libraries: name -> version, of those that are there.
        missing: libraries that are not, each with the reason.
        root: the project's folder, of which runs see no more than they need; "" for none.
    """

    toolchain: Toolchain
    folder: str
    version: str
    places: dict[str, str]
    libraries: dict[str, str]
    missing: dict[str, str]
    root: str = ""

    def lacks(self, variant: Variant) -> str:
        """Why the variant cannot run with it; "" where it can."""
        if variant not in self.toolchain.variants:
            return f"{self.toolchain.runtime} cannot run this variant"
        needed = self._needed(variant)
        return "; ".join(
            f"{name} is missing ({why})" for name, why in self.missing.items() if name in needed
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
        for value in self.places.values():
            folders.update(_unseen(Path(value), self.root))
        return [Mount(folder, folder) for folder in sorted(folders)]


class Absent(msgspec.Struct, frozen=True):
    """A toolchain that this machine does not have, and why."""

    toolchain: Toolchain
    reason: str


def find(language: Language, root: Path) -> list[Found | Absent]:
    """Each of a language's toolchains, as this machine has it."""
    # Toolchains of one language may have a program in common: it is asked once.
    ask = cache(said)
    return [_find(language, toolchain, root, ask) for toolchain in language.data.toolchains]


def digest_of(language: Language) -> str:
    """What a language is on this machine: the SHA-256 of its folder's names and files."""
    files = sorted((name, Path(file).read_bytes()) for name, file in language.files.items())
    return hashlib.sha256(msgspec.json.encode(files)).hexdigest()


def usable(found: Iterable[Found | Absent], variant: Variant) -> Found | str:
    """The first toolchain that can run a variant, or why none can."""
    reasons = []
    for each in found:
        if isinstance(each, Absent):
            if variant in each.toolchain.variants:
                reasons.append(each.reason)
        elif not (lack := each.lacks(variant)):
            return each
        elif variant in each.toolchain.variants:
            reasons.append(lack)
    return "; ".join(reasons) or "no toolchain of this language runs this variant"


def folder_of(language: Language, root: Path) -> Path:
    """Where a language's libraries are installed."""
    return root / STATE_FOLDER / "toolchains" / language.name


def places_of(language: Language, root: Path) -> dict[str, str]:
    """The placeholders that are known before any program is found."""
    return {"folder": str(folder_of(language, root)), "tabproof_python": sys.executable}


def programs(
    wanted: Mapping[str, str], places: Mapping[str, str], folders: Iterable[str] = ()
) -> dict[str, str] | str:
    """Placeholder -> path of each program, or which one is missing.

    Args:
        wanted: placeholder -> program.
        places: placeholder -> its value, as far as that is known.
        folders: where programs are looked for before PATH.
    """
    paths = {}
    search = os.pathsep.join([*folders, os.environ.get("PATH", os.defpath)])
    for name, program in wanted.items():
        path = shutil.which(program.format_map(places), path=search)
        if path is None:
            short = Path(program.format_map(places)).name
            mend = " (tabproof toolchains)" if "{folder}" in program else ""
            return f"{short} is not installed{mend}"
        paths[name] = path
    return paths


class Located(msgspec.Struct, frozen=True):
    """A toolchain's or a linter's programs.

    Attributes:
        places: placeholder -> its value, the programs' paths among them.
    """

    version: str
    paths: dict[str, str]
    places: dict[str, str]


def locate(
    wanted: Toolchain | Linter, name: str, language: Language, root: Path, ask: Ask = said
) -> Located | str:
    """Where the programs are and in which version, or why they will not do."""
    folder, places = folder_of(language, root), places_of(language, root)
    paths = programs(wanted.programs, places, packages.folders(wanted))
    if isinstance(paths, str):
        return paths
    version, why = version_of(wanted.version, places | paths, folder, ask)
    if why:
        return f"{name}: {why}"
    if numbers(version) < numbers(wanted.minimum):
        return f"{name} {version} is too old; {wanted.minimum} is the least"
    return Located(version, paths, places | paths)


def _find(language: Language, toolchain: Toolchain, root: Path, ask: Ask) -> Found | Absent:
    folder = folder_of(language, root)
    located = locate(toolchain, toolchain.runtime, language, root, ask)
    if isinstance(located, str):
        return Absent(toolchain, located)
    libraries, missing = {}, {}
    for name, probe in toolchain.libraries.items():
        found, why = version_of(probe, located.places, folder, ask)
        if why:
            missing[name] = why
        else:
            libraries[name] = found
    own = str(root.resolve())
    return Found(toolchain, str(folder), located.version, located.paths, libraries, missing, own)


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
