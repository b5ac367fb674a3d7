"""Choose the languages and variants of a new project: those that this machine can run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import msgspec

from tabproof.errors import InputError, choose
from tabproof.model.language import VARIANTS, Language, Variant
from tabproof.toolchains import find

Runnable = Mapping[str, Collection[Variant]]
"""Language -> the variants that this machine can run."""
ALWAYS = "python"
"""The language whose interpreter always exists, since it runs Tabproof."""


class Choice(msgspec.Struct, frozen=True):
    """Hold the languages and variants of a new project."""

    languages: tuple[str, ...]
    variants: tuple[Variant, ...]


def runnable_languages(languages: Mapping[str, Language], root: Path) -> Runnable:
    """Return the languages and variants that this machine can run, in the order of the tabs.

    Args:
        languages: name -> language.
        root: the folder of the project, which may have libraries of its own.
    """
    variants_by_language: dict[str, list[Variant]] = {}
    for name, language in languages.items():
        toolchains = find.find_toolchains(language, root)
        for variant in VARIANTS:
            if not isinstance(find.select_toolchain(toolchains, variant), str):
                variants_by_language.setdefault(name, []).append(variant)
    return variants_by_language


def choose_languages(
    available: Collection[str],
    machine: Runnable,
    languages: Collection[str] = (),
    variants: Collection[Variant] = (),
) -> Choice:
    """Return the languages and variants of a new project.

    By default, the languages are those that this machine can run, and the variants those that it
    can run in each of them: every sample is to be run, and to be on a page.

    Args:
        available: all languages.
        machine: those that this machine can run.
        languages: those that the user chose; empty for the default.
        variants: those that the user chose; empty for the default.

    Raises:
        InputError: a language is unknown.
    """
    for name in languages:
        if name not in available:
            raise InputError(f"unknown language '{name}'; {choose(available)}.")
    chosen = tuple(dict.fromkeys(languages))
    if not chosen:
        with_stdlib = [name for name, runnable in machine.items() if "stdlib" in runnable]
        chosen = tuple(with_stdlib or machine or [ALWAYS])
    runnable = [v for v in VARIANTS if all(v in machine.get(name, ()) for name in chosen)]
    return Choice(chosen, tuple(v for v in VARIANTS if v in (variants or runnable or VARIANTS)))
