"""Read the folders of languages into validated languages.

A language's folder is searched in the project first and in the package second, file by file: a
project may override `language.yml` and keep the locks, or the other way round.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from tabproof.errors import InputError, choose, located
from tabproof.model.case import Expectation
from tabproof.model.language import (
    LANGUAGE,
    Language,
    LanguageFile,
    Toolchain,
    unknown_placeholders,
)
from tabproof.model.linter import Linter
from tabproof.project.template_files import display_path, find_file, is_hidden, list_files
from tabproof.project.yaml_file import read_yaml
from tabproof.project.yaml_positions import Lines, line_of
from tabproof.system.kept import Kept

FILE = "language.yml"
OWN_FILE = re.compile(rf"\{{{LANGUAGE}\}}(?:/(?P<name>[^\s{{}}]+))?")
"""A file of the language's folder in a command: `{language}/NAME`."""

TEMPLATE = re.compile(
    r"(?P<name>[^/]+)/(sample(-\w+)?|(step|sign|key|decode)-[\w-]+|body-json(-\w+)?)\.\w+\.jinja"
)
"""A template that only a language has; a site may have other ones in the same folder."""

OUTDATED = re.compile(r"[^/]+/token-[a-z]+-[A-Z]\w+\.\w+\.jinja")
"""A template of a name that no sample is made of any more."""


def read_all(folders: list[Path], root: Path, kept: Kept | None = None) -> dict[str, Language]:
    """Read every language.

    Args:
        folders: the folders that hold languages' folders, the first one wins.
        root: the project's folder; messages name files from there.
        kept: the data of texts that were parsed before.

    Returns:
        Name -> language, in the order of the tabs.

    Raises:
        InputError: a file is not right, with its line.
    """
    names = {path.parent.name for folder in folders for path in folder.glob(f"*/{FILE}")}
    languages = [
        _read(name, folders, root, kept) for name in sorted(names) if not is_hidden(Path(name))
    ]
    in_order = sorted(languages, key=lambda language: (language.data.position, language.name))
    return {language.name: language for language in in_order}


def check_templates(known: Mapping[str, Language], places: Mapping[str, str]) -> None:
    """Refuse the templates of a language that there is not: nothing would be made of them.

    Args:
        known: all languages.
        places: template name -> the file it came from, as messages show it.

    Raises:
        InputError: a folder's name is none of a language, and it holds no `language.yml`.
    """
    for template, place in places.items():
        if OUTDATED.fullmatch(template):
            message = (
                "is used no longer; move it to the templates `step-jwt` and `sign-hmac`, as the "
                "page Upgrading says."
            )
            raise located(place, None, message)
        match = TEMPLATE.fullmatch(template)
        if match and match["name"] not in known:
            name = match["name"]
            message = f"there is no language '{name}'; {choose(known)}, or write its {FILE}."
            raise located(place, None, message)


def check_wording(known: Mapping[str, Language], outcomes: Mapping[str, Expectation]) -> None:
    """Refuse the wording of an outcome that no case has, or that states its message exactly.

    Args:
        known: all languages.
        outcomes: those of `cases.yml`.

    Raises:
        InputError: nothing would be held against that wording.
    """
    open_ones = [name for name, each in outcomes.items() if each.stderr is None]
    for language in known.values():
        for toolchain in language.data.toolchains:
            for name in toolchain.wording:
                if name not in open_ones:
                    message = f"unknown outcome '{name}' in `wording`; {choose(open_ones)}."
                    raise InputError(f"templates/{language.name}/{FILE}: {message}")


def select_languages(
    known: Mapping[str, Language], names: Sequence[str], place: Callable[[], str]
) -> dict[str, Language]:
    """Return the named languages, in this order and each with a tab; all languages for no names.

    Args:
        known: name -> language, in the order of the tabs.
        names: what a project has samples in.
        place: where it says so.

    Raises:
        InputError: there is no such language.
    """
    for name in names:
        if name not in known:
            raise InputError(f"{place()}: unknown language '{name}'; {choose(known)}.")
    replace = msgspec.structs.replace
    return {
        name: replace(known[name], data=replace(known[name].data, on_request=False))
        for name in names
    } or dict(known)


