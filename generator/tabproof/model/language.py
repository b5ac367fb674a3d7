"""Define a language, which is one tab, with all data from its `language.yml`."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
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

EXACT_VERSION = re.compile(r"(?<![\w.])\d+(?:\.\d+)+$")

Step: TypeAlias = Literal["install", "credentials", "token", "request", "response"]
STEPS: tuple[Step, ...] = ("install", "credentials", "token", "request", "response")


class Library(Probe, frozen=True, kw_only=True):
    """Describes a library that samples use, how to find its version, and which variants need it.

    Attributes:
        variants: the variants that need it.
        builds: whether only the build needs it, so that no result names it.
    """

    variants: tuple[Variant, ...] = ("library",)
    builds: bool = False


class Noise(FileFormat, frozen=True, kw_only=True):
    """Allows what a runtime itself writes, on stderr or to a terminal, and says why.

    Attributes:
        versions: the beginning of the runtime's version; empty for all versions.
        stderr: a pattern of a message on stderr.
        terminal: a pattern of what it writes to stdout where that is a terminal.
        reason: why it is allowed.
    """

    versions: str
    stderr: str | None = None
    terminal: str | None = None
    reason: str

    def __post_init__(self) -> None:
        """Refuse an invalid pattern, and noise of both kinds or of none."""
        if (self.stderr is None) == (self.terminal is None):
            raise ValueError("give exactly one of `stderr` and `terminal`")
        for key, pattern in (("stderr", self.stderr), ("terminal", self.terminal)):
            if pattern is not None:
                compile_pattern(key, pattern)


class Head(FileFormat, frozen=True, kw_only=True):
    """Describes what the head of a sample tells its reader, so that the proof can hold it to that.

    `{minimum}` stands for the minimum version of the toolchain that runs the variant,
    `{file_name}` for the sample's file and `{scenario}` for the scenario's name.

    Attributes:
        variants: the variants that have this head.
        install: what follows `Install:`.
        run: what follows `Run:`.
        packages: the lines by which the sample itself names packages, each with its exact version.
    """

    variants: tuple[Variant, ...] = VARIANTS
    install: str
    run: str
    packages: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse unknown placeholders, and packages without an exact version."""
        for key in ("install", "run"):
            unknown = placeholder_names(getattr(self, key)) - {"minimum", "file_name", "scenario"}
            if unknown:
                raise ValueError(f"`{key}`: unknown placeholder {{{min(unknown)}}}")
        for package in self.packages:
            if not EXACT_VERSION.search(package):
                raise ValueError(f"`packages`: {package!r} does not end in an exact version")


class Leftover(FileFormat, frozen=True, kw_only=True):
    """Allows a file that a runtime itself leaves behind, such as a cache, and says why.

    Attributes:
        versions: the beginning of the runtime's version; empty for all versions.
        path: a pattern of the whole path: `/home/reader/` is the home folder, `/project/` the
            folder of the sample.
        reason: why it is allowed.
    """

    versions: str
    path: str
    reason: str

    def __post_init__(self) -> None:
        """Refuse an invalid pattern."""
        compile_pattern("path", self.path)


class Exposure(FileFormat, frozen=True, kw_only=True):
    """Allows a program to receive the secret as an argument, and says why.

    Attributes:
        program: the name of the program.
        reason: why it is allowed.
    """

    program: str
    reason: str


class Habits(msgspec.Struct, frozen=True):
    """Hold what a version of a runtime does by itself, whatever the sample does.

    Attributes:
        noise: the messages that it writes on stderr.
        exposures: the programs that may receive the secret as an argument.
        leftovers: the files that it leaves behind.
        wording: outcome of `cases.yml` -> a pattern of its error messages.
        obeys_proxy: whether it asks the proxy that the environment names.
    """

    noise: tuple[Noise, ...] = ()
    exposures: tuple[Exposure, ...] = ()
    leftovers: tuple[Leftover, ...] = ()
    wording: Mapping[str, str] = {}
    obeys_proxy: bool = False


