"""A language: one tab. Everything about it that is data, read from its `language.yml`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from tabproof.errors import choose
from tabproof.model.command import (
    Command,
    Probe,
    check_message_group,
    compile_pattern,
    placeholder_names,
)
from tabproof.model.fields import VARIANTS, FileFormat, Variant
from tabproof.model.linter import Linter
from tabproof.model.notation import Identifiers, Notation

__all__ = ["VARIANTS", "Variant"]

Step: TypeAlias = Literal["install", "credentials", "token", "request", "response"]
STEPS: tuple[Step, ...] = ("install", "credentials", "token", "request", "response")


class Library(Probe, frozen=True, kw_only=True):
    """A library that samples use: how its version is found, and which variants need it.

    Attributes:
        variants: the variants that need it.
    """

    variants: tuple[Variant, ...] = ("library",)


class Noise(FileFormat, frozen=True, kw_only=True):
    """What a runtime itself writes on stderr, in some of its versions, and why that is excused.

    Attributes:
        versions: how the runtime's version begins; empty for all.
        stderr: a pattern of what it writes.
        reason: why it is excused.
    """

    versions: str
    stderr: str
    reason: str

    def __post_init__(self) -> None:
        """Refuse what is no pattern."""
        compile_pattern("stderr", self.stderr)


class Exposure(FileFormat, frozen=True, kw_only=True):
    """A program that takes the secret as an argument, and why that is declared, not mended.

    Attributes:
        program: the program's name.
        reason: why it is declared, and not mended.
    """

    program: str
    reason: str


class Habits(msgspec.Struct, frozen=True):
    """What a version of a runtime does by itself, whatever the sample does.

    Attributes:
        noise: what it writes on stderr.
        exposures: programs that are known to take the secret as an argument.
        wording: how it words errors: outcome of `cases.yml` -> a pattern.
    """

    noise: tuple[Noise, ...] = ()
    exposures: tuple[Exposure, ...] = ()
    wording: Mapping[str, str] = {}


class Limit(FileFormat, frozen=True, kw_only=True):
    """What a runtime cannot do in some cases, whatever the sample does, and why.

    Attributes:
        versions: how the runtime's version begins.
        libraries: library -> how its version begins, where that matters.
        cases: the names of the cases; `{credential}` stands for the name of any credential.
        seen: a pattern of what the cases then report. Without such a report nothing is excused.
        entails: patterns of what is reported beside it because of it. Whatever else is reported is
            a fault, as in any other case.
        always: whether the fault shows in every run; else a run without it is no error.
        reason: why the runtime cannot do it.
    """

    versions: str
    libraries: dict[str, str] = {}
    cases: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    seen: str
    entails: tuple[str, ...] = ()
    always: bool = True
    reason: str

    def __post_init__(self) -> None:
        """A pattern that is in every text would excuse everything."""
        for key, pattern in (("seen", self.seen), *(("entails", each) for each in self.entails)):
            if compile_pattern(key, pattern).search(""):
                raise ValueError(f"`{key}`: the pattern {pattern!r} is in every text")

    def covers(self, case: str) -> bool:
        """Whether it is about the case of this name."""
        names = (re.escape(name).replace(r"\{credential\}", r"\w+") for name in self.cases)
        return any(re.fullmatch(name, case) for name in names)

    def applies_to(self, version: str, libraries: Mapping[str, str]) -> bool:
        """Whether it is about a runtime of this version, with these libraries' versions."""
        return version.startswith(self.versions) and all(
            libraries.get(name, "").startswith(begin) for name, begin in self.libraries.items()
        )


class Rebased(FileFormat, frozen=True, kw_only=True):
    """What a toolchain needs to trust `{ca}` where nothing lies over the system's own bundle.

    Attributes:
        environment: variables that are added.
        run: the command, where it is another.
    """

    environment: dict[str, str] = {}
    run: Command | None = None


