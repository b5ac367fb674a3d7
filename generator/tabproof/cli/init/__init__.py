"""`tabproof init`: set up a project beside a site, and change nothing else of the site."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import click

from tabproof.cli import answers, complete_values, suggestions
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
"""How many foreign files are named in a note."""


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
    help="The file of the first scenario. Default: an example with comments.",
)
@click.option(
    "--language",
    "names",
    multiple=True,
    shell_complete=complete_values.language,
    help="A language of the samples; repeatable. Default: those that this machine can run.",
)
@click.option(
    "--variant",
    "variants",
    type=suggestions.Choice(VARIANTS),
    multiple=True,
    help="A variant of the samples; repeatable. Default: those that this machine can run.",
)
@click.option(
    "--folder",
    metavar="FOLDER",
    help="The folder for templates/ and samples/, relative to the site. Default: that of the "
    "site, or tabproof/ if other files are in templates/ or samples/.",
)
@click.option("--dry-run", is_flag=True, help="Show all changes; write nothing.")
@click.option("--yes", is_flag=True, help="Ask nothing; also change existing files.")
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
    """Set up Tabproof in a repository that has a site of MkDocs or Zensical.

    Adds a scenario and a page that shows it, settings, the extension's lines in the site's
    configuration, lines in .gitattributes and .gitignore, and a workflow for GitHub. All changes
    are shown first. An existing file is changed only if you agree, and never replaced; what
    cannot be added safely is printed, ready to paste.
    """
    is_interactive = not yes and not dry_run and is_terminal()
    site = site_configuration.read(root)
    project_folder = _project_folder(root, site, folder, is_interactive=is_interactive)
    text = (
        read_text(scenario, str(scenario))
        if scenario
        else scenario_draft.scenario_text(scenario_draft.EXAMPLE)
    )
    title = parse_yaml(text, ScenarioFile, str(scenario))[0].title
    choice = _choose_languages(
        root / project_folder, names, variants, is_interactive=is_interactive
    )
    name = scenario.stem if scenario else EXAMPLE
    project = Project(root, site, project_folder, _repository(root), name, choice)
    edits = site_edits.edits(root, site, project_folder, project.repository)
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
        click.echo("Nothing to do: this project is already set up.", err=True)
        return
    for note in edits.notes:
        click.echo(f"note: {note}", err=True)
    for paste in pastes:
        click.echo(f"Paste into {paste.path}, because {paste.reason}:\n\n{paste.lines}")
    if dry_run:
        show_changes(changes)
    elif changes and not write_changes(project.root, changes, yes=yes):
        return
    for line in (*_manual_steps(project, changes, pastes), *_next_steps(project)):
        click.echo(line, err=True)
    if dry_run:
        click.echo("Nothing was written (--dry-run).", err=True)


def _project_folder(root: Path, site: Site, option: str | None, *, is_interactive: bool) -> str:
    """Return the folder of templates and samples, relative to the site."""
    if site.root is not None:
        configured = posixpath.normpath(site.root)
        if option is not None and posixpath.normpath(option) != configured:
            raise InputError(
                f"--folder: {site.name} already sets the folder {configured}; leave it out."
            )
        return configured
    if option is not None:
        return _checked_folder(option)
    foreign = foreign_files(root)
    if not foreign:
        return "."
    free = free_folder(root)
    file_names = ", ".join(foreign[:MOST_NAMES]) + (", ..." if len(foreign) > MOST_NAMES else "")
    click.echo(
        f"note: {pluralize(len(foreign), 'file')} in samples/ and templates/ "
        f"{'is' if len(foreign) == 1 else 'are'} not Tabproof's ({file_names}); Tabproof's go "
        f"into {free}/ (change it with --folder).",
        err=True,
    )
    if not is_interactive:
        return free
    return answers.ask("Folder for Tabproof's templates/ and samples/", free, _folder_answer)


def _checked_folder(text: str) -> str:
    try:
        return _folder_answer(text)
    except ValueError as error:
        raise InputError(f"--folder: write {error}; got {text!r}.") from error


def _folder_answer(text: str) -> str:
    """Parse a folder below that of the site; return it with `/` and without `.`."""
    path = posixpath.normpath(text.strip().replace("\\", "/"))
    if not text.strip() or path.startswith(("/", "..")) or not path.isprintable():
        raise ValueError("a folder below that of the site")
    return path


def _choose_languages(
    root: Path, names: Sequence[str], variants: Sequence[Variant], *, is_interactive: bool
) -> Choice | None:
    """Return languages and variants of a new project; None if they are set already."""
    scope, settings = settings_file.sample_scope(root), settings_file.read_settings(root)
    if settings.values.languages or (root / PLACE).exists():
        if names or variants:
            option = "--language" if names else "--variant"
            place = settings.place("languages") if settings.values.languages else PLACE
            raise InputError(f"{option}: already set in {place}; change it there.")
        return None
    available = languages.read_all(catalog_reader.template_folders(root), root)
    requested = names or (scope.languages if scope.source else ())
    machine = language_choice.runnable_languages(available, root)
    choice = language_choice.choose_languages(available, machine, requested, variants)
    if is_interactive and not requested:
        requested = _ask_languages(available, machine, choice)
        choice = language_choice.choose_languages(available, machine, requested, variants)
    for name in choice.languages:
        not_runnable = [v for v in choice.variants if v not in machine.get(name, ())]
        if not_runnable:
            click.echo(
                f"note: this machine cannot run {available[name].data.title} "
                f"({' and '.join(not_runnable)}); `tabproof doctor` shows what is missing.",
                err=True,
            )
    if choice.variants != VARIANTS and not variants:
        other = next(variant for variant in VARIANTS if variant not in choice.variants)
        click.echo(
            f"note: `variants` is {choice.variants[0]} only: this machine cannot run {other} in "
            f"all of these languages yet. `tabproof toolchains` installs libraries; then add "
            f"{other} to `variants` and to the page.",
            err=True,
        )
    return choice


def _ask_languages(
    available: Mapping[str, Language], machine: Runnable, proposed: Choice
) -> tuple[str, ...]:
    """Ask for the languages of the samples."""
    titles = [available[name].data.title for name in machine]
    click.echo(f"This machine can run {', '.join(titles) or 'none of the languages'}.", err=True)

    def read(text: str) -> tuple[str, ...]:
        typed = tuple(text.replace(",", " ").split())
        if not typed or not set(typed) <= set(available):
            raise ValueError(f"names separated by spaces; {choose(available)}")
        return typed

    return answers.ask("Languages of the samples", " ".join(proposed.languages), read)


def _new_files(root: Path, files: Iterable[Change]) -> Iterator[Change]:
    """Yield the files that do not exist yet; existing ones are never replaced."""
    for change in files:
        if (root / change.path).exists() or (root / change.path).is_symlink():
            click.echo(f"keep {change.path}: it already exists", err=True)
        else:
            yield change


def _site_text(site: Site, path: str) -> str:
    return next(file.text for file in site.files if file.path == path)


def _repository(root: Path) -> Path | None:
    """Return the top of the Git repository that a folder is in; None if there is none."""
    folder = root.resolve()
    return next((path for path in (folder, *folder.parents) if (path / ".git").exists()), None)


def _manual_steps(
    project: Project, changes: Iterable[Change], pastes: Iterable[Paste]
) -> Iterator[str]:
    """Yield the steps that are left to do by hand."""
    site, written = project.site, {change.path for change in changes}
    for paste in pastes:
        yield f"{paste.path}: paste the lines above."
    if site.theme != site_configuration.THEME and site.name != TOML:
        yield f"{site.name}: the tabs need the styles of the theme material; set `theme`."
    if TABBED in site.extensions and site.extensions[TABBED].get("alternate_style") is not True:
        yield f"{site.name}: {TABBED} needs `alternate_style: true`; add it."
    if site.lists_pages and project.page in written:
        yield f"{site.name}: its `nav` does not list {project.page} yet; add it."
    if project.workflow in written and not _requires_tabproof(project.root):
        yield f"{REQUIREMENTS}: the workflow installs it; list what builds the site, and Tabproof."


def _requires_tabproof(root: Path) -> bool:
    path = root / REQUIREMENTS
    return path.is_file() and NAME in read_text(path, REQUIREMENTS).lower()


def _next_steps(project: Project) -> Iterator[str]:
    command = project.command
    yield f"Next: {command} generate && {command} prove --record"
    yield f"then: {project.build}"
