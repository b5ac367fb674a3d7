"""`tabproof init`: the first scenario, and the lines that a site needs, in another repository."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

import click
import msgspec

from tabproof import schema
from tabproof.cli.epilog import epilog
from tabproof.cli.mkdocs_lines import with_tabproof
from tabproof.cli.reporting import reporting
from tabproof.errors import InputError
from tabproof.files import write_if_changed
from tabproof.model.scenario_file import ScenarioShape
from tabproof.template_files import read_text
from tabproof.yaml_file import parse

ASSETS = Path(__file__).parent.parent / "assets/init"
EXAMPLE = "list-orders.yml"
SITE = "mkdocs.yml"
ATTRIBUTES = (
    "# Samples are compared and published byte for byte.",
    "samples/** text eol=lf linguist-generated",
)
IGNORED = (".tabproof/",)
NEXT = (
    "Next: tabproof generate && tabproof prove --record",
    "then: mkdocs build --strict",
)


class Change(msgspec.Struct, frozen=True):
    """A file as it will be; `old` is None where there is none yet."""

    path: str
    old: str | None
    new: str


@click.command(
    epilog=epilog(
        "0 done, 2 the input is not right, 3 a file cannot be written",
        "tabproof init --yes",
        "tabproof init --yes --scenario templates/scenarios/list-users.yml",
    )
)
@click.option(
    "--scenario",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The first scenario, in place of a commented example.",
)
@click.option("--yes", is_flag=True, help="Change files that are there without asking.")
@click.pass_obj
@reporting
def init(root: Path, /, *, scenario: Path | None, yes: bool) -> None:
    """Begin in a repository that has an mkdocs.yml.

    Adds a scenario and a page that shows it, the extension's lines in mkdocs.yml, lines in
    .gitattributes and .gitignore, and an example for CI. Everything is shown first. A file that
    is there is changed only when you say so, and never replaced.
    """
    changes = list(_changes(root, scenario or ASSETS / EXAMPLE))
    if not changes:
        click.echo("Nothing is missing here.", err=True)
        return
    for change in changes:
        click.echo(_shown(change), nl=False)
    chosen = [change for change in changes if yes or change.old is None or _agreed(change)]
    if not yes and not _confirmed(f"Write {len(chosen)} of {len(changes)} files?"):
        click.echo("Nothing was written.", err=True)
        return
    for change in chosen:
        write_if_changed(root / change.path, change.new.encode())
    for line in NEXT:
        click.echo(line, err=True)


def _changes(root: Path, scenario: Path) -> Iterator[Change]:
    if not (root / SITE).is_file():
        raise InputError(f"there is no {SITE} here; run this beside one, or name its --root.")
    text = read_text(scenario, str(scenario))
    title = parse(text, ScenarioShape, str(scenario))[0].title
    name = scenario.stem
    page = f"# {title}\n\n```tabproof\nscenario: {name}\nvariant: [library, stdlib]\n```\n"
    new = {
        f"templates/scenarios/{name}.yml": text,
        "templates/schemas/scenario.json": schema.text("scenario"),
        f"docs/{name}.md": page,
        ".github/workflows/samples.yml": (ASSETS / "samples.yml").read_text(encoding="utf-8"),
    }
    for path, content in new.items():
        if (root / path).exists():
            click.echo(f"keep {path}: it is there already", err=True)
        else:
            yield Change(path, None, content)
    site = read_text(root / SITE, SITE)
    edited = {
        SITE: with_tabproof(site, SITE),
        ".gitattributes": _with_lines(root, ".gitattributes", ATTRIBUTES),
        ".gitignore": _with_lines(root, ".gitignore", IGNORED),
    }
    for path, content in edited.items():
        old = read_text(root / path, path) if (root / path).exists() else None
        if content != old:
            yield Change(path, old, content)


def _with_lines(root: Path, path: str, lines: tuple[str, ...]) -> str:
    """A file with these lines at its end, but for those that it has."""
    text = read_text(root / path, path) if (root / path).exists() else ""
    missing = [line for line in lines if line not in text.splitlines()]
    joint = "\n" if text and not text.endswith("\n") and missing else ""
    return text + joint + "".join(f"{line}\n" for line in missing)


def _shown(change: Change) -> str:
    if change.old is None:
        return f"create {change.path} ({len(change.new.splitlines())} lines)\n"
    before, after = (text.splitlines(keepends=True) for text in (change.old, change.new))
    diff = unified_diff(before, after, change.path, change.path)
    lines = (line if line.endswith("\n") else f"{line}\n" for line in diff)
    return f"change {change.path}\n{''.join(lines)}"


def _agreed(change: Change) -> bool:
    return _confirmed(f"Change {change.path}?")


def _confirmed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise InputError("nobody is there to be asked; say --yes to write all of this.")
    return click.confirm(question, default=True, err=True)
