"""The JSON Schemas are current, say what each key means, and accept what Tabproof accepts."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from tabproof.cli import main
from tabproof.pages.reference import file_formats as manual
from tabproof.project import json_schema
from tabproof.project.yaml_file import parse_yaml

ROOT = Path(__file__).parent.parent.parent
TEMPLATES = ROOT / "templates"
COMMITTED = TEMPLATES / "schemas"
FILES = {
    "scenario": TEMPLATES.glob("scenarios/*.yml"),
    "language": TEMPLATES.glob("*/language.yml"),
    "cases": [TEMPLATES / "cases.yml"],
    "mutations": [TEMPLATES / "mutations.yml"],
    "language-mutations": TEMPLATES.glob("*/mutations.yml"),
    "configuration": [ROOT / "tests/inputs/right.toml"],
}
NAMED = [(name, path) for name, paths in FILES.items() for path in sorted(paths)]
WRONG = [
    ("scenario", "unknown key", lambda data: data | {"lifecicle": {}}),
    ("scenario", "missing key", lambda data: data | {"token": {"algorithm": "HS256"}}),
    (
        "scenario",
        "no https",
        lambda data: data | {"request": {**data["request"], "url": "http://x"}},
    ),
    ("language", "no number", lambda data: data | {"position": "first"}),
    ("cases", "no cases", lambda data: data | {"cases": []}),
    ("configuration", "no language", lambda data: data | {"languages": []}),
    ("configuration", "unknown table", lambda data: data | {"generate": {}}),
]


def _typed(path: Path) -> Any:
    """A file's data as JSON has it: every key is a string."""
    if path.suffix == ".toml":
        return tomllib.loads(path.read_text(encoding="utf-8"))
    data, _lines = parse_yaml(path.read_text(encoding="utf-8"), dict[str, Any], path.name)
    return json.loads(json.dumps(data))


def test_every_schema_has_files_that_it_is_for() -> None:
    assert list(FILES) == list(json_schema.FILES)
    assert {name for name, _path in NAMED} == set(FILES)


def test_the_committed_schemas_are_what_the_types_make() -> None:
    committed = {path.stem: path.read_text(encoding="utf-8") for path in COMMITTED.iterdir()}
    assert committed == {name: json_schema.schema_text(name) for name in json_schema.FILES}, (
        "write them again: make samples"
    )


@pytest.mark.parametrize("name", json_schema.FILES)
def test_the_command_writes_the_schema(name: str) -> None:
    result = CliRunner().invoke(main, ["schema", name])
    assert (result.exit_code, result.stderr) == (0, "")
    Draft202012Validator.check_schema(json.loads(result.stdout))
    assert result.stdout == json_schema.schema_text(name)


def test_without_a_name_the_command_lists_the_names() -> None:
    assert CliRunner().invoke(main, ["schema"]).stdout.split() == list(json_schema.FILES)


@pytest.mark.parametrize(("name", "path"), NAMED, ids=lambda value: str(value).rpartition("/")[2])
def test_a_file_names_its_schema_for_editors_in_its_first_line(name: str, path: Path) -> None:
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    mark = "#:schema " if path.suffix == ".toml" else "# yaml-language-server: $schema="
    assert first.startswith(mark)
    reference = first.removeprefix(mark)
    assert (path.parent / reference).resolve() == COMMITTED / f"{name}.json"


@pytest.mark.parametrize(("name", "path"), NAMED, ids=lambda value: str(value).rpartition("/")[2])
def test_a_schema_accepts_the_files_that_tabproof_accepts(name: str, path: Path) -> None:
    errors = Draft202012Validator(json_schema.build_schema(name)).iter_errors(_typed(path))
    assert [f"{error.json_path}: {error.message}" for error in errors] == []


@pytest.mark.parametrize(("name", "words", "change"), WRONG, ids=[row[1] for row in WRONG])
def test_a_schema_refuses_what_tabproof_refuses(name: str, words: str, change: Any) -> None:
    path = next(path for kind, path in NAMED if kind == name)
    assert list(
        Draft202012Validator(json_schema.build_schema(name)).iter_errors(change(_typed(path)))
    ), words


@pytest.mark.parametrize("name", json_schema.FILES)
def test_every_key_says_what_it_means(name: str) -> None:
    whole = json_schema.build_schema(name)
    silent = [
        f"{part['title']}.{key}"
        for part in [whole, *whole["$defs"].values()]
        for key, value in part["properties"].items()
        if not value.get("description")
    ]
    assert silent == []


@pytest.mark.parametrize("name", json_schema.FILES)
def test_the_page_has_a_row_for_every_key_and_a_table_for_every_type(name: str) -> None:
    html = dict(manual.sections())[f"`{name}`"]
    whole = json_schema.build_schema(name)
    for part in [whole, *whole["$defs"].values()]:
        for key in part["properties"]:
            assert f"><code>{key}</code></th>" in html
    assert html.count("<table>") == 1 + len(whole["$defs"])
    targets = [piece.partition('"')[0] for piece in html.split('href="#')[1:]]
    assert all(f'id="{target}"' in html for target in targets)
