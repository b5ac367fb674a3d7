"""Describe the command line as HTML: every command with its options, and the exit statuses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import entry_points

import click
import msgspec

from tabproof.errors import ExitStatus
from tabproof.pages.html_templates import render

PROGRAM = "tabproof"
NOT_WRAPPED = "\b\n"
"""Click leaves the lines of a paragraph as they are that begins like this."""


def sections() -> Iterator[tuple[str, str]]:
    """Yield a heading and HTML for the program and for each command.

    The program is looked up among the entry points: what makes pages and what reads the command
    line need not know each other.
    """
    entry, *_ = entry_points(group="tabproof.command", name=PROGRAM)
    program: click.Command = entry.load()
    context = click.Context(program, info_name=PROGRAM, **program.context_settings)
    yield from _command_sections(program, context)


def _command_sections(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    yield f"`{context.command_path}`", html(command, context)
    if not isinstance(command, click.Group):
        return
    for name in command.list_commands(context):
        subcommand = command.get_command(context, name)
        if subcommand is not None and not subcommand.hidden:
            yield from _command_sections(
                subcommand, click.Context(subcommand, parent=context, info_name=name)
            )


class Paragraph(msgspec.Struct, frozen=True):
    """Hold a paragraph of a help text, or lines that are shown as they are."""

    text: str
    is_code: bool


class Row(msgspec.Struct, frozen=True):
    """Hold an argument or an option, with code between backticks."""

    name: str
    value: str
    default: str
    meaning: str


def html(command: click.Command, context: click.Context) -> str:
    """Return what a command does, its usage, its arguments and options, and its epilog."""
    # Every command has these options, so they are told of the program alone.
    hidden = ("help", "root") if context.parent else ()
    return render(
        "reference/command.html.jinja",
        description=list(_prose(command.help)),
        usage=" ".join([context.command_path, *command.collect_usage_pieces(context)]),
        rows=[_row(p, context) for p in command.get_params(context) if p.name not in hidden],
        epilog=list(_prose(command.epilog)),
    )


def exit_statuses_html() -> str:
    """Return a table with a row for each exit status and its meaning."""
    return render("reference/exit_statuses.html.jinja", statuses=ExitStatus)


def _prose(text: str | None) -> Iterator[Paragraph]:
    """Split a help text; what click does not wrap is code."""
    for paragraph in re.split(r"\n\s*\n", (text or "").strip()):
        if paragraph.startswith(NOT_WRAPPED):
            lines = paragraph.removeprefix(NOT_WRAPPED).splitlines()
            yield Paragraph("\n".join(line.strip() for line in lines), is_code=True)
        elif paragraph:
            yield Paragraph(" ".join(paragraph.split()), is_code=False)


def _row(parameter: click.Parameter, context: click.Context) -> Row:
    meaning: str = getattr(parameter, "help", None) or ""
    if isinstance(parameter, click.Option):
        name = ", ".join([*parameter.opts, *parameter.secondary_opts])
        value = "" if _is_flag(parameter) else _value(parameter)
        value += "; repeatable" if parameter.multiple and "repeatable" not in meaning else ""
    else:
        # As the usage has it: `[-- COMMAND...]` is called COMMAND.
        name = (parameter.metavar or parameter.name or "").strip("[]-. ").upper()
        value = _value(parameter) + ("; any number" if parameter.nargs < 0 else "")
        value += "" if parameter.required else "; may be left out"
    return Row(name, value, _default(parameter, context), meaning)


def _is_flag(option: click.Option) -> bool:
    return option.is_flag or option.count


def _value(parameter: click.Parameter) -> str:
    kind = parameter.type
    if isinstance(kind, click.Choice):
        return ", ".join(f"`{choice}`" for choice in kind.choices)
    if isinstance(kind, click.IntRange):
        low = "" if kind.min is None else f" from {kind.min}"
        return f"whole number{low}" + ("" if kind.max is None else f" to {kind.max}")
    if isinstance(kind, click.Path):
        return "file" if not kind.dir_okay else "folder" if not kind.file_okay else "path"
    return kind.name


def _default(parameter: click.Parameter, context: click.Context) -> str:
    default = parameter.get_default(context)
    plain = isinstance(default, (str, int)) and not isinstance(default, bool)
    return f"`{default}`" if plain and str(default) else ""
