"""The command line, command by command: what `--help` says, as HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from importlib.metadata import entry_points

import click

PROGRAM = "tabproof"
NOT_WRAPPED = "\b\n"
"""Click leaves the lines of a paragraph as they are that begins like this."""

ON_ONE_LINE = ' style="white-space: nowrap"'
HEAD = "".join(f'<th scope="col">{name}</th>' for name in ("Name", "Value", "Default", "Meaning"))


def sections() -> Iterator[tuple[str, str]]:
    """A heading and HTML for the program and for each command.

    The program is looked up among the entry points: what makes pages and what reads the command
    line need not know each other.
    """
    entry, *_ = entry_points(group="tabproof.command", name=PROGRAM)
    program: click.Command = entry.load()
    context = click.Context(program, info_name=PROGRAM, **program.context_settings)
    yield from _of(program, context)


def _of(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    yield f"`{context.command_path}`", html(command, context)
    if not isinstance(command, click.Group):
        return
    for name in command.list_commands(context):
        each = command.get_command(context, name)
        if each is not None and not each.hidden:
            yield from _of(each, click.Context(each, parent=context, info_name=name))


def html(command: click.Command, context: click.Context) -> str:
    """What a command does, how it is called, its arguments and options, and its epilog."""
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    # Every command has these options, so they are told of the program alone.
    hidden = ("help", "root") if context.parent else ()
    rows = [_row(p, context) for p in command.get_params(context) if p.name not in hidden]
    table = (
        f"<table>\n<thead>\n<tr>{HEAD}</tr>\n</thead>\n<tbody>\n{''.join(rows)}</tbody>\n</table>"
    )
    parts = [*_prose(command.help), _block(usage), table if rows else ""]
    return "\n".join([*parts, *_prose(command.epilog)])


def _prose(text: str | None) -> Iterator[str]:
    """Paragraphs; one that click does not wrap is a block of code."""
    for paragraph in re.split(r"\n\s*\n", (text or "").strip()):
        if paragraph.startswith(NOT_WRAPPED):
            lines = paragraph.removeprefix(NOT_WRAPPED).splitlines()
            yield _block("\n".join(line.strip() for line in lines))
        elif paragraph:
            yield f"<p>{_marked(' '.join(paragraph.split()))}</p>"


def _block(text: str) -> str:
    return f"<pre><code>{escape(text, quote=False)}</code></pre>"


def _row(parameter: click.Parameter, context: click.Context) -> str:
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
    cells = (value, _default(parameter, context), _marked(meaning))
    head = f'<th scope="row"{ON_ONE_LINE}><code>{escape(name)}</code></th>'
    return f"<tr>{head}{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>\n"


def _is_flag(option: click.Option) -> bool:
    return option.is_flag or option.count


def _value(parameter: click.Parameter) -> str:
    kind = parameter.type
    if isinstance(kind, click.Choice):
        return ", ".join(f"<code>{escape(str(choice))}</code>" for choice in kind.choices)
    if isinstance(kind, click.IntRange):
        low = "" if kind.min is None else f" from {kind.min}"
        return f"whole number{low}" + ("" if kind.max is None else f" to {kind.max}")
    if isinstance(kind, click.Path):
        return "file" if not kind.dir_okay else "folder" if not kind.file_okay else "path"
    return escape(kind.name)


def _default(parameter: click.Parameter, context: click.Context) -> str:
    default = parameter.get_default(context)
    plain = isinstance(default, (str, int)) and not isinstance(default, bool)
    return f"<code>{escape(str(default))}</code>" if plain else ""


def _marked(text: str) -> str:
    """A text's code between backticks as HTML."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))
