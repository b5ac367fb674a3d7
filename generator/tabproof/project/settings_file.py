"""Read a project's settings: `tabproof.toml`, or `[tool.tabproof]` in `pyproject.toml`.

What the command line says goes before a variable of the environment, and that before the file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import msgspec

from tabproof.errors import InputError, choose, located
from tabproof.model.labels import ENGLISH, label_placeholders, normalize_tag
from tabproof.model.language import VARIANTS, Variant
from tabproof.model.settings import OWN_FILE, SHARED_FILE, SettingsFile
from tabproof.project import toml_file
from tabproof.project.template_files import read_text
from tabproof.project.validation import MismatchError, convert

TABLE = ("tool", "tabproof")
"""Where the settings are in the shared file."""

DEEPEST_TABLE = 2
"""How many keys lead to a table: `labels.de`."""

LANGUAGES, VARIANTS_OF = "TABPROOF_LANGUAGES", "TABPROOF_VARIANTS"
"""The variables that say what the project has samples in, with commas between."""


class Settings(msgspec.Struct, frozen=True):
    """Hold the settings of a project and their file.

    Attributes:
        values: the settings.
        file: the file's name; "" where there is none.
        text: what is in it.
    """

    values: SettingsFile = SettingsFile()
    file: str = ""
    text: str = ""

    def place(self, *keys: str) -> str:
        """Return the place of a setting: `tabproof.toml:3`."""
        line = toml_file.line_of(self.text, [*_around(self.file), *keys])
        return f"{self.file}:{line}" if line else self.file


class SampleScope(msgspec.Struct, frozen=True):
    """Hold the languages and variants of a project's samples, and what chose them.

    Attributes:
        languages: in the order of their tabs; all that there are if empty.
        settings: the file that chose them.
        source: what chose them, where it was no file.
    """

    languages: tuple[str, ...] = ()
    variants: tuple[Variant, ...] = VARIANTS
    settings: Settings = Settings()
    source: str = ""

    def place(self) -> str:
        """Return where the languages were chosen, for messages."""
        return self.source or self.settings.place("languages")


_command_line: ContextVar[SampleScope | None] = ContextVar("command_line", default=None)


@contextmanager
def override_scope(chosen: SampleScope) -> Iterator[None]:
    """Use the languages and variants of the command line for every project, in this context."""
    token = _command_line.set(chosen)
    try:
        yield
    finally:
        _command_line.reset(token)


def sample_scope(root: Path) -> SampleScope:
    """Return the languages and variants of a project's samples.

    Raises:
        InputError: its settings are not right.
    """
    overrides = _command_line.get()
    if overrides is not None:
        return overrides
    settings = read_settings(root)
    languages, variants, source = settings.values.languages, settings.values.variants, ""
    if text := os.environ.get(LANGUAGES):
        languages, source = split_names(text), LANGUAGES
    if text := os.environ.get(VARIANTS_OF):
        variants = parse_variants(split_names(text), VARIANTS_OF)
    return SampleScope(languages or (), variants or VARIANTS, settings, source)


def split_names(text: str) -> tuple[str, ...]:
    """Return the names in a comma-separated text."""
    return tuple(word.strip() for word in text.split(","))


def parse_variants(names: tuple[str, ...], place: str) -> tuple[Variant, ...]:
    """Return the named variants, in the order of the program.

    Raises:
        InputError: there is no such variant.
    """
    for name in names:
        if name not in VARIANTS:
            raise InputError(f"{place}: unknown variant '{name}'; {choose(VARIANTS)}.")
    return tuple(variant for variant in VARIANTS if variant in names)


def read_settings(root: Path) -> Settings:
    """Read a project's settings.

    Args:
        root: the project's folder.

    Raises:
        InputError: a file is not right, or both have settings; with the line.
    """
    own = _data(root, OWN_FILE)
    shared = _data(root, SHARED_FILE)
    if own and shared:
        line = toml_file.line_of(shared[1], TABLE)
        message = f"{OWN_FILE} has settings too; keep them in one of the two files."
        raise located(SHARED_FILE, line, message)
    if own:
        return _settings(OWN_FILE, *own)
    return _settings(SHARED_FILE, *shared) if shared else Settings()


def has_settings(root: Path) -> bool:
    """Return whether a folder has settings of a project, valid or not."""
    if (root / OWN_FILE).is_file():
        return True
    try:
        return _data(root, SHARED_FILE) is not None
    except InputError:  # it is no TOML, for one thing
        return False


def _data(root: Path, file: str) -> tuple[Any, str] | None:
    """Return the settings in a file as plain data, and its text; None without settings."""
    path = root / file
    if not (path.exists() or path.is_symlink()):
        return None
    if file == SHARED_FILE and not _names_tabproof(path):
        return None
    text = read_text(path, file)
    data: Any = toml_file.parse(text, file)
    for key in _around(file):
        if not isinstance(data, dict) or key not in data:
            return None
        data = data[key]
    return data, text


def _names_tabproof(path: Path) -> bool:
    """Return whether a shared file mentions Tabproof; otherwise its errors do not concern it."""
    try:
        return b"tabproof" in path.read_bytes()
    except OSError:
        return path.is_file()  # and the reading says why not


def _around(file: str) -> tuple[str, ...]:
    return TABLE if file == SHARED_FILE else ()


def _settings(file: str, data: Any, text: str) -> Settings:
    empty = next((keys for keys, value in _tables(data, ()) if value == {}), None)
    if empty is not None:
        line = toml_file.line_of(text, [*_around(file), *empty]) or 1
        raise located(file, line, "is empty; write a setting here, or remove it.")
    try:
        shape = convert(data, SettingsFile)
    except MismatchError as misfit:
        keys = re.findall(r"\.([^.\[\]]+)", misfit.place)
        line = toml_file.line_of(text, [*_around(file), *keys]) or 1
        raise located(file, line, misfit.message) from misfit
    settings = Settings(shape, file, text)
    for key in ("languages", "variants"):
        names: tuple[str, ...] = getattr(shape, key) or ()
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise InputError(f"{settings.place(key)}: '{twice}' is given twice; remove one.")
    _check_labels(settings)
    return settings


def _check_labels(settings: Settings) -> None:
    """Refuse labels that cannot be filled in, and a language that has two tables."""
    tags: dict[str, str] = {}
    for tag, labels in (settings.values.labels or {}).items():
        first = tags.setdefault(normalize_tag(tag), tag)
        if first != tag:
            place = settings.place("labels", tag)
            raise InputError(f"{place}: '{first}' and '{tag}' are one language; remove one.")
        for key in labels.__struct_fields__:
            known = label_placeholders(getattr(ENGLISH, key))
            place = settings.place("labels", tag, key)
            try:
                unknown = sorted(label_placeholders(getattr(labels, key)) - known)
            except ValueError as error:
                message = f"`{key}`: braces stand around a placeholder alone"
                raise InputError(f"{place}: {message}; {_choices(known)}.") from error
            if unknown:
                message = f"`{key}`: unknown placeholder {{{unknown[0]}}}"
                raise InputError(f"{place}: {message}; {_choices(known)}.")


def _choices(names: Collection[str]) -> str:
    return choose(f"{{{name}}}" for name in names) if names else "there is none in this label"


def _tables(data: Any, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield a table and the tables in it, with their keys."""
    if isinstance(data, dict) and len(keys) <= DEEPEST_TABLE:
        yield keys, data
        for key, value in data.items():
            yield from _tables(value, (*keys, key))
