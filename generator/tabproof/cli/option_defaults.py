"""Make the settings of a project the defaults of the command line, by click's `default_map`.

Settings have the same names as options: `jobs` in `[prove]` is `tabproof prove --jobs`.
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
"""Settings with paths, which are relative to the project's folder."""

PARAMETERS = {"format": "form", "pages": "paths", "scenario": "name"}
"""Setting -> the parameter of the command's function, where its name differs."""


ENVIRONMENT = {"languages": settings_file.LANGUAGES, "variants": settings_file.VARIANTS_OF}
"""Option of the program -> its environment variable."""


NO_SEARCH = f"{__name__}.here"
"""The key in a context's `meta` for: do not look for a project in the folders above."""


def parse_names(value: str | Sequence[str]) -> tuple[str, ...]:
    """Parse names separated by commas, or accept a list from a file; click's type of an option."""
    return settings_file.split_names(value) if isinstance(value, str) else tuple(value)


def find_project(context: click.Context, _option: click.Parameter, folder: Path | None) -> Path:
    """Find the project and read its settings; click's callback of `--root`.

    Faults in them are raised by `read_settings_of`: not every command uses the settings.
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
    """Return the settings that were read for a command.

    Raises:
        InputError: they are invalid.
    """
    settings: Settings | TabproofError = context.meta[__name__]
    if isinstance(settings, TabproofError):
        raise settings
    return settings


def defaults(settings: Settings, root: Path) -> dict[str, Any]:
    """Return the settings of a file in click's form: command -> option -> value.

    Args:
        settings: those of the file.
        root: the project's folder.
    """
    return _set_options(msgspec.to_builtins(settings.values), root)


def _set_options(table: Mapping[str, Any], root: Path) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            options[key] = _set_options(value, root)
        elif value is not None:
            options[PARAMETERS.get(key, key)] = _absolute(root, value) if key in PATHS else value
    return options


def _absolute(root: Path, value: Any) -> Any:
    """Return a path, or each of several, below the project's folder."""
    return str(root / value) if isinstance(value, str) else [str(root / path) for path in value]


def is_on_command_line(context: click.Context, name: str) -> bool:
    """Return whether an option was set on the command line."""
    return context.get_parameter_source(name) is ParameterSource.COMMANDLINE


def narrows_samples() -> bool:
    """Return whether this command, and not the project, chooses languages or variants."""
    program = click.get_current_context().find_root()
    sources = {program.get_parameter_source(name) for name in ("languages", "variants")}
    return bool(sources & {ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT})


def sample_scope_of(context: click.Context) -> SampleScope:
    """Return the languages and variants of the samples, by the program's own options.

    Raises:
        InputError: a variant is unknown.
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
    """Return the option or variable that has set a value; "" where it was the file."""
    if is_on_command_line(context, name):
        return f"--{name}"
    from_file = context.get_parameter_source(name) is ParameterSource.DEFAULT_MAP
    return "" if from_file else ENVIRONMENT[name]


def inherited_environment(context: click.Context) -> dict[str, str]:
    """Return the variables with which other programs use the same languages and variants."""
    root = context.find_root()
    typed_names = [name for name in ENVIRONMENT if is_on_command_line(root, name)]
    return {ENVIRONMENT[name]: ",".join(root.params[name]) for name in typed_names}
