"""`tabproof toolchains`: install packages and libraries that the samples need."""

from __future__ import annotations

from pathlib import Path

import click

from tabproof.cli import complete_values
from tabproof.cli.handle_errors import handle_errors
from tabproof.cli.help_text import epilog
from tabproof.errors import ExitStatus, InputError, choose
from tabproof.model.language import Language
from tabproof.project import catalog_reader
from tabproof.toolchains import install, package_managers


@click.command(
    epilog=epilog(
        {
            ExitStatus.DONE: "done, even if something could not be installed",
            ExitStatus.INVALID_INPUT: "",
        },
        "tabproof toolchains",
        "tabproof toolchains --language ruby",
    )
)
@click.option(
    "--language",
    "names",
    multiple=True,
    shell_complete=complete_values.language,
    help="Only this language; repeatable.",
)
@click.pass_obj
@handle_errors
def toolchains(root: Path, *, names: tuple[str, ...]) -> None:
    """Install what is missing for the languages: packages, then the samples' libraries.

    Packages are installed with apt on Debian and Ubuntu, and with Homebrew on macOS. What cannot
    be installed is listed; samples that need it are skipped.
    """
    available = catalog_reader.load(root).languages
    for name in names:
        if name not in available:
            raise InputError(f"unknown language '{name}'; {choose(available)}.")
    languages = [available[name] for name in names or available]
    missing, manager = (
        install.missing_packages(languages, root),
        package_managers.package_manager(),
    )
    if missing:
        click.echo(f"Installing {manager.packages_title}: {' '.join(missing)}", err=True)
        reason = manager.install(missing)
        if reason:
            click.echo(f"Not installed, {reason}; samples that need them are skipped.", err=True)
    for language in languages:
        for reason in install.install_libraries(language, root, _print_language):
            click.echo(f"Not installed, {reason}; samples that need it are skipped.", err=True)


def _print_language(language: Language) -> None:
    click.echo(f"Installing libraries: {language.data.title}", err=True)
