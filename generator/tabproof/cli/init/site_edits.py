"""Edit a site's configuration for pages with a fence, or make lines to paste into it."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from tabproof.cli.init import toml_edit, yaml_edit
from tabproof.cli.init.site_configuration import (
    EXTENSIONS,
    NAME,
    TOML,
    WATCH,
    File,
    Site,
    with_texts,
)
from tabproof.cli.init.yaml_edit import Entries

TABBED = "pymdownx.tabbed"
FENCES: Entries = {"pymdownx.superfences": {}, TABBED: {"alternate_style": True}}
"""The extensions whose tabs a fence becomes."""


class Paste(msgspec.Struct, frozen=True):
    """Hold lines that the user has to add.

    Attributes:
        path: the file, relative to the site.
        reason: why they are not added automatically.
        lines: ready to paste.
    """

    path: str
    reason: str
    lines: str


class Edits(msgspec.Struct, frozen=True):
    """Hold the edits of a site's configuration.

    Attributes:
        texts: file -> its new text.
        pastes: lines that could not be added automatically.
        notes: remarks for the user on the edits.
    """

    texts: dict[str, str]
    pastes: tuple[Paste, ...] = ()
    notes: tuple[str, ...] = ()


class _Need(msgspec.Struct, frozen=True):
    """Hold entries to be added to a file.

    Attributes:
        reason: why the user has to paste them; "" if they are added automatically.
        note: a remark for the user.
    """

    file: File
    key: str
    entries: Entries
    as_mapping: bool = False
    reason: str = ""
    note: str = ""


def edits(root: Path, site: Site, folder: str, repository: Path | None) -> Edits:
    """Return what a site's configuration needs.

    Args:
        root: the folder of the site.
        site: its configuration.
        folder: the folder of templates and samples, relative to the site.
        repository: the top of the repository; files outside it are not changed.
    """
    if site.name == TOML:
        return _toml_edits(site, folder)
    texts, pastes, notes = dict[str, str](), list[Paste](), list[str]()
    settings = dict(site.settings)
    for need in _needs(root, site, folder, repository):
        text = texts.get(need.file.path, need.file.text)
        new = None
        if not need.reason:
            new = yaml_edit.with_entries(text, need.key, need.entries, as_mapping=need.as_mapping)
        if new is None:
            reason = (
                need.reason or f"its `{need.key}` cannot be extended without changing other lines"
            )
            written = yaml_edit.section(need.key, need.entries, as_mapping=need.as_mapping)
            pastes.append(Paste(need.file.path, reason, written))
            continue
        texts[need.file.path] = new
        old = None if need.note and need.key == WATCH else settings.get(need.key)
        settings[need.key] = yaml_edit.extended(old, need.entries, as_mapping=need.as_mapping)
        notes += [need.note] if need.note else []
    if with_texts(site, texts).settings != settings:
        return Edits({}, tuple(_all_pastes(root, site, folder, repository)))
    return Edits(texts, tuple(pastes), tuple(notes))


def _all_pastes(root: Path, site: Site, folder: str, repository: Path | None) -> Iterator[Paste]:
    for need in _needs(root, site, folder, repository):
        written = yaml_edit.section(need.key, need.entries, as_mapping=need.as_mapping)
        yield Paste(need.file.path, "an edit would change other settings", written)


def _needs(root: Path, site: Site, folder: str, repository: Path | None) -> Iterator[_Need]:
    for key, entries in _entries(folder).items():
        existing = yaml_edit.names(site.settings.get(key))
        missing = {name: options for name, options in entries.items() if name not in existing}
        if missing:
            yield _place(root, site, key, missing, repository)


def _entries(folder: str) -> dict[str, Entries]:
    """Return the entries that a site needs, by key."""
    own = {} if folder == "." else {"root": folder}
    watched = (os.path.normpath(f"{folder}/{name}") for name in ("samples", "templates"))
    return {EXTENSIONS: {**FENCES, NAME: own}, WATCH: {Path(p).as_posix(): {} for p in watched}}


def _place(root: Path, site: Site, key: str, entries: Entries, repository: Path | None) -> _Need:
    """Return the file to add entries to: a list in a file replaces the inherited one."""
    own = site.files[0]
    owner = next((file for file in site.files if key in file.data), own)
    value = owner.data.get(key)
    if owner is own or value is None:
        return _Need(own, key, entries)
    if isinstance(value, dict):
        return _Need(own, key, entries, as_mapping=True)
    if key == WATCH:
        # Its paths are relative to the site, whichever file contains them: in a file that
        # several sites inherit, they would name folders that the others do not have.
        inherited: Entries = {str(item): {} for item in value if isinstance(item, str)}
        note = f"{own.path}: `{key}` repeats that of {owner.path}, which a list here overrides."
        return _Need(own, key, {**inherited, **entries}, note=note)
    if repository is None or not (root / owner.path).resolve().is_relative_to(repository):
        reason = (
            f"{own.path} inherits `{key}` from it, and it is outside this repository; a list in "
            f"{own.path} would override it"
        )
        return _Need(owner, key, entries, reason=reason)
    note = (
        f"{owner.path} is changed: {own.path} inherits `{key}` from it, and a list in {own.path} "
        "would override that one."
    )
    return _Need(owner, key, entries, note=note)


def _toml_edits(site: Site, folder: str) -> Edits:
    file = site.files[0]
    table = ["project"] if "project" in file.data else []
    values: dict[str, Any] = {}
    for key, entries in _entries(folder).items():
        value = site.settings.get(key)
        existing = yaml_edit.names(value)
        missing = {name: dict(options) for name, options in entries.items() if name not in existing}
        if not missing:
            continue
        if key == EXTENSIONS and value is None:
            defaults = _zensical_extensions()
            if defaults is None:
                return Edits({}, (_zensical_paste(file, missing[NAME]),))
            values[key] = {**FENCES, **defaults, NAME: missing[NAME]}
        elif key == EXTENSIONS and isinstance(value, dict):
            values[key] = missing
        else:
            values[key] = [
                {name: options} if options else name for name, options in missing.items()
            ]
    if not values:
        return Edits({})
    new = toml_edit.with_values(file.text, table, values)
    if new is None:
        reason = "it cannot be extended without changing other lines"
        head = "".join(f"[{name}]\n" for name in table)
        return Edits({}, (Paste(file.path, reason, head + toml_edit.lines(values)),))
    notes: tuple[str, ...] = ()
    if EXTENSIONS in values and site.settings.get(EXTENSIONS) is None:
        notes = (f"{file.path}: lists Zensical's default extensions too, which a table overrides.",)
    return Edits({file.path: new}, (), notes)


def _zensical_paste(file: File, options: Mapping[str, Any]) -> Paste:
    """Return what to add to Zensical's default extensions, which are unknown here."""
    reason = (
        "it has no `markdown_extensions`, so it uses Zensical's defaults, which a table would "
        "override; Zensical is not installed here, so they are unknown"
    )
    return Paste(file.path, reason, toml_edit.lines({EXTENSIONS: {**FENCES, NAME: options}}))


def _zensical_extensions() -> Mapping[str, Any] | None:
    """Return the default extensions of Zensical; None if it is not installed."""
    try:
        config = importlib.import_module("zensical.config")
    except ImportError:
        return None
    extensions: Mapping[str, Any] = _plain_data(config.DEFAULT_MARKDOWN_EXTENSIONS)
    return extensions


def _plain_data(value: Any) -> Any:
    """Return plain data, with the names of functions instead of functions."""
    if isinstance(value, dict):
        return {key: _plain_data(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain_data(inner) for inner in value]
    return f"{value.__module__}.{value.__qualname__}" if callable(value) else value
