"""A linter, formatter or parser of a language."""

from __future__ import annotations

from tabproof.model.command import Command, Probe, check_message_group
from tabproof.model.fields import VARIANTS, FileFormat, Variant


class DisabledRule(FileFormat, frozen=True, kw_only=True):
    """A rule that a linter leaves out, and why.

    Attributes:
        rule: the rule's name, as the linter writes it.
        reason: why it is off.
    """

    rule: str
    reason: str


class Linter(FileFormat, frozen=True, kw_only=True):
    """What a language's community checks its code with: a linter, a formatter or a parser.

    Attributes:
        name: the name that reports carry.
        variants: the variants that it reads.
        programs: placeholder -> program looked up on PATH, or a path with `{folder}`.
        version: how its version is found.
        minimum: the least version that will do.
        packages: Debian packages that bring the programs.
        homebrew: Homebrew formulae that bring them on macOS, where the system has not its own.
        locks: files of the language's folder that are copied before `install` runs.
        install: commands that bring the linter into `{folder}`, where no toolchain does.
        run: the command, in a folder that holds copies of the samples. A word `{samples}` stands
            for all of them; with `{sample}` in it the command runs once for each. `{off}` is the
            rules that are off, by `off_form`, with commas between; without any, its word is left
            out.
        environment: what it needs beyond path, home and language.
        fault: finds a fault in its output, by a pattern with the groups `line` and `words`, and
            `file`. A match with `file` alone is a heading: faults without a file are that file's.
        unavailable: finds in its output that a library cannot be had, because a registry cannot
            be reached, by a pattern with the group `words`. Then it says nothing of the sample.
        writes: it is a formatter that writes; a copy that it changes was not in its style.
        parses: it says whether a sample that does not run here is well formed.
        off: the rules that are switched off, in this one place.
        off_form: how a rule that is off is written in the command; `{rule}` is its name.
    """

    name: str
    variants: tuple[Variant, ...] = VARIANTS
    programs: dict[str, str] = {}
    version: Probe
    minimum: str = "0"
    packages: tuple[str, ...] = ()
    homebrew: tuple[str, ...] = ()
    locks: tuple[str, ...] = ()
    install: tuple[Command, ...] = ()
    run: Command
    environment: dict[str, str] = {}
    fault: str = ""
    unavailable: str = ""
    writes: bool = False
    parses: bool = False
    off: tuple[DisabledRule, ...] = ()
    off_form: str = "{rule}"

    def __post_init__(self) -> None:
        """A pattern that can find nothing would make every sample clean."""
        for key in ("fault", "unavailable"):
            try:
                check_message_group(key, getattr(self, key))
            except ValueError as error:
                raise ValueError(f"{self.name}: {error}") from error
        if self.off and not any("{off}" in word for word in self.run):
            raise ValueError(f"`run` of {self.name} has no {{off}} for the rules that are off")
