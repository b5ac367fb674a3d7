"""The package managers that bring programs: apt on Debian and Ubuntu, Homebrew on macOS.

Which package brings a program is data: language files name it, for each manager.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from tabproof.model.language import Toolchain
from tabproof.model.linter import Linter
from tabproof.sandbox import bubblewrap
from tabproof.system import processes
from tabproof.toolchains import case_tools
from tabproof.toolchains.failure_cause import failure_cause

INSTALL_SECONDS = 1800
GRACE_SECONDS = 30
"""dpkg may be in the middle of something; what it leaves half done somebody has to mend."""

SANDBOX_PROGRAM = "bwrap"
UNFETCHED = "W: Failed to fetch"


class PackageManager(msgspec.Struct, frozen=True):
    """A package manager.

    Attributes:
        title: its name in messages that name packages.
        program: the command that installs them.
        packages_title: what its packages are called.
        packages_for: returns the packages that a language file names for a toolchain or a linter.
        tool_packages: program that runs need beside the toolchains -> its package; programs without
            a package are left out.
        install: installs packages; returns why that was not possible, or "".
    """

    title: str
    program: str
    packages_title: str
    packages_for: Callable[[Toolchain | Linter], tuple[str, ...]]
    tool_packages: Mapping[str, str]
    install: Callable[[list[str]], str]

    @property
    def is_available(self) -> bool:
        """Whether this machine has it."""
        return shutil.which(self.program) is not None

    def hint(self, wanted: Toolchain | Linter) -> str:
        """What brings a program, in brackets; "" where no package does."""
        names = self.packages_for(wanted)
        return f" ({self.title}: {' '.join(names)})" if names else ""


def package_manager() -> PackageManager:
    """The package manager of this machine."""
    if sys.platform == "darwin" or (not shutil.which("apt-get") and _brew()):
        return HOMEBREW
    return DEBIAN


def homebrew_folders(wanted: Toolchain | Linter) -> list[str]:
    """Where Homebrew has programs that it keeps out of PATH, because the system has its own.

    They go before those on PATH: macOS brings a Ruby of its own, which is years old.
    """
    brew = _brew() if sys.platform == "darwin" else None
    if brew is None:
        return []
    kegs = (Path(brew).parent.parent / "opt" / name / "bin" for name in wanted.homebrew)
    return [str(keg) for keg in kegs if keg.is_dir()]


def install_failure(command: list[str], environment: Mapping[str, str] | None = None) -> str:
    """Return why an installing command failed, in its own words; "" where it did not."""
    return _run(command, environment)[0]


def _run(command: list[str], environment: Mapping[str, str] | None = None) -> tuple[str, str]:
    """Run an installing command; return why it failed, or "", and all that it printed."""
    setting = processes.ProcessSettings(
        environment=environment, grace_seconds=GRACE_SECONDS, own_session=False
    )
    try:
        if environment is None:
            done = processes.run_tool(command, INSTALL_SECONDS, setting)
        else:  # a package manager's helpers, which run as other users, would not see the folder
            done = processes.run(command, INSTALL_SECONDS, setting=setting)
    except OSError as error:
        return f"{command[0]} cannot be started: {error.strerror}", ""
    if done.killed:
        return f"`{' '.join(command)}` was stopped: {done.killed}", ""
    output = (done.stdout + done.stderr).decode(errors="replace")
    if not done.exit_status:
        return "", output
    words = failure_cause(output) or f"exit status {done.exit_status}"
    return f"`{' '.join(command)}` failed: {words}", output


def _install_debian(packages: list[str]) -> str:
    """Install Debian packages; what a release does not have is left out, and named."""
    apt = shutil.which("apt-get")
    if apt is None:
        return "this is no Debian or Ubuntu"
    start = [apt]
    if os.geteuid() != 0:
        sudo = shutil.which("sudo")
        if sudo is None:
            return "it takes root, and there is no sudo"
        start = [sudo, "-n", apt]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    words, output = _run([*start, "update"], environment)
    if words:
        return words
    # An index that could not be fetched is a warning to apt, and the reason of what follows.
    stale = "".join(f"; {failure_cause(line)}" for line in output.splitlines() if UNFETCHED in line)
    known = [package for package in packages if not install_failure(["apt-cache", "show", package])]
    install = [*start, "install", "--yes", "--no-install-recommends", *known]
    if words := install_failure(install, environment) if known else "":
        return f"{words}{stale}"
    unknown = " and ".join(sorted({*packages} - {*known}))
    return f"this release has no package {unknown}{stale}" if unknown else ""


def _install_homebrew(packages: list[str]) -> str:
    """Install formulae one by one: one that fails keeps no other one from being installed."""
    brew = _brew()
    if brew is None:
        return "there is no Homebrew"
    environment = {**os.environ, "NONINTERACTIVE": "1", "HOMEBREW_NO_ENV_HINTS": "1"}
    failures = [
        install_failure([brew, "install", "--quiet", name], environment) for name in packages
    ]
    return "; ".join(filter(None, failures))


def _brew() -> str | None:
    return shutil.which("brew")


DEBIAN = PackageManager(
    title="Debian",
    program="apt-get",
    packages_title="Debian packages",
    packages_for=lambda wanted: wanted.packages,
    tool_packages={SANDBOX_PROGRAM: bubblewrap.PACKAGE, **case_tools.PACKAGES},
    install=_install_debian,
)
HOMEBREW = PackageManager(
    title="Homebrew",
    program="brew",
    packages_title="Homebrew formulae",
    packages_for=lambda wanted: wanted.homebrew,
    tool_packages={},
    install=_install_homebrew,
)
