"""`tabproof new language`: the folder of a language, to be filled step by step."""

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
"""Between the positions of two tabs, so that another one fits between them."""


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
@click.argument("name", cls=Argument, help=f"The language's: {NAME_WORDS}.")
@click.option("--title", help="What stands on the tab. Default: what Pygments calls it.")
@click.option("--extension", help="That of a sample's file. Default: the one that Pygments knows.")
@click.option("--program", help="What runs a sample. Default: NAME.")
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
    """Begin a language: write templates/NAME/, with comments that guide.

    Its templates do not render until each step is written: `tabproof check` says which one is
    next, and what it has to do.
    """
    _check_name(root, name)
    known = catalog_reader.load_without_scenarios(root)
    every = known.languages | known.unused_languages
    if name in every:
        words = f"the language '{name}' comes with Tabproof; override single files of it."
        raise InputError(words)
    named, lexer, usual = _pygments_names(name)
    asks = not yes and write_files.is_terminal()
    new = NewLanguage(
        name=name,
        title=_option_or_answer("--title", title, named, answers.read_line, asks=asks),
        lexer=lexer,
        extension=_option_or_answer("--extension", extension, usual, _parse_extension, asks=asks),
        program=_option_or_answer("--program", program, name, answers.read_line, asks=asks),
        position=max(each.data.position for each in every.values()) + STEP,
    )
    changes = [
        write_files.Change(f"templates/{path}", None, text)
        for path, text in language_files(new, _mutation_kinds(root))
    ]
    changes += write_files.schema_changes(root, *SCHEMAS)
    if write_files.write_new_files(root, changes, yes=yes):
        click.echo("Next: tabproof check, which names the step to write", err=True)


def _check_name(root: Path, name: str) -> None:
    check_new_name(name, "language")
    if name in RESERVED:
        raise InputError(f"'{name}' is no name of a language; write {NAME_WORDS}.")
    path = f"templates/{name}"
    if (root / path).exists() or (root / path).is_symlink():
        raise InputError(f"{path}: it is there already; choose another name.")


def _pygments_names(name: str) -> tuple[str, str, str]:
    """Title, lexer and extension of a language, as far as Pygments knows it."""
    try:
        lexer = get_lexer_by_name(name)
    except ClassNotFound:
        return name.replace("-", " ").capitalize(), "text", name
    suffixes = (pattern.removeprefix("*.") for pattern in lexer.filenames)
    return lexer.name, lexer.aliases[0], next((s for s in suffixes if is_file_name(s)), name)


def _option_or_answer(
    option: str, given: str | None, default: str, read: Callable[[str], str], *, asks: bool
) -> str:
    """What an option says, or a person, or else the default."""
    if given is None and asks:
        return answers.ask(option.removeprefix("--").capitalize(), default, read)
    return answers.parse_option(option, read, default if given is None else given)


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
