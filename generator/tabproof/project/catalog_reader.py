"""Read `templates/` into validated scenarios, languages and cases.

Files in a project's own `templates/` override the packaged ones. Scenarios come from the
project only.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tabproof.model.case_file import CaseRow, CasesFile
from tabproof.model.catalog import Catalog, Fault
from tabproof.model.language import Language
from tabproof.project import languages, project_folder, scenarios, settings_file
from tabproof.project.cases import missing_example
from tabproof.project.template_files import (
    display_path,
    find_file,
    list_files,
    packaged_templates,
    read_text,
)
from tabproof.project.yaml_file import read_yaml
from tabproof.system.fingerprint import program, walk_files
from tabproof.system.kept import FOLDER, Kept

if TYPE_CHECKING:
    from jinja2 import BytecodeCache

CASES = "cases.yml"
PACKAGE = "package"
"""`package/ruby/sample.rb.jinja` is the packaged template, even if a project overrides it."""


def load(root: Path, kept: TemplateCaches | None = None, settled: Collection[str] = ()) -> Catalog:
    """Read a project's templates.

    Args:
        root: the project's folder, the one that holds `templates/`.
        kept: the caches of the last command; the caller saves them.
        settled: names of scenarios to leave out.

    Returns:
        The catalog; errors in scenarios are its `faults`.

    Raises:
        InputError: a file that concerns all scenarios is invalid; with its line.
    """
    scope = settings_file.sample_scope(root)
    project_folder.check(root)
    folder = root / project_folder.SCENARIOS
    catalog = _load_without_scenarios(root, scope, kept)
    # Reading the cache of thousands of scenarios takes longer than parsing one of them.
    parsed = kept.scenarios if kept and not settled else None
    valid, faults = scenarios.read_all(folder, root, parsed, settled)
    incomplete = {
        name: error
        for name, scenario in valid.items()
        if (error := missing_example(scenario, catalog.cases))
    }
    faults += tuple(
        Fault(name, scenarios.source_of(root, name).located(error))
        for name, error in incomplete.items()
    )
    complete = {name: valid[name] for name in valid if name not in incomplete}
    return msgspec.structs.replace(catalog, scenarios=complete, faults=faults)


def load_without_scenarios(root: Path) -> Catalog:
    """Read a project's templates without its scenarios; it need not have any.

    Raises:
        InputError: a file is invalid; with its line.
    """
    return _load_without_scenarios(root, settings_file.sample_scope(root), None)


def _load_without_scenarios(
    root: Path, scope: settings_file.SampleScope, kept: TemplateCaches | None
) -> Catalog:
    own, folders = root / "templates", template_folders(root)
    templates = kept.templates if kept else None
    cases = find_file(folders, CASES) or own / CASES
    sources, places = _sources(folders, root)
    available = languages.read_all(folders, root, templates)
    languages.check_templates(available, places)
    selected = languages.select_languages(available, scope.languages, scope.place)
    table = read_yaml(cases, CasesFile, display_path(cases, root), templates)[0]
    # A project's own cases need not have each outcome that a packaged language words.
    own_languages = {n: available[n] for n in available if (own / n / languages.FILE).exists()}
    languages.check_wording(own_languages, table.outcomes)
    return Catalog(
        scenarios={},
        languages=selected,
        cases=table,
        sources=sources,
        places=places,
        variants=scope.variants,
        unused_languages={name: available[name] for name in available if name not in selected},
        compiled=partial(_bytecode, templates),
        lacking_cases=_lacking_cases(table, cases, templates),
    )


def _lacking_cases(table: CasesFile, path: Path, kept: Kept | None) -> tuple[str, ...]:
    """Return the names of packaged cases that a project's own table lacks, or has otherwise."""
    packaged = packaged_templates() / CASES
    if path.samefile(packaged):
        return ()
    whole = read_yaml(packaged, CasesFile, CASES, kept)[0]

    def meaning(row: CaseRow, of: CasesFile) -> object:
        return msgspec.structs.replace(row, reason=""), of.outcomes.get(row.expect)

    own = [meaning(row, table) for row in table.cases]
    return tuple(row.name for row in whole.cases if meaning(row, whole) not in own)


def _bytecode(kept: Kept | None, language: Language) -> BytecodeCache | None:
    from tabproof.project.compiled_templates import bytecode  # noqa: PLC0415 - jinja2: 27 ms where nothing is rendered

    return bytecode(kept, language)


class TemplateCaches:
    """Hold the caches of a project's parsed templates and scenarios."""

    def __init__(self, root: Path) -> None:
        """Open the caches of a project."""
        self.templates = Kept(root / f"{FOLDER}/templates")
        self.scenarios = Kept(root / f"{FOLDER}/scenarios")

    def save(self, *, whole: bool = True) -> None:
        """Write the caches; see `Kept`."""
        self.templates.save(whole=whole)
        self.scenarios.save(whole=whole)


def inputs_digest(root: Path) -> str:
    """Return a digest of what all samples depend on: templates, settings and the program.

    Raises:
        InputError: the settings are invalid, or there is no project.
    """
    scope = settings_file.sample_scope(root)
    project_folder.check(root)
    digest = hashlib.sha256(repr((scope.languages, scope.variants, program())).encode())
    for folder in template_folders(root):
        for top in sorted(folder.iterdir()):
            for path, content in _contents(top) if top.name != "scenarios" else ():
                digest.update(f"\0{path}\0{len(content)}\0".encode())
                digest.update(content)
    return digest.hexdigest()


def _contents(top: Path) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of a file, or of all files in a folder."""
    for path in [str(top)] if top.is_file() else sorted(walk_files(top)):
        if os.path.isfile(path):  # noqa: PTH113 - it is quick; reading a pipe would not end
            yield path, Path(path).read_bytes()


def template_folders(root: Path) -> list[Path]:
    """Return the folders of templates: the project's own first, then the packaged one."""
    own = root / "templates"
    packaged = packaged_templates()
    return [own] if own.exists() and own.samefile(packaged) else [own, packaged]


def _sources(folders: list[Path], root: Path) -> tuple[dict[str, str], dict[str, str]]:
    sources: dict[str, str] = {}
    places: dict[str, str] = {}
    for folder in reversed(folders):
        for name, file in list_files(folder):
            if name.endswith(".jinja"):
                path = Path(file)
                place = display_path(path, root)
                text = read_text(path, place).replace("\r\n", "\n")
                names = (name, f"{PACKAGE}/{name}") if folder == folders[-1] else (name,)
                sources |= dict.fromkeys(names, text)
                places |= dict.fromkeys(names, place)
    return sources, places
