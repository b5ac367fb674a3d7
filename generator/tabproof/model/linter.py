"""Define the linters, formatters and parsers of a language."""

from __future__ import annotations

from tabproof.model.command import Command, Probe, check_message_group
from tabproof.model.fields import VARIANTS, FileFormat, Variant


class DisabledRule(FileFormat, frozen=True, kw_only=True):
    """Describes a rule that is switched off, and why.

    Attributes:
        rule: the linter's name of the rule.
        reason: why it is switched off.
    """

    rule: str
    reason: str


class Linter(FileFormat, frozen=True, kw_only=True):
    """Describes a linter, a formatter or a parser.

    Attributes:
        name: its name in reports.
        variants: the variants that it checks.
        programs: placeholder -> the name of a program on PATH, or a path with `{folder}`.
        version: how to find its version.
        minimum: the minimum version.
        packages: the Debian packages that install the programs.
        homebrew: the Homebrew formulae that install them on macOS, unless macOS has its own.
        locks: files in the language's folder that are copied to `{folder}` before `install` runs.
        install: commands that install the linter into `{folder}`, unless a toolchain does.
        run: the command, in a sandbox without a network. Its working directory holds copies of the
            samples. An argument
            `{samples}` becomes all of them; with `{sample}` the command runs once for each.
            `{off}` becomes the rules that are switched off, in the form `off_form`, with commas
            between them; without such rules its argument is left out.
        environment: further environment variables, beside PATH, HOME and the locale.
        caches: folders in `{folder}` that it may write to, used by other runs of it: only where it
            executes nothing of a sample.
        fault: a pattern that matches a finding in its output, with the groups `line`, `words` (the
            message) and, optionally, `file`. A match with `file` alone is a heading for the
            findings after it.
        unavailable: a pattern that matches, in its output, that a library cannot be downloaded
            because a registry cannot be reached, with the group `words` (the message). The linter
            is then skipped.
        writes: whether it is a formatter that rewrites files; a copy that it changes is a finding.
        parses: whether it parses samples that cannot be run on this machine.
        off: the rules that are switched off.
        off_form: how the command names a rule that is switched off; `{rule}` is its name.
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
    caches: tuple[str, ...] = ()
    fault: str = ""
    unavailable: str = ""
    writes: bool = False
    parses: bool = False
    off: tuple[DisabledRule, ...] = ()
    off_form: str = "{rule}"

    def __post_init__(self) -> None:
        """Refuse patterns that cannot match a message, and rules that `run` does not switch off."""
        for key in ("fault", "unavailable"):
            try:
                check_message_group(key, getattr(self, key))
            except ValueError as error:
                raise ValueError(f"{self.name}: {error}") from error
        if self.off and not any("{off}" in word for word in self.run):
            raise ValueError(f"`run` of {self.name} has no {{off}} for the rules that are off")
