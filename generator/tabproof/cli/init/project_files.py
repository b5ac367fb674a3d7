"""The files that a new project begins with, beside the configuration of its site."""

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
    """A project that is about to begin.

    Attributes:
        root: the folder of the site.
        folder: that of templates and samples, from there.
        repository: that of the repository, as an absolute path; None if there is none.
        scenario: the name of the first scenario.
        choice: what it has samples in; None where that is settled already.
    """

    root: Path
    site: Site
    folder: str
    repository: Path | None
    scenario: str
    choice: Choice | None

    def path(self, name: str) -> str:
        """A file of the project, from the folder of the site."""
        return posixpath.normpath(f"{self.folder}/{name}")

    @property
    def page(self) -> str:
        """The page that shows the scenario."""
        return f"{self.site.pages}/{self.scenario}.md"

    @property
    def workflow(self) -> str:
        """The workflow: GitHub reads those at the top of the repository alone."""
        above = os.path.relpath(self.repository or self.root, self.root)
        return posixpath.normpath(f"{Path(above).as_posix()}/{WORKFLOW}")

    @property
    def command(self) -> str:
        """How `tabproof` is called in the folder of the site."""
        return "tabproof" if self.folder == "." else f"tabproof --root {shlex.quote(self.folder)}"

    @property
    def build(self) -> str:
        """How the site is built."""
        return "zensical build --clean" if self.site.is_zensical else "mkdocs build --strict"


def new_files(project: Project, scenario: str, title: str) -> Iterator[Change]:
    """Yield the files that are new.

    Args:
        project: where they belong.
        scenario: the text of the scenario.
        title: that of its page.
    """
    variants = project.choice.variants if project.choice else VARIANTS
    below = "."
    if project.repository:
        below = Path(os.path.relpath(project.root.resolve(), project.repository)).as_posix()
    path = project.path(f"templates/scenarios/{project.scenario}.yml")
    yield Change(path, None, scenario, "the first scenario; make it yours")
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
    """Return the change that writes what a project has samples in; None if that is settled."""
    if project.choice is None:
        return None
    values: dict[str, object] = {"languages": list(project.choice.languages)}
    if project.choice.variants != VARIANTS:
        values["variants"] = list(project.choice.variants)
    known = settings_file.read_settings(project.root / project.folder)
    if not known.file:
        text = _rendered("tabproof.toml.jinja", values=toml_edit.lines(values))
        purpose = "the settings; the languages are among them"
        return Change(project.path(OWN_FILE), None, text, purpose)
    table = ("tool", "tabproof") if known.file == SHARED_FILE else ()
    path = project.path(known.file)
    new = toml_edit.with_values(known.text, table, values)
    if new is None:
        return Paste(path, "its settings cannot be extended here", toml_edit.lines(values))
    return Change(path, known.text, new)


def git_files(project: Project) -> Iterator[Change]:
    """Yield the changes of Git's own files, beside `samples/`."""
    for name, lines in ((".gitattributes", ATTRIBUTES), (".gitignore", IGNORED)):
        path = project.path(name)
        file = project.root / path
        old = read_text(file, path) if file.exists() else None
        new = _with_lines(old or "", lines)
        if new != old:
            yield Change(path, old, new)


def _with_lines(text: str, lines: Iterable[str]) -> str:
    """Return the text of a file with these lines at its end, but for those that it has."""
    newline = "\r\n" if "\r\n" in text else "\n"
    missing = [line for line in lines if line not in text.splitlines()]
    joint = newline if text and not text.endswith("\n") and missing else ""
    return text + joint + "".join(f"{line}{newline}" for line in missing)


def _rendered(name: str, **context: object) -> str:
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - the output is Markdown, YAML and TOML, not HTML
    )
    return environment.from_string((ASSETS / name).read_text(encoding="utf-8")).render(**context)
