"""What samples could not run without, as far as `tabproof toolchains` brings it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable

from tabproof.proof.prepare.runnable_sample import RunnableSample
from tabproof.proof.prepare.toolchain_survey import ToolchainSurvey
from tabproof.toolchains import package_managers
from tabproof.toolchains.find import InstalledToolchain, MissingToolchain, select_toolchain
from tabproof.toolchains.package_managers import SANDBOX_PROGRAM, PackageManager


def installable(subjects: Iterable[RunnableSample], survey: ToolchainSurvey) -> list[str]:
    """For what it would bring something: titles of languages, and the sandbox.

    Args:
        subjects: samples, some of which could not run here.
        survey: what this machine has.
    """
    manager = package_managers.package_manager()
    lacking = [subject for subject in subjects if isinstance(subject.toolchain, str)]
    titles = [each.language.data.title for each in lacking if _brings(each, survey, manager)]
    # What has a toolchain and yet did not run has no sandbox.
    apart = any(each.toolchain == survey.missing_sandbox for each in lacking)
    sandbox = (
        apart and shutil.which(SANDBOX_PROGRAM) is None and SANDBOX_PROGRAM in manager.tool_packages
    )
    return list(
        dict.fromkeys([*titles, *(["the sandbox"] if sandbox and manager.is_available else [])])
    )


def _brings(subject: RunnableSample, survey: ToolchainSurvey, manager: PackageManager) -> bool:
    found, variant = survey.toolchains(subject.language.name), subject.sample.key.variant
    if isinstance(select_toolchain(found, variant), InstalledToolchain):
        return False
    return any(_obtainable(e, manager) for e in found if variant in e.toolchain.variants)


def _obtainable(each: InstalledToolchain | MissingToolchain, manager: PackageManager) -> bool:
    """Whether the locks or the packages of a toolchain have what is missing of it."""
    wanted = each.toolchain
    if wanted.install and isinstance(each, InstalledToolchain):
        return all(_is_there(command[0], each, manager) for command in wanted.install)
    # An interpreter of the libraries' own folder comes with them.
    own = bool(wanted.install) and any("{" in path for path in wanted.programs.values())
    return own or (manager.is_available and bool(manager.packages_for(wanted)))


def _is_there(program: str, found: InstalledToolchain, manager: PackageManager) -> bool:
    """Whether what installs the libraries is here, or comes with the packages."""
    comes = manager.is_available and program in manager.packages_for(found.toolchain)
    return program.startswith("{") or shutil.which(program) is not None or comes
