"""The settings of a project become the defaults of the command line, by click's own `default_map`.

A setting is called as its option is: `jobs` in `[prove]` is `tabproof prove --jobs`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec
from click.core import ParameterSource

from tabproof.errors import TabproofError
from tabproof.model.language import VARIANTS
from tabproof.project import project_folder, settings_file
from tabproof.project.settings_file import SampleScope, Settings

PATHS = frozenset({"output", "pages"})
"""Settings that name files, from the project's folder."""

PARAMETERS = {"format": "form", "pages": "paths", "scenario": "name"}
"""Setting -> the parameter of the command's function, where that has another name."""


ENVIRONMENT = {"languages": settings_file.LANGUAGES, "variants": settings_file.VARIANTS_OF}
"""Option of the program -> its variable."""


NO_SEARCH = f"{__name__}.here"
"""In the `meta` of a command line: whether no project is looked for around this folder."""


def parse_names(value: str | Sequence[str]) -> tuple[str, ...]:
    """Names with commas between them, or as a file has them; click's type of an option."""
    return settings_file.split_names(value) if isinstance(value, str) else tuple(value)


def find_project(context: click.Context, _option: click.Parameter, folder: Path | None) -> Path:
    """Find the project and read its settings; click's callback of `--root`.

    What is wrong with them is told by `of`: not every command has a use for them.
    """
    project = None if context.meta.get(NO_SEARCH) or folder else project_folder.find(Path())
    # As people would write it: what is shown of a setting begins with it.
    root = folder or (Path(os.path.relpath(project)) if project else Path())
    if not context.resilient_parsing:
        try:
            settings = settings_file.read_settings(root)
        except TabproofError as error:
            context.meta[__name__] = error
        else:
            context.meta[__name__] = settings
            context.default_map = defaults(settings, root)
    return root


def read_settings_of(context: click.Context) -> Settings:
    """The settings that were read for a command.

    Raises:
        InputError: they are not right.
    """
    found: Settings | TabproofError = context.meta[__name__]
    if isinstance(found, TabproofError):
        raise found
    return found


def defaults(settings: Settings, root: Path) -> dict[str, Any]:
    """What a file says, as click has it: command -> option -> value.

    Args:
        settings: the file's.
        root: the project's folder.
    """
    return _set_options(msgspec.to_builtins(settings.values), root)


def _set_options(table: Mapping[str, Any], root: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            found[key] = _set_options(value, root)
        elif value is not None:
            found[PARAMETERS.get(key, key)] = _absolute(root, value) if key in PATHS else value
    return found


def _absolute(root: Path, value: Any) -> Any:
    """Paths from the project's folder."""
    return str(root / value) if isinstance(value, str) else [str(root / each) for each in value]


def is_on_command_line(context: click.Context, name: str) -> bool:
    """Whether an option was given on the command line."""
    return context.get_parameter_source(name) is ParameterSource.COMMANDLINE


def sample_scope_of(context: click.Context) -> SampleScope:
    """What the project has samples in, by the program's own options.

    Raises:
        InputError: there is no such variant.
    """
    languages, variants = context.params["languages"], context.params["variants"]
    return SampleScope(
        languages or (),
        settings_file.parse_variants(variants, _place(context, "variants"))
        if variants
        else VARIANTS,
        read_settings_of(context),
        _place(context, "languages"),
    )


def _place(context: click.Context, name: str) -> str:
    """What chose, where it was no file."""
    if is_on_command_line(context, name):
        return f"--{name}"
    from_file = context.get_parameter_source(name) is ParameterSource.DEFAULT_MAP
    return "" if from_file else ENVIRONMENT[name]


def inherited_environment(context: click.Context) -> dict[str, str]:
    """The variables that make other programs see the project as this command does."""
    root = context.find_root()
    typed_names = [name for name in ENVIRONMENT if is_on_command_line(root, name)]
    return {ENVIRONMENT[name]: ",".join(root.params[name]) for name in typed_names}
