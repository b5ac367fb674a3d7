"""The edge where `templates/` becomes validated scenarios, languages and cases.

A project's own `templates/` is searched first, the packaged one second. Scenarios are the
project's alone.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tabproof.model.case_file import CasesFile
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

PACKAGE = "package"
"""`package/ruby/sample.rb.jinja` is the packaged template, also where a project has its own."""


def load(root: Path, kept: TemplateCaches | None = None, settled: Collection[str] = ()) -> Catalog:
    """Read a project's templates.

    Args:
        root: the project's folder, the one that holds `templates/`.
        kept: what was worked out before; whoever made it saves it.
        settled: names of scenarios to leave out.

    Returns:
        All that is right; a scenario that is not is among its `faults`.

    Raises:
        InputError: a file that concerns all scenarios is not right, with its line.
    """
    chosen = settings_file.sample_scope(root)
    project_folder.check(root)
    folder = root / project_folder.SCENARIOS
    known = _without_scenarios(root, chosen, kept)
    # To read thousands of scenarios to leave out all but one takes longer than to parse that one.
    parsed = kept.scenarios if kept and not settled else None
    found, faults = scenarios.read_all(folder, root, parsed, settled)
    lacking = {
        name: error for name, each in found.items() if (error := missing_example(each, known.cases))
    }
    faults += tuple(
        Fault(name, scenarios.source_of(root, name).located(error))
        for name, error in lacking.items()
    )
    provable = {name: each for name, each in found.items() if name not in lacking}
    return msgspec.structs.replace(known, scenarios=provable, faults=faults)


def load_without_scenarios(root: Path) -> Catalog:
    """All of a project's templates but its scenarios; it may have none yet.

    Raises:
        InputError: a file is not right, with its line.
    """
    return _without_scenarios(root, settings_file.sample_scope(root), None)


def _without_scenarios(
    root: Path, chosen: settings_file.SampleScope, kept: TemplateCaches | None
) -> Catalog:
    own, folders = root / "templates", template_folders(root)
    templates = kept.templates if kept else None
    cases = find_file(folders, "cases.yml") or own / "cases.yml"
    sources, places = _sources(folders, root)
    found = languages.read_all(folders, root, templates)
    languages.check_templates(found, places)
    wanted = languages.select_languages(found, chosen.languages, chosen.place)
    table = read_yaml(cases, CasesFile, display_path(cases, root), templates)[0]
    # A project's own cases need not have each outcome that a packaged language words.
    own_languages = {n: each for n, each in found.items() if (own / n / languages.FILE).exists()}
    languages.check_wording(own_languages, table.outcomes)
    return Catalog(
        scenarios={},
        languages=wanted,
        cases=table,
        sources=sources,
        places=places,
        variants=chosen.variants,
        unused_languages={name: each for name, each in found.items() if name not in wanted},
        compiled=partial(_bytecode, templates),
    )


def _bytecode(kept: Kept | None, language: Language) -> BytecodeCache | None:
    from tabproof.project.compiled_templates import bytecode  # noqa: PLC0415 - jinja2: 27 ms where nothing is rendered

    return bytecode(kept, language)


class TemplateCaches:
    """What the last command worked out in a project."""

    def __init__(self, root: Path) -> None:
        """Know where it is."""
        self.templates = Kept(root / f"{FOLDER}/templates")
        self.scenarios = Kept(root / f"{FOLDER}/scenarios")

    def save(self, *, whole: bool = True) -> None:
        """Keep what this one worked out; see `Kept`."""
        self.templates.save(whole=whole)
        self.scenarios.save(whole=whole)


def inputs_digest(root: Path) -> str:
    """A digest of all that samples depend on beside their scenario: templates, settings, program.

    Raises:
        InputError: the settings are not right, or there is no project.
    """
    chosen = settings_file.sample_scope(root)
    project_folder.check(root)
    digest = hashlib.sha256(repr((chosen.languages, chosen.variants, program())).encode())
    for folder in template_folders(root):
        for top in sorted(folder.iterdir()):
            for path, content in _contents(top) if top.name != "scenarios" else ():
                digest.update(f"\0{path}\0{len(content)}\0".encode())
                digest.update(content)
    return digest.hexdigest()


def _contents(top: Path) -> Iterator[tuple[str, bytes]]:
    """What is in a file, or in all files of a folder."""
    for path in [str(top)] if top.is_file() else sorted(walk_files(top)):
        if os.path.isfile(path):  # noqa: PTH113 - it is quick; the reading of a pipe would not end
            yield path, Path(path).read_bytes()


def template_folders(root: Path) -> list[Path]:
    """Where templates are looked for: the project's own folder, then the packaged one."""
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
                for known in (name, f"{PACKAGE}/{name}") if folder == folders[-1] else (name,):
                    sources[known], places[known] = text, place
    return sources, places