class Limit(FileFormat, frozen=True, kw_only=True):
    """Excuses a failure that a runtime causes in some cases, whatever the sample does.

    Attributes:
        versions: the beginning of the runtime's version.
        libraries: library -> the beginning of its version, if it matters.
        variants: the variants that it is about.
        cases: the names of the cases; `{credential}` matches the name of any credential.
        seen: a pattern of the failure that the cases report. Other failures are not excused.
        refuses: in place of `seen`, whether the sample itself says that it cannot: it must then do
            what the case expects under `refused`.
        entails: patterns of further failures that this one causes. All others still fail the
            sample.
        always: whether every run fails; otherwise a run that passes is no error.
        reason: why the runtime cannot pass.
    """

    versions: str
    libraries: dict[str, str] = {}
    variants: tuple[Variant, ...] = VARIANTS
    cases: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    seen: str = ""
    refuses: bool = False
    entails: tuple[str, ...] = ()
    always: bool = True
    reason: str

    def __post_init__(self) -> None:
        """Refuse a pattern that matches every text: it would excuse everything."""
        if self.refuses and (self.seen or self.entails):
            raise ValueError("`refuses` excuses nothing: it needs neither `seen` nor `entails`")
        seen = [] if self.refuses else [("seen", self.seen)]
        for key, pattern in (*seen, *(("entails", p) for p in self.entails)):
            if compile_pattern(key, pattern).search(""):
                raise ValueError(f"`{key}`: the pattern {pattern!r} matches every text")

    @property
    def excuse(self) -> str:
        """Return why a result is skipped because of it."""
        return f"a limit of the runtime: {self.reason}"

    def covers(self, case: str) -> bool:
        """Return whether it is about the case of this name."""
        names = (re.escape(name).replace(r"\{credential\}", r"\w+") for name in self.cases)
        return any(re.fullmatch(name, case) for name in names)

    def applies_to(self, variant: Variant, version: str, libraries: Mapping[str, str]) -> bool:
        """Return whether it is about this variant, version of the runtime, and these libraries."""
        return (
            variant in self.variants
            and version.startswith(self.versions)
            and all(libraries.get(name, "").startswith(v) for name, v in self.libraries.items())
        )


class Rebased(FileFormat, frozen=True, kw_only=True):
    """Configures a toolchain to trust the certificate `{ca}` in runs without a sandbox.

    Attributes:
        environment: further environment variables.
        run: the command, if it differs.
    """

    environment: dict[str, str] = {}
    run: Command | None = None


