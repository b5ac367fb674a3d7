"""`tabproof init`: begin a project beside a site, and change nothing that is not its own."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import click

from tabproof.cli import answers, complete_values
from tabproof.cli.handle_errors import handle_errors
from tabproof.cli.help_text import epilog
from tabproof.cli.init import language_choice, project_files, site_configuration, site_edits
from tabproof.cli.init.foreign_files import foreign_files, free_folder
from tabproof.cli.init.language_choice import Choice, Runnable
from tabproof.cli.init.project_files import REQUIREMENTS, Project
from tabproof.cli.init.site_configuration import NAME, TOML, Site
from tabproof.cli.init.site_edits import TABBED, Edits, Paste
from tabproof.cli.write_files import Change, is_terminal, show_changes, write_changes
from tabproof.errors import ExitStatus, InputError, choose, pluralize
from tabproof.imports import scenario_draft
from tabproof.model.language import VARIANTS, Language, Variant
from tabproof.model.scenario_file import ScenarioFile
from tabproof.project import catalog_reader, languages, settings_file
from tabproof.project.template_files import read_text
from tabproof.project.yaml_file import parse_yaml
from tabproof.samples.manifest import PLACE

EXAMPLE = "list-orders"
MOST_NAMES = 3
"""How many foreign files are named."""


@click.command(
    epilog=epilog(
        {
            ExitStatus.DONE: "",
            ExitStatus.INVALID_INPUT: "",
            ExitStatus.UNABLE: "a file cannot be written",
        },
        "tabproof init --dry-run",
        "tabproof init --yes --language python --language node",
        "tabproof init --yes --scenario templates/scenarios/list-users.yml",
    )
)
@click.option(
    "--scenario",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The first scenario, in place of a commented example.",
)
@click.option(
    "--language",
    "names",
    multiple=True,
    shell_complete=complete_values.language,
    help="A language that the project has samples in; repeatable. Default: those that this "
    "machine has.",
)
@click.option(
    "--variant",
    "variants",
    type=click.Choice(VARIANTS),
    multiple=True,
    help="A variant that it has samples in; repeatable. Default: those that can be run here.",
)
@click.option(
    "--folder",
    metavar="FOLDER",
    help="The folder for templates/ and samples/, from that of the site. Default: the site's, or "
    "tabproof/ where files that are not Tabproof's are in the way.",
)
@click.option("--dry-run", is_flag=True, help="Show everything, and write nothing.")
@click.option("--yes", is_flag=True, help="Ask nothing, and change files that are there.")
@click.pass_obj
@handle_errors
def init(  # noqa: PLR0913 - the options are those of the command
    root: Path,
    /,
    *,
    scenario: Path | None,
    names: tuple[str, ...],
    variants: tuple[Variant, ...],
    folder: str | None,
    dry_run: bool,
    yes: bool,
) -> None:
    """Begin in a repository that has a site of MkDocs or Zensical.

    Adds a scenario and a page that shows it, settings, the extension's lines in the site's
    configuration, lines in .gitattributes and .gitignore, and a workflow for GitHub. Everything
    is shown first. A file that is there is changed only when you agree, and never replaced; what
    cannot be added safely is printed, ready to paste.
    """
    asks = not yes and not dry_run and is_terminal()
    site = site_configuration.read(root)
    place = _project_folder(root, site, folder, asks=asks)
    text = (
        read_text(scenario, str(scenario))
        if scenario
        else scenario_draft.scenario_text(scenario_draft.EXAMPLE)
    )
    title = parse_yaml(text, ScenarioFile, str(scenario))[0].title
    choice = _choose_languages(root / place, names, variants, asks=asks)
    name = scenario.stem if scenario else EXAMPLE
    project = Project(root, site, place, _repository(root), name, choice)
    edits = site_edits.edits(root, site, place, project.repository)
    settings = project_files.settings(project)
    changes = [
        *_new_files(root, project_files.new_files(project, text, title)),
        *([settings] if isinstance(settings, Change) else []),
        *(Change(p, _site_text(site, p), new) for p, new in edits.texts.items()),
        *project_files.git_files(project),
    ]
    pastes = [*edits.pastes, *([settings] if isinstance(settings, Paste) else [])]
    _write_project(project, changes, edits, pastes, dry_run=dry_run, yes=yes)


def _write_project(  # noqa: PLR0913 - what is shown, and whether it is written
    project: Project,
    changes: Sequence[Change],
    edits: Edits,
    pastes: Sequence[Paste],
    *,
    dry_run: bool,
    yes: bool,
) -> None:
    if not changes and not pastes:
        click.echo("Nothing is missing here.", err=True)
        return
    for note in edits.notes:
        click.echo(f"note: {note}", err=True)
    for paste in pastes:
        click.echo(f"paste into {paste.path}, for {paste.reason}:\n\n{paste.lines}")
    if dry_run:
        show_changes(changes)
    elif changes and not write_changes(project.root, changes, yes=yes):
        return
    for line in (*_manual_steps(project, changes, pastes), *_next_steps(project)):
        click.echo(line, err=True)
    if dry_run:
        click.echo("Nothing was written (--dry-run).", err=True)


def _project_folder(root: Path, site: Site, given: str | None, *, asks: bool) -> str:
    """Return the folder of templates and samples, from that of the site."""
    if site.root is not None:
        present = posixpath.normpath(site.root)
        if given is not None and posixpath.normpath(given) != present:
            raise InputError(f"--folder: {site.name} names the folder {present}; leave it out.")
        return present
    if given is not None:
        return _checked_folder(given)
    foreign = foreign_files(root)
    if not foreign:
        return "."
    free = free_folder(root)
    shown = ", ".join(foreign[:MOST_NAMES]) + (", ..." if len(foreign) > MOST_NAMES else "")
    click.echo(
        f"note: {pluralize(len(foreign), 'file')} in samples/ and templates/ "
        f"{'is' if len(foreign) == 1 else 'are'} not Tabproof's ({shown}); its own are kept apart, "
        f"in {free}/ or another --folder.",
        err=True,
    )
    if not asks:
        return free
    return answers.ask("Folder for Tabproof's templates/ and samples/", free, _folder_answer)


def _checked_folder(text: str) -> str:
    try:
        return _folder_answer(text)
    except ValueError as error:
        raise InputError(f"--folder: write {error}; got {text!r}.") from error


def _folder_answer(text: str) -> str:
    """Return a folder below that of the site, as configurations write it."""
    path = posixpath.normpath(text.strip().replace("\\", "/"))
    if not text.strip() or path.startswith(("/", "..")) or not path.isprintable():
        raise ValueError("a folder below that of the site")
    return path


def _choose_languages(
    root: Path, names: Sequence[str], variants: Sequence[Variant], *, asks: bool
) -> Choice | None:
    """Return what a new project has samples in; None where that is settled."""
    chosen, own = settings_file.sample_scope(root), settings_file.read_settings(root)
    if own.values.languages or (root / PLACE).exists():
        if names or variants:
            option = "--language" if names else "--variant"
            place = own.place("languages") if own.values.languages else PLACE
            raise InputError(f"{option}: {place} settles it; change it there.")
        return None
    known = languages.read_all(catalog_reader.template_folders(root), root)
    given = names or (chosen.languages if chosen.source else ())
    machine = language_choice.runnable_languages(known, root)
    choice = language_choice.choose_languages(known, machine, given, variants)
    if asks and not given:
        given = _ask_languages(known, machine, choice)
        choice = language_choice.choose_languages(known, machine, given, variants)
    for name in choice.languages:
        lacking = [v for v in choice.variants if v not in machine.get(name, ())]
        if lacking:
            click.echo(
                f"note: this machine cannot run {known[name].data.title} "
                f"({' and '.join(lacking)}); `tabproof doctor` says what it lacks.",
                err=True,
            )
    if choice.variants != VARIANTS and not variants:
        other = next(variant for variant in VARIANTS if variant not in choice.variants)
        click.echo(
            f"note: `variants` has {choice.variants[0]} alone: this machine cannot run {other} in "
            f"each of these languages yet. `tabproof toolchains` installs libraries; then add "
            f"{other} to `variants`, and to the page.",
            err=True,
        )
    return choice


def _ask_languages(
    known: Mapping[str, Language], machine: Runnable, proposed: Choice
) -> tuple[str, ...]:
    """Return the languages that a person chooses."""
    titles = [known[name].data.title for name in machine]
    click.echo(f"This machine has {', '.join(titles) or 'none of the languages'}.", err=True)

    def read(text: str) -> tuple[str, ...]:
        typed = tuple(text.replace(",", " ").split())
        if not typed or not set(typed) <= set(known):
            raise ValueError(f"names with blanks between; {choose(known)}")
        return typed

    return answers.ask("Languages of the samples", " ".join(proposed.languages), read)


def _new_files(root: Path, files: Iterable[Change]) -> Iterator[Change]:
    """Yield those that are not there yet; what is there is never replaced."""
    for change in files:
        if (root / change.path).exists() or (root / change.path).is_symlink():
            click.echo(f"keep {change.path}: it is there already", err=True)
        else:
            yield change


def _site_text(site: Site, path: str) -> str:
    return next(file.text for file in site.files if file.path == path)


def _repository(root: Path) -> Path | None:
    """Return the folder of the repository that a folder is in; None if it is in none."""
    folder = root.resolve()
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), None)


def _manual_steps(
    project: Project, changes: Iterable[Change], pastes: Iterable[Paste]
) -> Iterator[str]:
    """Yield what is still to do by hand."""
    site, written = project.site, {change.path for change in changes}
    for paste in pastes:
        yield f"{paste.path}: paste the lines above."
    if site.theme != site_configuration.THEME and site.name != TOML:
        yield f"{site.name}: its `theme` is not material, whose styles the tabs need; name it."
    if TABBED in site.extensions and site.extensions[TABBED].get("alternate_style") is not True:
        yield f"{site.name}: {TABBED} needs `alternate_style: true`; write it."
    if site.lists_pages and project.page in written:
        yield f"{site.name}: its `nav` does not list {project.page} yet; add it."
    if project.workflow in written and not _requires_tabproof(project.root):
        words = "the workflow installs from it; name what builds the site, and Tabproof"
        yield f"{REQUIREMENTS}: {words}."


def _requires_tabproof(root: Path) -> bool:
    path = root / REQUIREMENTS
    return path.is_file() and NAME in read_text(path, REQUIREMENTS).lower()


def _next_steps(project: Project) -> Iterator[str]:
    command = project.command
    yield f"Next: {command} generate && {command} prove --record"
    yield f"then: {project.build}"
