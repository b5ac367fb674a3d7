"""Install packages with the machine's package manager: apt (Debian, Ubuntu), Homebrew (macOS).

Which package has a program is data: language files name it, for each package manager.
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
"""An interrupted dpkg needs time to finish; otherwise the user has to repair its state."""

SANDBOX_PROGRAM = "bwrap"
FETCH_WARNING = "W: Failed to fetch"


class PackageManager(msgspec.Struct, frozen=True):
    """Describe a package manager.

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
        """Return whether it is installed."""
        return shutil.which(self.program) is not None

    def hint(self, tool: Toolchain | Linter) -> str:
        """Return the packages that have a tool, in parentheses; "" where there are none."""
        names = self.packages_for(tool)
        return f" ({self.title}: {' '.join(names)})" if names else ""


def package_manager() -> PackageManager:
    """Return the package manager of this machine."""
    if sys.platform == "darwin" or (not shutil.which("apt-get") and _brew()):
        return HOMEBREW
    return DEBIAN


def homebrew_folders(tool: Toolchain | Linter) -> list[str]:
    """Return the folders of programs that Homebrew keeps out of PATH (it calls them keg-only).

    They take precedence over PATH: the Ruby that macOS has, for example, is years old.
    """
    brew = _brew() if sys.platform == "darwin" else None
    if brew is None:
        return []
    kegs = (Path(brew).parent.parent / "opt" / name / "bin" for name in tool.homebrew)
    return [str(keg) for keg in kegs if keg.is_dir()]


def install_failure(command: list[str], environment: Mapping[str, str] | None = None) -> str:
    """Run an installing command; return why it failed, or ""."""
    return _run(command, environment)[0]


def _run(command: list[str], environment: Mapping[str, str] | None = None) -> tuple[str, str]:
    """Run an installing command; return why it failed (or ""), and its output."""
    setting = processes.ProcessSettings(
        environment=environment, grace_seconds=GRACE_SECONDS, own_session=False
    )
    try:
        if environment is None:
            result = processes.run_tool(command, INSTALL_SECONDS, setting)
        else:  # a package manager's helpers, which run as other users, would not see the folder
            result = processes.run(command, INSTALL_SECONDS, setting=setting)
    except OSError as error:
        return f"{command[0]} cannot be started: {error.strerror}", ""
    if result.killed:
        return f"`{' '.join(command)}` was stopped: {result.killed}", ""
    output = (result.stdout + result.stderr).decode(errors="replace")
    if not result.exit_status:
        return "", output
    cause = failure_cause(output) or f"exit status {result.exit_status}"
    return f"`{' '.join(command)}` failed: {cause}", output


def _install_debian(packages: list[str]) -> str:
    """Install Debian packages; return which ones this release does not have, or what failed."""
    apt = shutil.which("apt-get")
    if apt is None:
        return "this machine has no apt-get"
    start = [apt]
    if os.geteuid() != 0:
        sudo = shutil.which("sudo")
        if sudo is None:
            return "installing needs root, and sudo is not installed"
        start = [sudo, "-n", apt]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    failure, output = _run([*start, "update"], environment)
    if failure:
        return failure
    # apt only warns about an index that it could not fetch, but packages are missing because of it.
    warnings = "".join(
        f"; {failure_cause(line)}" for line in output.splitlines() if FETCH_WARNING in line
    )
    available = [name for name in packages if not install_failure(["apt-cache", "show", name])]
    install = [*start, "install", "--yes", "--no-install-recommends", *available]
    if failure := install_failure(install, environment) if available else "":
        return f"{failure}{warnings}"
    unavailable = " and ".join(sorted({*packages} - {*available}))
    return f"this release has no package {unavailable}{warnings}" if unavailable else ""


def _install_homebrew(packages: list[str]) -> str:
    """Install formulae one by one, so that one that fails does not stop the others."""
    brew = _brew()
    if brew is None:
        return "Homebrew is not installed"
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
    packages_for=lambda tool: tool.packages,
    tool_packages={SANDBOX_PROGRAM: bubblewrap.PACKAGE, **case_tools.PACKAGES},
    install=_install_debian,
)
HOMEBREW = PackageManager(
    title="Homebrew",
    program="brew",
    packages_title="Homebrew formulae",
    packages_for=lambda tool: tool.homebrew,
    tool_packages={},
    install=_install_homebrew,
)