class Toolchain(FileFormat, frozen=True, kw_only=True):
    """Describes one way to run a language's samples.

    Attributes:
        runtime: its name in results.
        variants: the variants that it can run.
        programs: placeholder -> the name of a program on PATH, or a path with `{folder}`.
        version: how to find the runtime's version.
        minimum: the minimum version.
        packages: the Debian packages that install the programs.
        homebrew: the Homebrew formulae that install them on macOS, unless macOS has its own.
        locks: files in the language's folder that are copied to `{folder}` before `install` runs.
        install: commands that install the samples' libraries into `{folder}`.
        libraries: the samples' libraries, by their names in results.
        beside: files and folders of `{folder}` that are placed beside samples of the variant
            `library`.
        prepare: commands that run once per sample and write to `{build}`, in a sandbox without a
            network. They see the sample, `{folder}` and the system, and no variable of yours.
        rebuild: quicker commands for a mutant, whose `{build}` begins as a copy of `{original}`,
            the build of the sample itself. Without them, `prepare` builds the mutant too.
        caches: folders in `{folder}` that `prepare` and `rebuild` may write to as well. What a
            build leaves there is used by other builds: only for compilers that execute nothing of
            a sample.
        fault: a pattern that matches an error in the output of `prepare`, with the group `words`
            (the message) and, optionally, `line`.
        unavailable: a pattern that matches, in that output, that a library cannot be downloaded
            because a registry cannot be reached, with the group `words` (the message). The sample
            is then skipped.
        trust: commands that run once, in the sandbox, so that a new home folder trusts `{ca}`.
        environment: further environment variables of samples, beside PATH, HOME and the locale.
        run: the command that a reader types.
        rebased: what differs in runs without a sandbox.
        noise: messages that this runtime itself writes on stderr.
        wording: outcome of `cases.yml` -> a pattern of this runtime's own message, which replaces
            the outcome's `stderr_has`.
        limits: cases that this runtime cannot pass.
        exposes: programs that may receive the secret as an argument.
        leaves: files that this runtime itself leaves behind.
        obeys_proxy: the variants whose HTTP client asks the proxy that the environment names.
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
    rebuild: tuple[Command, ...] = ()
    caches: tuple[str, ...] = ()
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
    leaves: tuple[Leftover, ...] = ()
    obeys_proxy: tuple[Variant, ...] = ()

    def __post_init__(self) -> None:
        """Refuse patterns without the group of the message, and those that match every text."""
        for key in ("fault", "unavailable"):
            check_message_group(key, getattr(self, key))
        for outcome, pattern in self.wording.items():
            if compile_pattern(f"wording.{outcome}", pattern).search(""):
                raise ValueError(f"`wording.{outcome}`: the pattern {pattern!r} matches every text")

    def limit(
        self, case: str, variant: Variant, version: str, libraries: Mapping[str, str]
    ) -> Limit | None:
        """Return why a variant cannot pass the case of this name in this version, if so."""
        covering = (limit for limit in self.limits if limit.covers(case))
        return next((x for x in covering if x.applies_to(variant, version, libraries)), None)


class Imports(FileFormat, frozen=True, kw_only=True):
    """Describes the order of the imports that templates name with the filter `uses`.

    Attributes:
        groups: patterns of lines, in blocks with a blank line between them. An import goes to the
            first group whose pattern matches it; in a group, imports are sorted.
    """

    groups: tuple[tuple[str, ...], ...] = (("",),)

    def __post_init__(self) -> None:
        """Refuse an invalid pattern."""
        for pattern in itertools.chain(*self.groups):
            compile_pattern("groups", pattern)

    def ordered(self, lines: Iterable[str]) -> str:
        """Return imports in their order, each on a line of its own."""
        left, blocks = sorted(lines, key=lambda line: line.rstrip(";")), []
        for patterns in (*self.groups, ("",)):
            block = []
            for pattern in patterns:
                found = [line for line in left if re.search(pattern, line)]
                left = [line for line in left if line not in found]
                block += found
            blocks.append("\n".join(block))
        return "\n\n".join(filter(None, blocks))


class HeadLines(msgspec.Struct, frozen=True):
    """Hold what the head of one sample tells its reader."""

    install: str
    variables: str
    run: str
    packages: tuple[str, ...]


class LanguageFile(FileFormat, frozen=True, kw_only=True):
    """Describes the file `templates/LANGUAGE/language.yml`.

    Attributes:
        title: the title of the tab.
        position: the order of the tabs: lower numbers stand further left.
        on_request: whether its tab is shown only where a fence names the language.
        lexer: the Pygments lexer for syntax highlighting.
        file_name: a format of a sample's file name with `{kebab}`, `{snake}` or `{pascal}`: the
            scenario's name in that case.
        comment_forbids: texts that would end or break a comment.
        identifiers: how names are spelt.
        notations: how values are written, by their place; `default` is the code itself.
        imports: the order of what its templates import.
        heads: what the heads of its samples tell the reader.
        toolchains: the ways to run its samples; each one that is installed runs the samples of
            its variants.
        linters: its linters, formatters and parsers.
    """

    title: str
    position: int
    on_request: bool = False
    lexer: str
    file_name: str
    comment_forbids: tuple[str, ...] = ()
    identifiers: Identifiers
    notations: dict[str, Notation]
    imports: Imports = Imports()
    heads: tuple[Head, ...] = ()
    toolchains: tuple[Toolchain, ...]
    linters: tuple[Linter, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a language without the notation `default`."""
        if "default" not in self.notations:
            raise ValueError("`notations` needs the key `default`")

    def head(
        self, variant: Variant, scenario: str, variables: Iterable[str], file_name: str
    ) -> HeadLines | None:
        """Return the head of a variant's sample; None where `heads` has none for it.

        Args:
            variant: the variant.
            scenario: the scenario's name.
            variables: its environment variables.
            file_name: the name of the sample's file.
        """
        head = next((each for each in self.heads if variant in each.variants), None)
        if head is None:
            return None
        minimum = next(t.minimum for t in self.toolchains if variant in t.variants)
        values = {"minimum": minimum, "file_name": file_name, "scenario": scenario}
        return HeadLines(
            head.install.format_map(values),
            " and ".join(variables),
            head.run.format_map(values),
            head.packages,
        )

    @property
    def syntax(self) -> Linter | None:
        """Return the linter that parses samples which cannot be run; None without one."""
        return next((linter for linter in self.linters if linter.parses), None)


