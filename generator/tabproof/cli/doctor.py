"""`tabproof doctor`: what this machine has for each language, and where its templates are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from os.path import commonpath
from pathlib import Path

import click

from tabproof.cli import columns
from tabproof.cli.handle_errors import handle_errors
from tabproof.cli.help_text import epilog
from tabproof.errors import ExitStatus, pluralize
from tabproof.model.language import Language
from tabproof.project import catalog_reader
from tabproof.project.template_files import display_path, find_file, is_hidden
from tabproof.toolchains import package_managers
from tabproof.toolchains.doctor import examine

MOST_NAMES = 3
"""More files than this are counted instead of named."""

SHARED = ("cases.yml", "mutations.yml", "sample.jinja")


@click.command(
    epilog=epilog(
        {
            ExitStatus.DONE: "done, even if something is missing",
            ExitStatus.INVALID_INPUT: "",
        },
        "tabproof doctor",
    )
)
@click.pass_obj
@handle_errors
def doctor(root: Path) -> None:
    """Show what this machine has for each language, what is missing, and how to install it.

    The last lines show which template files come from the project, and which from the package.
    """
    languages = catalog_reader.load(root).languages
    lines = list(examine(languages.values(), root))
    rows = [
        (
            "ok" if line.is_present else "optional" if line.optional else "missing",
            line.subject,
            line.message,
        )
        for line in lines
    ]
    rows += [("files", subject, files) for subject, files in template_source_lines(languages, root)]
    columns.print_columns(rows)
    if not all(line.is_present or line.optional for line in lines):
        title = package_managers.package_manager().title
        click.echo(f"`tabproof toolchains` installs what {title} and the locks have.", err=True)


def template_source_lines(
    languages: Mapping[str, Language], root: Path
) -> Iterator[tuple[str, str]]:
    """Yield the languages, and where their template files are.

    Args:
        languages: the languages of the project.
        root: the project's folder; paths are relative to it.
    """
    folders = catalog_reader.template_folders(root)
    shared = {name: str(find_file(folders, name) or "") for name in SHARED}
    if len(folders) == 1:
        yield "all", f"{display_path(folders[0], root)}, which is the package"
        return
    yield "all languages", _describe_files(shared, folders, root)
    packaged = False
    for language in languages.values():
        files = {name: path for name, path in language.files.items() if not is_hidden(Path(name))}
        if _own_files(files, folders):
            yield language.data.title, _describe_files(files, folders, root)
        else:
            packaged = True
    if packaged:
        yield "other languages", f"all from {folders[-1]}"


def _own_files(files: Mapping[str, str], folders: list[Path]) -> dict[str, Path]:
    """Return the files that are the project's own."""
    return {n: Path(p) for n, p in files.items() if p and Path(p).is_relative_to(folders[0])}


def _describe_files(files: Mapping[str, str], folders: list[Path], root: Path) -> str:
    own = _own_files(files, folders)
    parts = [f"{name} from {display_path(path, root)}" for name, path in sorted(own.items())]
    if len(parts) > MOST_NAMES:
        parts = [
            f"{pluralize(len(own), 'file')} from {display_path(_common_folder(own.values()), root)}"
        ]
    if len(own) < len(files):
        parts.append(f"{pluralize(len(files) - len(own), 'file')} from {folders[-1]}")
    return "; ".join(parts)


def _common_folder(paths: Iterable[Path]) -> Path:
    """Return the folder that all of these files are in."""
    return Path(commonpath([path.parent for path in paths]))
