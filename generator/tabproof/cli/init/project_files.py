"""Make the first files of a new project, except the configuration of its site."""

from __future__ import annotations

import os
import posixpath
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path

import jinja2
import msgspec

from tabproof.cli.init import toml_edit
from tabproof.cli.init.language_choice import Choice
from tabproof.cli.init.site_configuration import Site
from tabproof.cli.init.site_edits import Paste
from tabproof.cli.write_files import Change
from tabproof.model.language import VARIANTS
from tabproof.model.settings import OWN_FILE, SHARED_FILE
from tabproof.project import json_schema, settings_file
from tabproof.project.template_files import read_text
from tabproof.samples.manifest import GIT_PATTERNS

ASSETS = Path(__file__).parent / "assets"
WORKFLOW = ".github/workflows/samples.yml"
REQUIREMENTS = "requirements.txt"
ATTRIBUTES = (
    "# Samples are compared and published byte for byte.",
    *(f"{pattern} text eol=lf linguist-generated" for pattern in GIT_PATTERNS),
)
IGNORED = (".tabproof/",)


class Project(msgspec.Struct, frozen=True):
    """Hold what the first files of a project depend on.

    Attributes:
        root: the folder of the site.
        folder: the folder of templates and samples, relative to `root`.
        repository: the top of the repository, as an absolute path; None if there is none.
        scenario: the name of the first scenario.
        choice: its languages and variants; None if they are set already.
    """

    root: Path
    site: Site
    folder: str
    repository: Path | None
    scenario: str
    choice: Choice | None

    def path(self, name: str) -> str:
        """Return the path of a file of the project, relative to the site."""
        return posixpath.normpath(f"{self.folder}/{name}")

    @property
    def page(self) -> str:
        """Return the path of the page that shows the scenario."""
        return f"{self.site.pages}/{self.scenario}.md"

    @property
    def workflow(self) -> str:
        """Return the path of the workflow: GitHub reads only those at the top of a repository."""
        above = os.path.relpath(self.repository or self.root, self.root)
        return posixpath.normpath(f"{Path(above).as_posix()}/{WORKFLOW}")

    @property
    def command(self) -> str:
        """Return the `tabproof` command for the folder of the site."""
        return "tabproof" if self.folder == "." else f"tabproof --root {shlex.quote(self.folder)}"

    @property
    def build(self) -> str:
        """Return the command that builds the site."""
        return "zensical build --clean" if self.site.is_zensical else "mkdocs build --strict"


def new_files(project: Project, scenario: str, title: str) -> Iterator[Change]:
    """Yield the files that are new.

    Args:
        project: the new project.
        scenario: the text of the scenario.
        title: the title of its page.
    """
    variants = project.choice.variants if project.choice else VARIANTS
    below = "."
    if project.repository:
        below = Path(os.path.relpath(project.root.resolve(), project.repository)).as_posix()
    path = project.path(f"templates/scenarios/{project.scenario}.yml")
    yield Change(path, None, scenario, "the first scenario, to be edited")
    path = project.path("templates/schemas/scenario.json")
    yield Change(
        path, None, json_schema.schema_text("scenario"), "the keys of a scenario, for editors"
    )
    page = _rendered("page.md.jinja", title=title, scenario=project.scenario, variants=variants)
    yield Change(project.page, None, page, "a page that shows the scenario")
    workflow = _rendered("workflow.yml.jinja", project=project, below=below)
    purpose = "a GitHub workflow that runs the samples and builds the site"
    yield Change(project.workflow, None, workflow, purpose)


def settings(project: Project) -> Change | Paste | None:
    """Return the change that sets languages and variants; None if they are set already."""
    if project.choice is None:
        return None
    values: dict[str, object] = {"languages": list(project.choice.languages)}
    if project.choice.variants != VARIANTS:
        values["variants"] = list(project.choice.variants)
    current = settings_file.read_settings(project.root / project.folder)
    if not current.file:
        text = _rendered("tabproof.toml.jinja", values=toml_edit.lines(values))
        purpose = "the settings, with the languages"
        return Change(project.path(OWN_FILE), None, text, purpose)
    table = ("tool", "tabproof") if current.file == SHARED_FILE else ()
    path = project.path(current.file)
    new = toml_edit.with_values(current.text, table, values)
    if new is None:
        return Paste(path, "its settings cannot be edited safely", toml_edit.lines(values))
    return Change(path, current.text, new)


def git_files(project: Project) -> Iterator[Change]:
    """Yield the changes of .gitattributes and .gitignore, beside `samples/`."""
    for name, lines in ((".gitattributes", ATTRIBUTES), (".gitignore", IGNORED)):
        path = project.path(name)
        file = project.root / path
        old = read_text(file, path) if file.exists() else None
        new = _with_lines(old or "", lines)
        if new != old:
            yield Change(path, old, new)


def _with_lines(text: str, lines: Iterable[str]) -> str:
    """Return the text of a file with those lines added at its end that it does not have."""
    newline = "\r\n" if "\r\n" in text else "\n"
    missing = [line for line in lines if line not in text.splitlines()]
    separator = newline if text and not text.endswith("\n") and missing else ""
    return text + separator + "".join(f"{line}{newline}" for line in missing)


def _rendered(name: str, **context: object) -> str:
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - the output is Markdown, YAML and TOML, not HTML
    )
    return environment.from_string((ASSETS / name).read_text(encoding="utf-8")).render(**context)
