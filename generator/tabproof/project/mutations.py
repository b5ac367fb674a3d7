"""Read `mutations.yml` files into mutations; each language must cover each kind of fault."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tabproof.errors import choose, located
from tabproof.model.language import VARIANTS
from tabproof.model.mutation import (
    LanguageMutationsFile,
    Mutation,
    MutationKind,
    MutationKindsFile,
    Mutations,
)
from tabproof.project.catalog_reader import template_folders
from tabproof.project.template_files import display_path
from tabproof.project.yaml_file import read_yaml
from tabproof.project.yaml_positions import Lines, line_of

FILE = "mutations.yml"


def read_mutations(root: Path, languages: Iterable[str]) -> Mutations:
    """Read the kinds, and the mutations of these languages.

    Args:
        root: the project's folder.
        languages: the names of the languages' folders.

    Raises:
        InputError: a file is missing or not right, or a language has a kind nowhere: neither as
            a mutation nor, with the reason, under `without`.
    """
    folders = template_folders(root)
    path = _first(folders, FILE)
    shape, lines = read_yaml(path, MutationKindsFile, display_path(path, root))
    for name, kind in shape.kinds.items():
        _check_pattern(kind.seen, display_path(path, root), line_of(lines, f"$.kinds.{name}.seen"))
    rows = {
        language: _rows(_first(folders, f"{language}/{FILE}"), root, shape.kinds)
        for language in languages
    }
    return Mutations(shape.kinds, rows)


def _first(folders: list[Path], name: str) -> Path:
    return next((f / name for f in folders if (f / name).is_file()), folders[0] / name)


def _rows(path: Path, root: Path, kinds: dict[str, MutationKind]) -> tuple[Mutation, ...]:
    place = display_path(path, root)
    shape, lines = read_yaml(path, LanguageMutationsFile, place)
    rows = tuple(_mutations(shape, place, lines, kinds))
    left_out = []
    for number, without in enumerate(shape.without):
        _check_kind(without.kind, kinds, place, line_of(lines, f"$.without[{number}].kind"))
        left_out += [(without.kind, variant) for variant in without.variants]
    have = [(row.kind, variant) for row in rows for variant in row.variants]
    for name in kinds:
        for variant in VARIANTS:
            if ((name, variant) in have) == ((name, variant) in left_out):
                state = (
                    "both a mutation and" if (name, variant) in have else "neither a mutation nor"
                )
                raise located(
                    place, None, f"kind '{name}' has {state} an entry under `without` in {variant}."
                )
    return rows


def _mutations(
    shape: LanguageMutationsFile, place: str, lines: Lines, kinds: dict[str, MutationKind]
) -> Iterator[Mutation]:
    for number, row in enumerate(shape.mutations):
        where = f"$.mutations[{number}]"
        _check_kind(row.kind, kinds, place, line_of(lines, f"{where}.kind"))
        kind, line = kinds[row.kind], line_of(lines, where)
        seen = kind.seen if row.seen is None else row.seen
        _check_pattern(seen, place, line_of(lines, f"{where}.seen"))
        if row.find == row.replace:
            raise located(place, line, "replaces a text by itself.")
        yield Mutation(
            place=f"{place}:{line}",
            kind=row.kind,
            variants=row.variants,
            step=row.step,
            find=row.find,
            replace=row.replace,
            occurrence=row.occurrence,
            case=row.case or kind.case,
            seen=seen,
        )


def _check_kind(name: str, kinds: dict[str, MutationKind], place: str, line: int | None) -> None:
    if name not in kinds:
        raise located(place, line, f"unknown kind '{name}'; {choose(kinds, name)}.")


def _check_pattern(pattern: str, place: str, line: int | None) -> None:
    try:
        empty = re.search(pattern, "") is not None
    except re.error as error:
        raise located(place, line, f"`{pattern}` is not a regular expression: {error}.") from error
    if empty:
        raise located(place, line, "this pattern matches every text.")
