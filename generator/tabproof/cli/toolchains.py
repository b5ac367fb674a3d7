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
            ExitStatus.DONE: "done, also where something could not be installed",
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

    Packages come from apt on Debian and Ubuntu, and from Homebrew on macOS. What cannot be
    installed here is named, and its samples are skipped with that reason.
    """
    known = catalog_reader.load(root).languages
    for name in names:
        if name not in known:
            raise InputError(f"unknown language '{name}'; {choose(known)}.")
    languages = [known[name] for name in names or known]
    missing, manager = (
        install.missing_packages(languages, root),
        package_managers.package_manager(),
    )
    if missing:
        click.echo(f"Installing {manager.packages_title}: {' '.join(missing)}", err=True)
        words = manager.install(missing)
        if words:
            click.echo(f"Not installed, {words}; samples that need them are skipped.", err=True)
    for language in languages:
        for words in install.install_libraries(language, root, _print_language):
            click.echo(f"Not installed, {words}; samples that need it are skipped.", err=True)


def _print_language(language: Language) -> None:
    click.echo(f"Installing libraries: {language.data.title}", err=True)
