"""`tabproof new scenario`: a scenario from answers, from options, or from a pasted command."""

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
    """The help, the manual and completion name the words; the question reads what is typed."""

    def convert(
        self, value: str, _param: click.Parameter | None, _ctx: click.Context | None, /
    ) -> str:
        """Leave it as it is: what is wrong is told in one line."""
        return value


def _options(command: Callable[..., None]) -> Callable[..., None]:
    """An option for each question."""
    for question in reversed(questions.QUESTIONS):
        words = f"{question.prompt.partition(' (')[0]}."
        kind = _UncheckedChoice(question.choices) if question.choices else str
        command = click.option(question.option, question.name, type=kind, help=words)(command)
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
@click.argument("name", cls=Argument, help=f"The scenario's: {NAME_WORDS}.")
@click.option(
    "--curl", help="A pasted command, or `-` to read it from stdin. Its token is kept nowhere."
)
@_options
@click.option(
    "--claim",
    "claims",
    multiple=True,
    help="NAME=VALUE, as in the file: aud=orders, or 'sub={credential: api_key}'; repeatable.",
)
@click.option("--header-member", "members", multiple=True, help="The same, of the token's header.")
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
    **given: str | None,
) -> None:
    """Begin a scenario: write templates/scenarios/NAME.yml, with comments that guide.

    On a terminal it asks for what no option says. With a pasted `curl` command it asks for
    nothing: request, algorithm, claims and lifetime are those of the command and its token.
    """
    path = _new_path(root, name)
    if curl == STDIN:
        curl = sys.stdin.buffer.read().decode(errors="replace")
    draft, notes = _first_draft(name, curl, given)
    for question in questions.QUESTIONS:
        value = given[question.name]
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
        raise InputError("a scenario needs a URL; say --url or --curl.")
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
            raise InputError(f"{path}: it is there already; choose another name.")
    return f"templates/scenarios/{name}.yml"


def _first_draft(
    name: str, curl: str | None, given: Mapping[str, str | None]
) -> tuple[Draft, tuple[str, ...]]:
    title = name.replace("-", " ").capitalize()
    if curl is None:
        return Draft(title=title, url=""), ()
    draft, notes = from_curl.draft_from_curl(curl_command.parse_curl(curl), title)
    if given["url"] is not None:
        raise InputError("--url: the pasted command has the URL; leave one of them out.")
    return draft, notes


def _parse_members(option: str, texts: tuple[str, ...]) -> dict[str, Any]:
    found = {}
    for each in texts:
        name, value = answers.parse_option(option, answers.read_member, each)
        found[name] = value
    return found


def _without_unused_credentials(draft: Draft) -> Draft:
    """A draft without credentials that nothing uses: a sample would ask for them in vain."""
    values = [*draft.claims.values(), *draft.header.values()]
    used = {each.get("credential") for each in values if isinstance(each, dict)}
    kept = {n: v for n, v in draft.variables.items() if n in used or n == draft.signing_key}
    return msgspec.structs.replace(draft, variables=kept)


def _check(root: Path, name: str, written: str, path: str) -> None:
    """Whether `generate` would take it."""
    made = scenarios.parse_text(name, written, f"{path} (not written)")
    known = msgspec.structs.replace(
        catalog_reader.load_without_scenarios(root), scenarios={name: made}
    )
    for _sample in Renderer(known).all():
        pass
