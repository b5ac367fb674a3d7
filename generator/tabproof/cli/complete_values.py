"""What a shell may offer for a value, from the files alone: quick, and silent where they are odd.

Nothing that is wrong with a project is told here: in the middle of a line nobody could read it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeAlias

import click
from click.shell_completion import CompletionItem

from tabproof.cli.prove_options import ALL
from tabproof.model.language import VARIANTS
from tabproof.project import catalog_reader
from tabproof.project.cases import cases_of

Complete: TypeAlias = "Callable[[click.Context, click.Parameter, str], list[CompletionItem[str]]]"


def _completion_of(names: Callable[[Path], Iterable[str]], *, several: bool = False) -> Complete:
    """Click's function for a value that is one of the names, or several with commas between."""

    def complete(
        context: click.Context, _parameter: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        before, comma, begun = incomplete.rpartition(",") if several else ("", "", incomplete)
        root = context.find_root().params.get("root") or Path()
        try:
            found = sorted({name for name in names(root) if name.startswith(begun)})
        except Exception:  # noqa: BLE001 - whatever is odd about the project
            return []
        given = before.split(",")
        return [CompletionItem(f"{before}{comma}{name}") for name in found if name not in given]

    return complete


def _scenarios(root: Path) -> Iterable[str]:
    folder = root / "templates/scenarios"
    return (path.stem for path in folder.iterdir() if path.suffix in (".yml", ".yaml"))


def _languages(root: Path) -> Iterable[str]:
    folders = catalog_reader.template_folders(root)
    return (path.parent.name for folder in folders for path in folder.glob("*/language.yml"))


def _variants(_root: Path) -> Iterable[str]:
    return VARIANTS


def _cases(root: Path) -> Iterable[str]:
    known = catalog_reader.load(root)
    for scenario in known.scenarios.values():
        yield from (case.name for case in cases_of(scenario, known.cases))


scenarios = _completion_of(_scenarios)
language = _completion_of(_languages)
required = _completion_of(lambda root: (ALL, *_languages(root)))
languages = _completion_of(_languages, several=True)
variants = _completion_of(_variants, several=True)
cases = _completion_of(_cases)


def files(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """A file, which the shell itself knows."""
    return [CompletionItem(incomplete, type="file")]