class Language(msgspec.Struct, frozen=True):
    """Hold a language with the name of its folder.

    Attributes:
        files: path within the language's folder -> the file: the project's own, or the packaged
            one. Commands in `data` contain these paths instead of `{language}/NAME`.
        results_digest: the digest of all that results of its samples depend on: how a sample is
            built and run, and what is excused. The same on every machine.
    """

    name: str
    files: dict[str, str]
    data: LanguageFile
    results_digest: str = ""

    def files_in(self, command: Collection[str]) -> list[str]:
        """Return those of its files that a command names."""
        return [file for file in self.files.values() if any(file in word for word in command)]


LANGUAGE = "language"
"""The placeholder of the language's folder; the name of a file follows."""

COMMON = frozenset({"folder", "tabproof_python"})
"""In every command: the folder for installations, and the Python that runs Tabproof."""

PREPARING = frozenset({"folder", "sample", "build", "stem", LANGUAGE})
TRUSTING = frozenset({"folder", "ca", "build"})
RUNNING = TRUSTING | {"file", "stem"}
"""In commands that run a sample in the sandbox."""

LINTING = COMMON | {"off", "work"}
PARSING = COMMON | {"sample", LANGUAGE}

PlacedMessage: TypeAlias = tuple[str, str]
"""A place (`$.toolchains[0].run[1]`) and the message about it."""


def unknown_placeholders(language: LanguageFile) -> Iterator[PlacedMessage]:
    """Yield a message for each unknown placeholder, in the order of the file's keys."""
    for number, toolchain in enumerate(language.toolchains):
        yield from _unknown_in_toolchain(f"$.toolchains[{number}]", toolchain)
    for number, linter in enumerate(language.linters):
        yield from _unknown_in_linter(f"$.linters[{number}]", linter)


def _unknown_in_toolchain(place: str, toolchain: Toolchain) -> Iterator[PlacedMessage]:
    programs = set(toolchain.programs)
    # Programs in `{folder}` do not exist before `install` has run.
    on_path = {name for name, program in toolchain.programs.items() if "{" not in program}
    probes = {name: {"run": library.run} for name, library in toolchain.libraries.items()}
    for key, value, names in (
        ("programs", toolchain.programs, COMMON),
        ("version.run", toolchain.version.run, COMMON | programs | {LANGUAGE}),
        ("install", toolchain.install, COMMON | on_path | {LANGUAGE}),
        ("libraries", probes, COMMON | programs | {LANGUAGE}),
        ("prepare", toolchain.prepare, PREPARING | programs),
        ("rebuild", toolchain.rebuild, PREPARING | programs | {"original"}),
        ("trust", toolchain.trust, TRUSTING | programs),
        ("environment", toolchain.environment, RUNNING | programs),
        ("run", toolchain.run, RUNNING | programs),
        ("rebased.environment", toolchain.rebased.environment, RUNNING | programs),
        ("rebased.run", toolchain.rebased.run, RUNNING | programs),
    ):
        yield from _unknown_in_value(f"{place}.{key}", value, names)


def _unknown_in_linter(place: str, linter: Linter) -> Iterator[PlacedMessage]:
    programs = set(linter.programs)
    on_path = {name for name, program in linter.programs.items() if "{" not in program}
    linting = LINTING | programs | {"sample", "samples", LANGUAGE}
    for key, value, names in (
        ("programs", linter.programs, COMMON),
        ("version.run", linter.version.run, COMMON | programs | {LANGUAGE}),
        ("install", linter.install, COMMON | on_path | {LANGUAGE}),
        ("run", linter.run, PARSING | programs if linter.parses else linting),
        ("environment", linter.environment, LINTING | programs),
        ("off_form", linter.off_form, {"rule"}),
    ):
        yield from _unknown_in_value(f"{place}.{key}", value, names)


def _unknown_in_value(place: str, value: Any, names: Collection[str]) -> Iterator[PlacedMessage]:
    """Yield a message for each unknown placeholder in a text, a list or a mapping."""
    if isinstance(value, Mapping):
        for key, member in value.items():
            yield from _unknown_in_value(f"{place}.{key}", member, names)
    elif isinstance(value, tuple):
        for number, member in enumerate(value):
            yield from _unknown_in_value(f"{place}[{number}]", member, names)
    elif value is not None:
        try:
            unknown = sorted(placeholder_names(value) - set(names))
        except ValueError as error:
            yield place, f"`{place[2:]}`: {value!r}: {error}; write a brace twice."
            return
        for name in unknown:
            yield place, f"`{place[2:]}`: unknown placeholder {{{name}}}; {choose(names)}."