class Toolchain(FileFormat, frozen=True, kw_only=True):
    """One way to run a language's samples.

    Attributes:
        runtime: the name that results carry.
        variants: the variants that it can run.
        programs: placeholder -> program looked up on PATH, or a path with `{folder}`.
        version: how the runtime's version is found.
        minimum: the least version that will do.
        packages: Debian packages that bring the programs.
        homebrew: Homebrew formulae that bring them on macOS, where the system has not its own.
        locks: files of the language's folder that are copied before `install` runs.
        install: commands that bring the samples' libraries into `{folder}`.
        libraries: the samples' libraries, by the names that results carry.
        beside: names in `{folder}` that lie beside a sample of the variant `library`.
        prepare: commands that run once per sample, outside the sandbox, and fill `{build}`.
        fault: finds a fault in what `prepare` prints, by a pattern with the group `words`, and
            `line` where a line is named.
        unavailable: finds in it that a library cannot be had, because a registry cannot be
            reached, by a pattern with the group `words`. Then the sample is skipped: nothing is
            known of it.
        trust: commands that run once, in the sandbox, to make a fresh home trust `{ca}`.
        environment: what the sample's environment needs beyond home, path and language.
        run: the command that a reader types.
        rebased: what is added to `environment` and put in the place of `run` without a sandbox.
        noise: what this runtime writes on stderr by itself.
        wording: outcome of `cases.yml` -> a pattern of how this runtime words that error, in the
            place of the outcome's own `stderr_has`.
        limits: cases that this runtime cannot pass.
        exposes: programs that take the secret as an argument.
    """

    runtime: str
    variants: tuple[Variant, ...] = VARIANTS
    programs: dict[str, str]
    version: Probe
    minimum: str = "0"
    packages: tuple[str, ...] = ()
    homebrew: tuple[str, ...] = ()
    locks: tuple[str, ...] = ()
    install: tuple[Command, ...] = ()
    libraries: dict[str, Library] = {}
    beside: tuple[str, ...] = ()
    prepare: tuple[Command, ...] = ()
    fault: str = ""
    unavailable: str = ""
    trust: tuple[Command, ...] = ()
    environment: dict[str, str] = {}
    run: Command
    rebased: Rebased = Rebased()
    noise: tuple[Noise, ...] = ()
    wording: dict[str, str] = {}
    limits: tuple[Limit, ...] = ()
    exposes: tuple[Exposure, ...] = ()

    def __post_init__(self) -> None:
        """Refuse patterns that could not say what is wrong, or would accept any message."""
        for key in ("fault", "unavailable"):
            check_message_group(key, getattr(self, key))
        for outcome, pattern in self.wording.items():
            if compile_pattern(f"wording.{outcome}", pattern).search(""):
                raise ValueError(f"`wording.{outcome}`: the pattern {pattern!r} is in every text")

    def limit(self, case: str, version: str, libraries: Mapping[str, str]) -> Limit | None:
        """Why it cannot pass the case of this name in this version, if it cannot."""
        covering = (limit for limit in self.limits if limit.covers(case))
        return next((limit for limit in covering if limit.applies_to(version, libraries)), None)


class LanguageFile(FileFormat, frozen=True, kw_only=True):
    """The file `templates/LANGUAGE/language.yml`.

    Attributes:
        title: what stands on the tab.
        position: the place of the tab: a lower number stands further left.
        on_request: whether its tab is shown only where a fence names the language.
        lexer: the name of the highlighter for it (Pygments).
        file_name: a format of a sample's file name with `kebab`, `snake` and `pascal`, the
            scenario's name in that case.
        comment_forbids: texts that would end a comment, or break it.
        identifiers: how names are spelt.
        notations: how values are written, by the place; `default` is the code itself.
        features: what of the grammar its templates can write, beside what all can.
        toolchains: the ways to run its samples; each one that is there runs the samples of its
            variants.
        linters: what its community checks code with.
    """

    title: str
    position: int
    on_request: bool = False
    lexer: str
    file_name: str
    comment_forbids: tuple[str, ...] = ()
    identifiers: Identifiers
    notations: dict[str, Notation]
    features: tuple[str, ...] = ()
    toolchains: tuple[Toolchain, ...]
    linters: tuple[Linter, ...] = ()

    def __post_init__(self) -> None:
        """Every language writes values in at least the notation called `default`."""
        if "default" not in self.notations:
            raise ValueError("`notations` needs one that is called `default`")

    @property
    def syntax(self) -> Linter | None:
        """What parses a sample that does not run here."""
        return next((linter for linter in self.linters if linter.parses), None)


class Language(msgspec.Struct, frozen=True):
    """One language under its folder's name.

    Attributes:
        files: path within the language's folder -> the file: the project's own, or the packaged
            one. Commands in `data` have them in the place of `{language}/NAME` already.
    """

    name: str
    files: dict[str, str]
    data: LanguageFile


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
            unknown = sorted(placeholder_names(value) - set(known))
        except ValueError as error:
            yield place, f"`{place[2:]}`: {value!r}: {error}; write a brace twice."
            return
        for name in unknown:
            yield place, f"`{place[2:]}`: there is no {{{name}}}; {choose(known)}."
