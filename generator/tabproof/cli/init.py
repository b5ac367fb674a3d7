"""`tabproof init`: the first scenario, and the lines that a site needs, in another repository."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from tabproof import schema
from tabproof.cli.epilog import epilog
from tabproof.cli.mkdocs_lines import lists_pages, pages_folder, theme, with_tabproof
from tabproof.cli.reporting import reporting
from tabproof.cli.writing import Change, write
from tabproof.errors import ExitStatus, InputError
from tabproof.model.scenario_file import ScenarioShape
from tabproof.scaffold import draft
from tabproof.template_files import read_text
from tabproof.yaml_file import parse

ASSETS = Path(__file__).parent.parent / "assets/init"
EXAMPLE = "list-orders"
SITE = "mkdocs.yml"
THEME = "material"
ATTRIBUTES = (
    "# Samples are compared and published byte for byte.",
    "samples/** text eol=lf linguist-generated",
)
IGNORED = (".tabproof/",)
NEXT = (
    "Next: tabproof generate && tabproof prove --record",
    "then: mkdocs build --strict",
)


@click.command(
    epilog=epilog(
        {
            ExitStatus.DONE: "",
            ExitStatus.INVALID_INPUT: "",
            ExitStatus.UNABLE: "a file cannot be written",
        },
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
    changes = list(_changes(root, scenario))
    if not changes:
        click.echo("Nothing is missing here.", err=True)
        return
    if write(root, changes, yes=yes):
        for line in (*_left_to_do(root, changes), *NEXT):
            click.echo(line, err=True)


def _left_to_do(root: Path, changes: Iterable[Change]) -> Iterator[str]:
    """What the site still lacks: its theme and its list of pages are not edited."""
    site = read_text(root / SITE, SITE)
    if theme(site, SITE) != THEME:
        yield f"{SITE}: its `theme` is not {THEME}, whose styles the tabs need; name it."
    if lists_pages(site, SITE):
        for page in (change.path for change in changes if change.path.endswith(".md")):
            yield f"{SITE}: its `nav` does not list {page} yet; add it."


def _changes(root: Path, scenario: Path | None) -> Iterator[Change]:
    if not (root / SITE).is_file():
        raise InputError(f"there is no {SITE} here; run this beside one, or name its --root.")
    text = read_text(scenario, str(scenario)) if scenario else draft.text(draft.EXAMPLE)
    title = parse(text, ScenarioShape, str(scenario))[0].title
    name = scenario.stem if scenario else EXAMPLE
    page = f"# {title}\n\n```tabproof\nscenario: {name}\nvariant: [library, stdlib]\n```\n"
    site = read_text(root / SITE, SITE)
    new = {
        f"templates/scenarios/{name}.yml": text,
        "templates/schemas/scenario.json": schema.text("scenario"),
        f"{pages_folder(site, SITE)}/{name}.md": page,
        ".github/workflows/samples.yml": (ASSETS / "samples.yml").read_text(encoding="utf-8"),
    }
    for path, content in new.items():
        if (root / path).exists():
            click.echo(f"keep {path}: it is there already", err=True)
        else:
            yield Change(path, None, content)
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
