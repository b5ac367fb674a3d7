"""`tabproof new language`: create the folder of a language, to be completed step by step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped] # it has no stubs
from pygments.util import ClassNotFound  # type: ignore[import-untyped] # the same

from tabproof.cli import answers, write_files
from tabproof.cli.handle_errors import handle_errors
from tabproof.cli.help_text import Argument, epilog
from tabproof.cli.new.language_files import NewLanguage, language_files
from tabproof.errors import ExitStatus, InputError
from tabproof.model.mutation import MutationKindsFile
from tabproof.project import catalog_reader, yaml_file
from tabproof.project.names import NAME_WORDS, check_new_name, is_file_name
from tabproof.project.template_files import display_path, find_file

RESERVED = (catalog_reader.PACKAGE, "scenarios", "schemas")
SCHEMAS = ("language", "language-mutations")
STEP = 10
"""The distance between the positions of two tabs, so that another one fits between them."""


@click.command(
    epilog=epilog(
        {
            ExitStatus.DONE: "",
            ExitStatus.INVALID_INPUT: "",
            ExitStatus.UNABLE: "a file cannot be written",
        },
        "tabproof new language lua",
        "tabproof new language perl --yes --extension pl --program perl",
    )
)
@click.argument("name", cls=Argument, help=f"The name of the language: {NAME_WORDS}.")
@click.option("--title", help="The title of the tab. Default: the language's name in Pygments.")
@click.option(
    "--extension", help="The file extension of a sample. Default: the first one in Pygments."
)
@click.option("--program", help="The program that runs a sample. Default: NAME.")
@click.option("--yes", is_flag=True, help="Ask nothing, and write the files.")
@click.pass_obj
@handle_errors
def language(  # noqa: PLR0913 - the options are those of the command
    root: Path,
    /,
    *,
    name: str,
    title: str | None,
    extension: str | None,
    program: str | None,
    yes: bool,
) -> None:
    """Create a language: write templates/NAME/, with comments as a guide.

    Its templates do not render until every step is written: `tabproof check` names the next step,
    and what it has to do.
    """
    _check_name(root, name)
    catalog = catalog_reader.load_without_scenarios(root)
    languages = catalog.languages | catalog.unused_languages
    if name in languages:
        raise InputError(
            f"the language '{name}' is included in Tabproof; override single files of it."
        )
    default_title, lexer, default_extension = _pygments_names(name)
    asks = not yes and write_files.is_terminal()
    new = NewLanguage(
        name=name,
        title=_option_or_answer("--title", title, default_title, answers.read_line, asks=asks),
        lexer=lexer,
        extension=_option_or_answer(
            "--extension", extension, default_extension, _parse_extension, asks=asks
        ),
        program=_option_or_answer("--program", program, name, answers.read_line, asks=asks),
        position=max(existing.data.position for existing in languages.values()) + STEP,
    )
    changes = [
        write_files.Change(f"templates/{path}", None, text)
        for path, text in language_files(new, _mutation_kinds(root))
    ]
    changes += write_files.schema_changes(root, *SCHEMAS)
    if write_files.write_new_files(root, changes, yes=yes):
        click.echo("Next: tabproof check, which names the next step to write", err=True)


def _check_name(root: Path, name: str) -> None:
    check_new_name(name, "language")
    if name in RESERVED:
        raise InputError(f"'{name}' is reserved; choose another name for the language.")
    path = f"templates/{name}"
    if (root / path).exists() or (root / path).is_symlink():
        raise InputError(f"{path}: already exists; choose another name.")


def _pygments_names(name: str) -> tuple[str, str, str]:
    """Return title, lexer and extension of a language, from Pygments where it has the language."""
    try:
        lexer = get_lexer_by_name(name)
    except ClassNotFound:
        return name.replace("-", " ").capitalize(), "text", name
    suffixes = (pattern.removeprefix("*.") for pattern in lexer.filenames)
    return lexer.name, lexer.aliases[0], next((s for s in suffixes if is_file_name(s)), name)


def _option_or_answer(
    option: str, value: str | None, default: str, read: Callable[[str], str], *, asks: bool
) -> str:
    """Return the value of an option, or the answer of a person, or the default."""
    if value is None and asks:
        return answers.ask(option.removeprefix("--").capitalize(), default, read)
    return answers.parse_option(option, read, default if value is None else value)


def _parse_extension(text: str) -> str:
    bare = text.removeprefix(".")
    if not is_file_name(bare) or "." in bare:
        raise ValueError("letters and digits, such as py")
    return bare


def _mutation_kinds(root: Path) -> dict[str, str]:
    path = find_file(catalog_reader.template_folders(root), "mutations.yml")
    if path is None:
        return {}
    kinds = yaml_file.read_yaml(path, MutationKindsFile, display_path(path, root))[0].kinds
    return {name: kind.reason for name, kind in kinds.items()}
