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
"""The language whose interpreter is there, since it runs this."""


class Choice(msgspec.Struct, frozen=True):
    """What a new project has samples in."""

    languages: tuple[str, ...]
    variants: tuple[Variant, ...]


def runnable_languages(languages: Mapping[str, Language], root: Path) -> Runnable:
    """Return the languages that this machine has, in the order of their tabs.

    Args:
        languages: name -> language.
        root: the folder of the project, which may have libraries of its own.
    """
    found: dict[str, list[Variant]] = {}
    for name, language in languages.items():
        every = find.find_toolchains(language, root)
        for variant in VARIANTS:
            if not isinstance(find.select_toolchain(every, variant), str):
                found.setdefault(name, []).append(variant)
    return found


def choose_languages(
    known: Collection[str],
    machine: Runnable,
    languages: Collection[str] = (),
    variants: Collection[Variant] = (),
) -> Choice:
    """Return what a project has samples in.

    Every sample of it is to be on a page, and run: the languages are those that this machine has,
    and the variants those that it can run in each of them.

    Args:
        known: all languages.
        machine: those that this machine has.
        languages: those that somebody chose; the machine's if empty.
        variants: those that somebody chose.

    Raises:
        InputError: there is no such language.
    """
    for name in languages:
        if name not in known:
            raise InputError(f"unknown language '{name}'; {choose(known)}.")
    chosen = tuple(dict.fromkeys(languages))
    if not chosen:
        simple = [name for name, each in machine.items() if "stdlib" in each]
        chosen = tuple(simple or machine or [ALWAYS])
    run = [v for v in VARIANTS if all(v in machine.get(name, ()) for name in chosen)]
    return Choice(chosen, tuple(v for v in VARIANTS if v in (variants or run or VARIANTS)))
