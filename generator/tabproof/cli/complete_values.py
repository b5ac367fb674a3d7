"""Complete values in the shell, from the file names of a project where they are enough.

Faults of the project are ignored: a message in the middle of a command line would not be readable.
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
    """Return click's function that completes one name, or several separated by commas."""

    def complete(
        context: click.Context, _parameter: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        before, comma, prefix = incomplete.rpartition(",") if several else ("", "", incomplete)
        root = context.find_root().params.get("root") or Path()
        try:
            matches = sorted({name for name in names(root) if name.startswith(prefix)})
        except Exception:  # noqa: BLE001 - any fault of the project
            return []
        used = before.split(",")
        return [CompletionItem(f"{before}{comma}{name}") for name in matches if name not in used]

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
    catalog = catalog_reader.load(root)
    for scenario in catalog.scenarios.values():
        yield from (case.name for case in cases_of(scenario, catalog.cases))


def _recorded_samples(root: Path) -> Iterable[str]:
    from tabproof.samples import record_files  # noqa: PLC0415 - one command alone completes these

    return record_files.samples_on_record(root)


scenarios = _completion_of(_scenarios)
recorded_samples = _completion_of(_recorded_samples)
language = _completion_of(_languages)
required = _completion_of(lambda root: (ALL, *_languages(root)))
languages = _completion_of(_languages, several=True)
variants = _completion_of(_variants, several=True)
cases = _completion_of(_cases)


def files(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """Let the shell itself complete the name of a file."""
    return [CompletionItem(incomplete, type="file")]