def _read(name: str, folders: list[Path], root: Path, kept: Kept | None) -> Language:
    path = find_file(folders, f"{name}/{FILE}") or folders[0] / name / FILE
    place = display_path(path, root)
    shape, lines = read_yaml(path, LanguageFile, place, kept)
    for where, message in unknown_placeholders(shape):
        raise located(place, line_of(lines, where), message)
    files = dict(_files(name, folders))
    resolver = _Resolver(name, files, place, lines)
    locks = {f"toolchains[{n}]": each.locks for n, each in enumerate(shape.toolchains)}
    locks |= {f"linters[{n}]": each.locks for n, each in enumerate(shape.linters)}
    for where, names in locks.items():
        for index, lock in enumerate(names):
            resolver.file(lock, f"$.{where}.locks[{index}]")
    parts = {"toolchains": shape.toolchains, "linters": shape.linters}
    plain = resolver.resolved(msgspec.to_builtins(parts), "$")
    own = msgspec.convert(plain, _Parts)
    data = msgspec.structs.replace(shape, toolchains=own.toolchains, linters=own.linters)
    return Language(name, files, data, _results_digest(shape, files))


def _results_digest(language: LanguageFile, files: Mapping[str, str]) -> str:
    """Return the digest of all that results depend on in a language, and in files it names.

    How a toolchain is found and installed is not part of it: a result names the versions.

    Args:
        language: as in its file, where `{language}/NAME` stands for a file.
        files: path within the language's folder -> the file.
    """
    shown = [_shown_by_results(toolchain) for toolchain in language.toolchains]
    parts = msgspec.to_builtins([language.heads, shown])
    digest = hashlib.sha256(msgspec.json.encode(parts, order="sorted"))
    for name in sorted(set(_own_files(parts))):
        digest.update(f"\0{name}\0".encode())
        # Git writes CRLF on Windows.
        digest.update(Path(files[name]).read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def _shown_by_results(toolchain: Toolchain) -> list[Any]:
    """Return what a result depends on; reasons are for readers alone."""
    return [
        *(toolchain.runtime, toolchain.programs, toolchain.beside, toolchain.prepare),
        *(toolchain.fault, toolchain.trust, toolchain.environment, toolchain.run),
        *(toolchain.rebased, toolchain.wording, toolchain.caches, toolchain.obeys_proxy),
        [(noise.versions, noise.stderr) for noise in toolchain.noise],
        [msgspec.structs.replace(limit, reason="") for limit in toolchain.limits],
        [exposure.program for exposure in toolchain.exposes],
        [(leftover.versions, leftover.path) for leftover in toolchain.leaves],
    ]


def _own_files(value: Any) -> Iterator[str]:
    """Yield each `NAME` of `{language}/NAME` in plain data."""
    if isinstance(value, str):
        yield from (match["name"] for match in OWN_FILE.finditer(value) if match["name"])
    elif isinstance(value, (dict, list, tuple)):
        for member in value.values() if isinstance(value, dict) else value:
            yield from _own_files(member)


class _Parts(msgspec.Struct, frozen=True):
    """Hold the parts of a language that contain commands."""

    toolchains: tuple[Toolchain, ...]
    linters: tuple[Linter, ...]


def _files(name: str, folders: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Yield path within the language's folder, and file; later ones override earlier ones."""
    for folder in reversed([*folders]):
        for inner, path in list_files(folder / name):
            if os.path.isfile(path):  # noqa: PTH113 - it is quick
                yield inner, path


class _Resolver:
    """Replace `{language}/NAME` by the path of that file, or report that it is missing."""

    def __init__(self, name: str, files: Mapping[str, str], place: str, lines: Lines) -> None:
        self._name = name
        self._files = files
        self._place = place
        self._lines = lines

    def file(self, name: str, where: str) -> str:
        """Return the path of a file in the language's folder."""
        if name not in self._files:
            message = (
                f"there is no file '{name}' in templates/{self._name}/; {choose(self._files)}."
            )
            raise located(self._place, line_of(self._lines, where), message)
        return self._files[name]

    def resolved(self, value: Any, where: str) -> Any:
        """Return plain data in which these paths are filled in."""
        if isinstance(value, str):
            return OWN_FILE.sub(lambda match: self._escaped(match["name"] or "", where), value)
        if isinstance(value, dict):
            return {key: self.resolved(each, f"{where}.{key}") for key, each in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.resolved(each, f"{where}[{n}]") for n, each in enumerate(value)]
        return value

    def _escaped(self, name: str, where: str) -> str:
        """Return a path with its braces escaped, as they are not placeholders."""
        return self.file(name, where).replace("{", "{{").replace("}", "}}")
