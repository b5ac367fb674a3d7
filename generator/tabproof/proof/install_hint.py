"""Say for what `tabproof toolchains` would install something that is missing."""

from __future__ import annotations

import shutil
from collections.abc import Iterable

from tabproof.proof.prepare.runnable_sample import RunnableSample
from tabproof.proof.prepare.toolchain_survey import ToolchainSurvey
from tabproof.toolchains import package_managers
from tabproof.toolchains.find import InstalledToolchain, MissingToolchain, select_toolchain
from tabproof.toolchains.package_managers import SANDBOX_PROGRAM, PackageManager


def installable(subjects: Iterable[RunnableSample], survey: ToolchainSurvey) -> list[str]:
    """Return the titles of the languages that it would install something for, and the sandbox.

    Args:
        subjects: samples, some of which cannot run on this machine.
        survey: what this machine has.
    """
    manager = package_managers.package_manager()
    lacking = [subject for subject in subjects if isinstance(subject.toolchain, str)]
    titles = [s.language.data.title for s in lacking if _installs(s, survey, manager)]
    # A sample that has a toolchain and cannot run lacks the sandbox.
    lacks_sandbox = any(s.toolchain == survey.missing_sandbox for s in lacking)
    sandbox = (
        lacks_sandbox
        and shutil.which(SANDBOX_PROGRAM) is None
        and SANDBOX_PROGRAM in manager.tool_packages
    )
    return list(
        dict.fromkeys([*titles, *(["the sandbox"] if sandbox and manager.is_available else [])])
    )


def _installs(subject: RunnableSample, survey: ToolchainSurvey, manager: PackageManager) -> bool:
    toolchains = survey.toolchains(subject.language.name)
    variant = subject.sample.key.variant
    if isinstance(select_toolchain(toolchains, variant), InstalledToolchain):
        return False
    return any(_is_installable(t, manager) for t in toolchains if variant in t.toolchain.variants)


def _is_installable(
    candidate: InstalledToolchain | MissingToolchain, manager: PackageManager
) -> bool:
    """Return whether the locks or the packages of a toolchain have what is missing of it."""
    toolchain = candidate.toolchain
    if toolchain.install and isinstance(candidate, InstalledToolchain):
        return all(_has_installer(c[0], candidate, manager) for c in toolchain.install)
    # An interpreter of the libraries' own folder comes with them.
    own = bool(toolchain.install) and any("{" in path for path in toolchain.programs.values())
    return own or (manager.is_available and bool(manager.packages_for(toolchain)))


def _has_installer(program: str, toolchain: InstalledToolchain, manager: PackageManager) -> bool:
    """Return whether the program that installs the libraries is here or is in the packages."""
    is_in_packages = manager.is_available and program in manager.packages_for(toolchain.toolchain)
    return program.startswith("{") or shutil.which(program) is not None or is_in_packages
