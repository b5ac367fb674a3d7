"""A language: one tab. Everything about it that is data, read from its `language.yml`."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from tabproof.model.command import Command, Probe
from tabproof.model.linter import Linter
from tabproof.model.scenario import Shape

Variant: TypeAlias = Literal["library", "stdlib"]
VARIANTS: tuple[Variant, ...] = ("library", "stdlib")
Step: TypeAlias = Literal["install", "credentials", "token", "request", "response"]
STEPS: tuple[Step, ...] = ("install", "credentials", "token", "request", "response")


class StringForm(Shape, frozen=True, kw_only=True):
    """One way to write a string: its quotes, and what becomes of the characters between.

    A form serves a value when each of its characters can be written: by itself, by
    `escapes`, or, where it is not printable, by `unprintable` (a format with `code`, the code
    point), `unprintable_astral` (the same above U+FFFF) or `unprintable_byte` (a format with
    `byte`, for each byte of the character's UTF-8). A format `''` means that the character
    cannot be written. `avoid` holds characters for which the next form reads better.
    """

    quotes: tuple[str, str]
    escapes: dict[str, str] = {}
    unprintable: str = ""
    unprintable_astral: str = ""
    unprintable_byte: str = ""
    avoid: str = ""
    impossible: str = ""


class Notation(Shape, frozen=True, kw_only=True):
    """How values are written in one place of a language: its code, or a query inside it.

    `credential` is a format with `identifier` and `environment`; `seconds_from_now` is one with
    `sign` and `seconds`. A notation without them holds only what is known before it runs.
    """

    strings: Annotated[tuple[StringForm, ...], msgspec.Meta(min_length=1)]
    true: str = "true"
    false: str = "false"
    null: str = "null"
    number: str = "{number}"
    bare_key: str | None = None
    credential: str | None = None
    now: str | None = None
    seconds_from_now: str | None = None


class Identifiers(Shape, frozen=True, kw_only=True):
    """How a credential's name is spelt, and which names the templates keep for themselves."""

    case: Literal["snake", "camel", "pascal", "kebab", "environment"]
    reserved: tuple[str, ...] = ()


class Library(Probe, frozen=True, kw_only=True):
    """A library that samples use: how its version is found, and which variants need it."""

    variants: tuple[Variant, ...] = ("library",)


class Noise(Shape, frozen=True, kw_only=True):
    """What a runtime itself writes on stderr, in some of its versions, and why that is excused."""

    versions: str
    stderr: str
    reason: str


class Exposure(Shape, frozen=True, kw_only=True):
    """A program that takes the secret as an argument, and why that is declared, not mended."""

    program: str
    reason: str


class Limit(Shape, frozen=True, kw_only=True):
    """A case that a runtime cannot pass, whatever the sample does, and why.

    Attributes:
        versions: how the runtime's version begins.
        libraries: library -> how its version begins, where that matters.
        cases: the names of the cases.
        always: whether the fault shows in every run; else a run without it is no error.
    """

    versions: str
    libraries: dict[str, str] = {}
    cases: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    always: bool = True
    reason: str


class Rebased(Shape, frozen=True, kw_only=True):
    """What a toolchain needs to trust `{ca}` where nothing lies over the system's own bundle."""

    environment: dict[str, str] = {}
    run: Command | None = None


class Toolchain(Shape, frozen=True, kw_only=True):
    """One way to run a language's samples.

    Attributes:
        runtime: the name that results carry.
        variants: the variants that it can run.
        programs: placeholder -> program looked up on PATH, or a path with `{folder}`.
        version: how the runtime's version is found; `minimum` is the least that will do.
        packages: Debian packages that bring the programs.
        locks: files of the language's folder that are copied before `install` runs.
        install: commands that bring the samples' libraries into `{folder}`.
        beside: names in `{folder}` that lie beside a sample of the variant `library`.
        prepare: commands that run once per sample, outside the sandbox, and fill `{build}`.
        trust: commands that run once, in the sandbox, to make a fresh home trust `{ca}`.
        environment: what the sample's environment needs beyond home, path and language.
        run: the command that a reader types.
        rebased: what is added to `environment` and put in the place of `run` without a sandbox.
        noise: what this runtime writes on stderr by itself.
        limits: cases that this runtime cannot pass.
        exposes: programs that take the secret as an argument.
    """

    runtime: str
    variants: tuple[Variant, ...] = VARIANTS
    programs: dict[str, str]
    version: Probe
    minimum: str = "0"
    packages: tuple[str, ...] = ()
    locks: tuple[str, ...] = ()
    install: tuple[Command, ...] = ()
    libraries: dict[str, Library] = {}
    beside: tuple[str, ...] = ()
    prepare: tuple[Command, ...] = ()
    trust: tuple[Command, ...] = ()
    environment: dict[str, str] = {}
    run: Command
    rebased: Rebased = Rebased()
    noise: tuple[Noise, ...] = ()
    limits: tuple[Limit, ...] = ()
    exposes: tuple[Exposure, ...] = ()


class LanguageShape(Shape, frozen=True, kw_only=True):
    """The file `templates/LANGUAGE/language.yml`."""

    title: str
    position: int
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
    """One language under its folder's name."""

    name: str
    folder: str
    data: LanguageShape
