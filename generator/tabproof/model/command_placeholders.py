"""Which placeholders each part of a language file may hold. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, TypeAlias

from tabproof.errors import choose
from tabproof.model.command import placeholders
from tabproof.model.language import LanguageFile, Toolchain
from tabproof.model.linter import Linter

LANGUAGE = "language"
"""The language's own folder; a file of it follows."""

FOUND = frozenset({"folder", "tabproof_python"})
"""Known before any program is: where libraries are installed, and the Python behind this one."""

OUTSIDE = frozenset({"folder", "sample", "build", "stem", LANGUAGE})
HOME = frozenset({"folder", "ca", "build"})
INSIDE = HOME | {"file", "stem"}
"""Of commands that run a sample in the sandbox."""

LINTING = FOUND | {"off", "work"}
PARSING = FOUND | {"sample", LANGUAGE}

Fault: TypeAlias = tuple[str, str]
"""A place (`$.toolchains[0].run[1]`) and what is wrong there."""


def unknown_placeholders(shape: LanguageFile) -> Iterator[Fault]:
    """Every placeholder that would not be filled in, in the order of the file's keys."""
    for number, toolchain in enumerate(shape.toolchains):
        yield from _of_toolchain(f"$.toolchains[{number}]", toolchain)
    for number, linter in enumerate(shape.linters):
        yield from _of_linter(f"$.linters[{number}]", linter)


def _of_toolchain(place: str, toolchain: Toolchain) -> Iterator[Fault]:
    programs = set(toolchain.programs)
    # What lies in `{folder}` is not there before `install` has run.
    there = {name for name, program in toolchain.programs.items() if "{" not in program}
    probes = {name: {"run": library.run} for name, library in toolchain.libraries.items()}
    for key, value, known in (
        ("programs", toolchain.programs, FOUND),
        ("version.run", toolchain.version.run, FOUND | programs | {LANGUAGE}),
        ("install", toolchain.install, FOUND | there | {LANGUAGE}),
        ("libraries", probes, FOUND | programs | {LANGUAGE}),
        ("prepare", toolchain.prepare, OUTSIDE | programs),
        ("trust", toolchain.trust, HOME | programs),
        ("environment", toolchain.environment, INSIDE | programs),
        ("run", toolchain.run, INSIDE | programs),
        ("rebased.environment", toolchain.rebased.environment, INSIDE | programs),
        ("rebased.run", toolchain.rebased.run, INSIDE | programs),
    ):
        yield from _unknown(f"{place}.{key}", value, known)


def _of_linter(place: str, linter: Linter) -> Iterator[Fault]:
    programs = set(linter.programs)
    there = {name for name, program in linter.programs.items() if "{" not in program}
    running = LINTING | programs | {"sample", "samples", LANGUAGE}
    for key, value, known in (
        ("programs", linter.programs, FOUND),
        ("version.run", linter.version.run, FOUND | programs | {LANGUAGE}),
        ("install", linter.install, FOUND | there | {LANGUAGE}),
        ("run", linter.run, PARSING | programs if linter.parses else running),
        ("environment", linter.environment, LINTING | programs),
        ("off_form", linter.off_form, {"rule"}),
    ):
        yield from _unknown(f"{place}.{key}", value, known)


def _unknown(place: str, value: Any, known: Collection[str]) -> Iterator[Fault]:
    """What is wrong in a text, or in the texts of a list or mapping."""
    if isinstance(value, Mapping):
        for key, member in value.items():
            yield from _unknown(f"{place}.{key}", member, known)
    elif isinstance(value, tuple):
        for number, member in enumerate(value):
            yield from _unknown(f"{place}[{number}]", member, known)
    elif value is not None:
        try:
            unknown = sorted(placeholders(value) - set(known))
        except ValueError as error:
            yield place, f"`{place[2:]}`: {value!r}: {error}; write a brace twice."
            return
        for name in unknown:
            yield place, f"`{place[2:]}`: there is no {{{name}}}; {choose(known)}."
