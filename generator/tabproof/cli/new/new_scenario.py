"""`tabproof new scenario`: create a scenario from answers, options or a pasted command."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
import msgspec

from tabproof.cli import answers, write_files
from tabproof.cli.handle_errors import handle_errors
from tabproof.cli.help_text import Argument, epilog
from tabproof.cli.new import questions
from tabproof.errors import ExitStatus, InputError
from tabproof.imports import curl_command, from_curl
from tabproof.imports.scenario_draft import Draft, scenario_text
from tabproof.project import catalog_reader, scenarios
from tabproof.project.names import NAME_WORDS, check_new_name
from tabproof.render.renderer import Renderer

STDIN = "-"


class _UncheckedChoice(click.Choice):  # type: ignore[type-arg] # older releases of click have none
    """List choices in the help, the docs and completions; the question checks what is typed."""

    def convert(
        self, value: str, _param: click.Parameter | None, _ctx: click.Context | None, /
    ) -> str:
        """Return it unchanged: the question reports an invalid value in one line."""
        return value


def _options(command: Callable[..., None]) -> Callable[..., None]:
    """Add an option for each question to a command."""
    for question in reversed(questions.QUESTIONS):
        help_text = f"{question.prompt.partition(' (')[0]}."
        kind = _UncheckedChoice(question.choices) if question.choices else str
        command = click.option(question.option, question.name, type=kind, help=help_text)(command)
    return command


@click.command(
    epilog=epilog(
        {
            ExitStatus.DONE: "",
            ExitStatus.INVALID_INPUT: "",
            ExitStatus.UNABLE: "a file cannot be written",
        },
        "tabproof new scenario place-order",
        "tabproof new scenario list-orders --yes --url https://api.shop.example/v1/orders",
        "tabproof new scenario list-carts --yes --curl - < pasted.txt",
    )
)
@click.argument("name", cls=Argument, help=f"The name of the scenario: {NAME_WORDS}.")
@click.option(
    "--curl", help="A pasted `curl` command, or `-` to read it from stdin. Its token is not stored."
)
@_options
@click.option(
    "--claim",
    "claims",
    multiple=True,
    help="NAME=VALUE, as in the file: aud=orders, or 'sub={credential: api_key}'; repeatable.",
)
@click.option(
    "--header-member", "members", multiple=True, help="The same, for the header of the token."
)
@click.option("--yes", is_flag=True, help="Ask nothing, and write the file.")
@click.pass_obj
@handle_errors
def scenario(  # noqa: PLR0913 - the options are those of the command
    root: Path,
    /,
    *,
    name: str,
    curl: str | None,
    claims: tuple[str, ...],
    members: tuple[str, ...],
    yes: bool,
    **values: str | None,
) -> None:
    """Create a scenario: write templates/scenarios/NAME.yml, with comments as a guide.

    On a terminal, it asks for values without an option. In scripts, pass options. With a pasted
    `curl` command there are no questions: request, algorithm, claims and lifetime are taken from
    the command and its token.
    """
    path = _new_path(root, name)
    if curl == STDIN:
        curl = sys.stdin.buffer.read().decode(errors="replace")
    draft, notes = _first_draft(name, curl, values)
    for question in questions.QUESTIONS:
        value = values[question.name]
        if value is not None:
            draft = questions.with_option(question, draft, value)
        elif curl is None and not yes and write_files.is_terminal() and question.is_asked(draft):
            draft = questions.with_answer(question, draft)
    draft = msgspec.structs.replace(
        draft,
        claims=draft.claims | _parse_members("--claim", claims),
        header=draft.header | _parse_members("--header-member", members),
    )
    if not draft.url:
        raise InputError("a scenario needs a URL; use --url or --curl.")
    written = scenario_text(_without_unused_credentials(draft))
    _check(root, name, written, path)
    for note in notes:
        click.echo(f"note: {note}", err=True)
    changes = [
        write_files.Change(path, None, written),
        *write_files.schema_changes(root, "scenario"),
    ]
    if write_files.write_new_files(root, changes, yes=yes):
        click.echo("Next: tabproof generate", err=True)
        click.echo(f"then: tabproof prove --scenario {name} --case success", err=True)


def _new_path(root: Path, name: str) -> str:
    check_new_name(name, "scenario")
    for suffix in (".yml", ".yaml"):
        path = f"templates/scenarios/{name}{suffix}"
        if (root / path).exists() or (root / path).is_symlink():
            raise InputError(f"{path}: already exists; choose another name.")
    return f"templates/scenarios/{name}.yml"


def _first_draft(
    name: str, curl: str | None, values: Mapping[str, str | None]
) -> tuple[Draft, tuple[str, ...]]:
    title = name.replace("-", " ").capitalize()
    if curl is None:
        return Draft(title=title, url=""), ()
    draft, notes = from_curl.draft_from_curl(curl_command.parse_curl(curl), title)
    if values["url"] is not None:
        raise InputError("--url and --curl cannot be combined; leave one of them out.")
    return draft, notes


def _parse_members(option: str, texts: tuple[str, ...]) -> dict[str, Any]:
    return dict(answers.parse_option(option, answers.read_member, text) for text in texts)


def _without_unused_credentials(draft: Draft) -> Draft:
    """Return a draft without unused credentials, which a sample would read for nothing."""
    values = [*draft.claims.values(), *draft.header.values()]
    used = {value.get("credential") for value in values if isinstance(value, dict)}
    used.add(draft.signing_key)
    variables = {name: variable for name, variable in draft.variables.items() if name in used}
    return msgspec.structs.replace(draft, variables=variables)


def _check(root: Path, name: str, written: str, path: str) -> None:
    """Render the scenario, so that no file is written that `generate` would refuse."""
    scenario = scenarios.parse_text(name, written, f"{path} (not written)")
    catalog = msgspec.structs.replace(
        catalog_reader.load_without_scenarios(root), scenarios={name: scenario}
    )
    for _sample in Renderer(catalog).all():
        pass
