"""Install what is missing: find the packages to install, and install libraries from locks."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec
from msgspec.structs import replace

from tabproof.errors import MachineError
from tabproof.model.command import fill_command
from tabproof.model.language import Language, Toolchain
from tabproof.model.linter import Linter
from tabproof.toolchains import case_tools, find, package_managers
from tabproof.toolchains.find import InstalledToolchain, MissingToolchain, libraries_folder
from tabproof.toolchains.package_managers import SANDBOX_PROGRAM, PackageManager


def missing_packages(languages: Iterable[Language], root: Path) -> list[str]:
    """Return the packages that would bring what is missing, sorted.

    Args:
        languages: the languages to look at.
        root: the project's folder.
    """
    manager = package_managers.package_manager()
    missing_tools = case_tools.missing_tools()
    if shutil.which(SANDBOX_PROGRAM) is None:
        missing_tools.append(SANDBOX_PROGRAM)
    packages = {
        manager.tool_packages[name] for name in missing_tools if name in manager.tool_packages
    }
    for language in languages:
        for toolchain in find.find_toolchains(language, root):
            if _needs_packages(toolchain, manager):
                packages.update(manager.packages_for(toolchain.toolchain))
        for linter in language.data.linters:
            placeholders = find.base_placeholders(language, root)
            if isinstance(find.find_programs(linter, placeholders), str):
                packages.update(manager.packages_for(linter))
    return sorted(packages)


def _needs_packages(
    toolchain: InstalledToolchain | MissingToolchain, manager: PackageManager
) -> bool:
    """Return whether packages bring what is missing; what comes from the locks does not count."""
    if isinstance(toolchain, MissingToolchain):
        return True
    packages = manager.packages_for(toolchain.toolchain)
    installers = [command[0] for command in toolchain.toolchain.install]
    lacks_installer = any(name in packages and shutil.which(name) is None for name in installers)
    return bool(toolchain.missing) and (lacks_installer or not installers)


def install_libraries(
    language: Language, root: Path, begin: Callable[[Language], None] = lambda _language: None
) -> Iterator[str]:
    """Install the libraries of a language's samples from its locks; yield what failed, and why.

    Nothing is done where the same commands have installed the same locks already.

    Args:
        language: the language whose toolchains and linters need the libraries.
        root: the project's folder.
        begin: called before something is installed.

    Raises:
        MachineError: a file cannot be read or written.
    """
    folder = libraries_folder(language, root)
    tools: list[Toolchain | Linter] = [*language.data.toolchains, *language.data.linters]
    for tool in tools:
        if not tool.install:
            continue
        name = tool.name if isinstance(tool, Linter) else tool.runtime
        stamp_name = re.sub(r"[^A-Za-z0-9]+", "-", "-".join([name, *tool.variants]))
        stamp = folder / f".installed-{stamp_name}"
        try:
            content = _stamp_content(tool, language)
            if stamp.is_file() and stamp.read_bytes() == content:
                continue
            failure = _unusable_reason(tool, name, language, root)
            if not failure:
                begin(language)
                failure = _install(tool, language, root)
            if not failure:
                stamp.write_bytes(content)
        except OSError as error:
            raise MachineError(f"{error.filename or folder}: {error.strerror}.") from error
        if failure:
            yield f"{language.name}: {failure}"


def _unusable_reason(tool: Toolchain | Linter, name: str, language: Language, root: Path) -> str:
    """Return why libraries would be of no use to programs that are installed separately, or ""."""
    if any("{" in program for program in tool.programs.values()):
        return ""
    located = find.locate_programs(tool, name, language, root)
    return located if isinstance(located, str) else ""


def _install(tool: Toolchain | Linter, language: Language, root: Path) -> str:
    """Run the installing commands; return why one failed, or ""."""
    folder = libraries_folder(language, root)
    folder.mkdir(parents=True, exist_ok=True)
    for name in tool.locks:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(language.files[name], folder / name)
    placeholders = find.base_placeholders(language, root)
    # Programs in the folder are what is about to be installed.
    separate = {name: path for name, path in tool.programs.items() if "{" not in path}
    paths = find.find_programs(replace(tool, programs=separate), placeholders)
    if isinstance(paths, str):
        return paths
    for arguments in tool.install:
        command = fill_command(arguments, placeholders | paths)
        if shutil.which(command[0]) is None:
            return f"{command[0]} is not installed"
        if failure := package_managers.install_failure(command):
            return failure
    return ""


def _stamp_content(tool: Toolchain | Linter, language: Language) -> bytes:
    """Return what an installation depends on: commands, programs and locks."""
    locks = [Path(language.files[name]).read_bytes() for name in tool.locks]
    return msgspec.json.encode((tool.install, tool.programs, locks))
