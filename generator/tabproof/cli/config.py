"""`tabproof config`: each setting, its value, and where it comes from."""

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
    """A setting as a command finds it.

    Attributes:
        name: its keys in the file.
        value: None where nothing is settled.
        source: `default`, `file`, `environment` or `flag`.
        place: the file and the line, the variable or the flag; "" for a default.
        flag: how it is written on the command line; "" where it is not.
        meaning: what it is.
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
            ExitStatus.INVALID_INPUT: "the settings are not right",
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
    help="How to say it.",
)
@click.pass_context
@handle_errors
def config(context: click.Context, /, *, form: str) -> None:
    """List the settings of this project, with their values and where each comes from.

    They are in tabproof.toml, or in pyproject.toml under [tool.tabproof]. An option on the command
    line goes before a variable of the environment, and that before the file.
    """
    found = list(rows(context.find_root()))
    if form == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2))
        return
    columns.print_columns((row.name, _display(row.value), row.place or row.source) for row in found)


def rows(program: click.Context) -> Iterator[Row]:
    """Every setting, as the options of the program and its commands have it."""
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


def _labels(found: Settings) -> Iterator[Row]:
    """Yield the words that a file has in place of the English ones; no option has them."""
    meanings = json_schema.attribute_descriptions(Labels)
    tables = found.values.labels or {}
    if not tables:
        meaning = json_schema.attribute_descriptions(SettingsFile)["labels"]
        yield Row("labels", None, "default", "", "", meaning)
    for tag, labels in tables.items():
        for key, meaning in meanings.items():
            words = getattr(labels, key)
            if words != getattr(ENGLISH, key):
                place = found.place("labels", tag, key)
                yield Row(f"labels.{tag}.{key}", words, "file", place, "", meaning)


def _row(context: click.Context, keys: tuple[str, ...]) -> Row:
    name = option_defaults.PARAMETERS.get(keys[-1], keys[-1])
    option = next(each for each in context.command.params if each.name == name)
    # Of a value that does not fit, such as a folder that is not there, click keeps nothing.
    value = context.params[name] or context.lookup_default(name) or context.params[name]
    if isinstance(value, (list, tuple)):
        value = [str(each) for each in value] or None
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
