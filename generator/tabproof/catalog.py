"""The edge where `templates/` becomes validated scenarios, languages and cases.

A project's own `templates/` is searched first, the packaged one second. Scenarios are the
project's alone.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from tabproof import configuration, languages, scenarios
from tabproof.errors import InputError
from tabproof.model.case_file import CasesShape
from tabproof.model.catalog import Catalog
from tabproof.template_files import first, hidden, read_text, shown
from tabproof.yaml_file import read

PACKAGE = "package"
"""`package/ruby/sample.rb.jinja` is the packaged template, also where a project has its own."""


def packaged_templates() -> Path:
    """Where the templates that come with the package are, in a wheel and in a checkout alike."""
    package = Path(__file__).parent
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent.parent / "templates"


def load(root: Path) -> Catalog:
    """Read a project's templates.

    Args:
        root: the project's folder, the one that holds `templates/`.

    Raises:
        InputError: a file is not right, with its line.
    """
    chosen = configuration.chosen(root)
    own = root / "templates"
    if not (own / "scenarios").is_dir():
        raise InputError(
            f"{own / 'scenarios'}: there is no such folder; run tabproof in a project that has "
            "one, or name the project with --root."
        )
    known = _without_scenarios(root, chosen)
    return msgspec.structs.replace(known, scenarios=scenarios.read_all(own / "scenarios", root))


def without_scenarios(root: Path) -> Catalog:
    """All of a project's templates but its scenarios; it may have none yet.

    Raises:
        InputError: a file is not right, with its line.
    """
    return _without_scenarios(root, configuration.chosen(root))


def _without_scenarios(root: Path, chosen: configuration.Chosen) -> Catalog:
    own, folders = root / "templates", folders_of(root)
    cases = first(folders, "cases.yml") or own / "cases.yml"
    sources, places = _sources(folders, root)
    found = languages.read_all(folders, root)
    wanted = languages.chosen(found, chosen.languages, chosen.place)
    return Catalog(
        scenarios={},
        languages=wanted,
        cases=read(cases, CasesShape, shown(cases, root))[0],
        sources=sources,
        places=places,
        variants=chosen.variants,
        left_out={name: each for name, each in found.items() if name not in wanted},
    )


def folders_of(root: Path) -> list[Path]:
    """Where templates are looked for: the project's own folder, then the packaged one."""
    own = root / "templates"
    packaged = packaged_templates()
    return [own] if own.exists() and own.samefile(packaged) else [own, packaged]


def _sources(folders: list[Path], root: Path) -> tuple[dict[str, str], dict[str, str]]:
    sources: dict[str, str] = {}
    places: dict[str, str] = {}
    for folder in reversed(folders):
        for path in sorted(folder.rglob("*.jinja")):
            if not hidden(path.relative_to(folder)):
                name = path.relative_to(folder).as_posix()
                text = read_text(path, shown(path, root)).replace("\r\n", "\n")
                for known in (name, f"{PACKAGE}/{name}") if folder == folders[-1] else (name,):
                    sources[known], places[known] = text, shown(path, root)
    return sources, places
