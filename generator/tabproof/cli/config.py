"""`tabproof config`: list each setting, its value, and where it comes from."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec
from click.core import ParameterSource

from tabproof.cli import columns, option_defaults
from tabproof.cli.handle_errors import handle_errors
from tabproof.cli.help_text import epilog
from tabproof.cli.suggestions import Choice
from tabproof.errors import ExitStatus
from tabproof.model.labels import ENGLISH, Labels
from tabproof.model.settings import SettingsFile
from tabproof.project import json_schema
from tabproof.project.settings_file import Settings


class Row(msgspec.Struct, frozen=True):
    """Hold a setting as a command gets it.

    Attributes:
        name: its keys in the file.
        value: None where it is not set.
        source: `default`, `file`, `environment` or `flag`.
        place: the file and the line, the variable or the flag; "" for a default.
        flag: its option on the command line; "" where there is none.
        meaning: its description.
    """

    name: str
    value: Any
    source: str
    place: str
    flag: str
    meaning: str


@click.command(
    epilog=epilog(
        {
            ExitStatus.DONE: "",
            ExitStatus.INVALID_INPUT: "invalid settings",
        },
        "tabproof config",
        "tabproof config --format json",
    )
)
@click.option(
    "--format",
    "form",
    type=Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="The format of the output.",
)
@click.pass_context
@handle_errors
def config(context: click.Context, /, *, form: str) -> None:
    """List the settings of this project, with their values and where each comes from.

    They are read from tabproof.toml, or from pyproject.toml under [tool.tabproof]. Precedence: an
    option on the command line overrides an environment variable, which overrides the file.
    """
    settings = list(rows(context.find_root()))
    if form == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(settings), indent=2))
        return
    columns.print_columns(
        (row.name, _display(row.value), row.place or row.source) for row in settings
    )


def rows(program: click.Context) -> Iterator[Row]:
    """Yield every setting, with the value that the options of the commands get."""
    for field in msgspec.structs.fields(SettingsFile):
        if field.name == "labels":
            yield from _labels(option_defaults.read_settings_of(program))
            continue
        kind = next(iter(getattr(field.type, "__args__", ())), None)
        if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
            yield _row(program, (field.name,))
            continue
        group = program.command
        command = group.get_command(program, field.name) if isinstance(group, click.Group) else None
        if command is not None:
            inner = command.make_context(field.name, [], parent=program, resilient_parsing=True)
            for own in msgspec.structs.fields(kind):
                yield _row(inner, (field.name, own.name))


def _labels(settings: Settings) -> Iterator[Row]:
    """Yield the labels that a file overrides; they have no option."""
    meanings = json_schema.attribute_descriptions(Labels)
    tables = settings.values.labels or {}
    if not tables:
        meaning = json_schema.attribute_descriptions(SettingsFile)["labels"]
        yield Row("labels", None, "default", "", "", meaning)
    for tag, labels in tables.items():
        for key, meaning in meanings.items():
            label = getattr(labels, key)
            if label != getattr(ENGLISH, key):
                place = settings.place("labels", tag, key)
                yield Row(f"labels.{tag}.{key}", label, "file", place, "", meaning)


def _row(context: click.Context, keys: tuple[str, ...]) -> Row:
    name = option_defaults.PARAMETERS.get(keys[-1], keys[-1])
    option = next(param for param in context.command.params if param.name == name)
    # Click drops an invalid value, such as a folder that does not exist.
    value = context.params[name] or context.lookup_default(name) or context.params[name]
    if isinstance(value, (list, tuple)):
        value = [str(item) for item in value] or None
    source = context.get_parameter_source(name)
    flag = option.opts[0] if isinstance(option, click.Option) else option.human_readable_name
    place = ""
    if source is ParameterSource.DEFAULT_MAP:
        place = option_defaults.read_settings_of(context).place(*keys)
    elif source is ParameterSource.ENVIRONMENT:
        place = str(option.envvar)
    elif source is ParameterSource.COMMANDLINE:
        place = flag
    return Row(
        ".".join(keys),
        str(value) if isinstance(value, Path) else value,
        SOURCES[source],
        place,
        f"{context.command_path} {flag}",
        getattr(option, "help", None) or "",
    )


SOURCES = {
    None: "default",
    ParameterSource.DEFAULT: "default",
    ParameterSource.DEFAULT_MAP: "file",
    ParameterSource.ENVIRONMENT: "environment",
    ParameterSource.COMMANDLINE: "flag",
}


def _display(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(shlex.quote(str(v)) for v in value) if isinstance(value, list) else str(value)
