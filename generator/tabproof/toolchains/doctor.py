"""Check which toolchains, linters and sandbox are installed, and report what is missing."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from tabproof.model.language import Language, Variant
from tabproof.sandbox import isolation_choice
from tabproof.toolchains import find, package_managers
from tabproof.toolchains.find import InstalledToolchain, MissingToolchain
from tabproof.toolchains.package_managers import PackageManager


class DoctorLine(msgspec.Struct, frozen=True):
    """Hold one line of the doctor's report.

    Attributes:
        is_present: whether the subject is installed.
        optional: whether another toolchain does the work of a missing one.
    """

    subject: str
    is_present: bool
    message: str
    optional: bool = False


def examine(languages: Iterable[Language], root: Path) -> Iterator[DoctorLine]:
    """Report on the sandbox, then on each language's toolchains and linters.

    Args:
        languages: the languages to report on.
        root: the project's folder.
    """
    missing_reason = isolation_choice.missing_sandbox()
    message = missing_reason or f"bubblewrap, {shutil.which('bwrap')}"
    yield DoctorLine("sandbox", not missing_reason, message)
    manager = package_managers.package_manager()
    for language in languages:
        toolchains = find.find_toolchains(language, root)
        for toolchain in toolchains:
            if isinstance(toolchain, MissingToolchain):
                yield _missing_line(language, toolchain, toolchains, manager)
            else:
                yield from _installed_lines(language, toolchain)
        for linter in language.data.linters:
            located = find.locate_programs(linter, linter.name, language, root)
            subject = f"{language.data.title} ({linter.name})"
            if isinstance(located, str):
                message = f"{located}{manager.hint(linter)}"
                yield DoctorLine(subject, is_present=False, message=message)
            else:
                yield DoctorLine(subject, is_present=True, message=located.version)


def _missing_line(
    language: Language,
    missing: MissingToolchain,
    toolchains: list[InstalledToolchain | MissingToolchain],
    manager: PackageManager,
) -> DoctorLine:
    """Report a missing toolchain; it is optional where others can run all of its variants."""
    variants = missing.toolchain.variants
    unserved = tuple(v for v in variants if isinstance(find.select_toolchain(toolchains, v), str))
    message = f"{missing.reason}{manager.hint(missing.toolchain)}"
    subject = _subject(language, unserved or variants)
    return DoctorLine(subject, is_present=False, message=message, optional=not unserved)


def _installed_lines(language: Language, installed: InstalledToolchain) -> Iterator[DoctorLine]:
    """Report an installed toolchain: in one line, or per variant where only some can run."""
    variants = installed.toolchain.variants
    is_uniform = len({installed.unusable_reason(variant) for variant in variants}) == 1
    for group in [variants] if is_uniform else [(variant,) for variant in variants]:
        used = {name for variant in group for name in installed.libraries_for(variant)}
        libraries = [
            f"{name} {version}" for name, version in installed.libraries.items() if name in used
        ]
        message = ", ".join([f"{installed.toolchain.runtime} {installed.version}", *libraries])
        if reason := installed.unusable_reason(group[0]):
            message = f"{message}; {reason}"
        yield DoctorLine(_subject(language, group), not reason, message)


def _subject(language: Language, variants: Iterable[Variant]) -> str:
    return f"{language.data.title} ({' and '.join(variants)})"
