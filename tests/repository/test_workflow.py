from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from tests.languages import LANGUAGES

from tabproof.cli import main

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


@pytest.fixture(scope="module")
def jobs() -> dict[str, Any]:
    text = (ROOT / ".github/workflows/prove.yml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)["jobs"]
    return found


def _steps(jobs: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in jobs.values() for step in job["steps"]]


def _commands(jobs: dict[str, Any]) -> list[str]:
    """The `tabproof` commands, each as it is for the first language."""
    lines = [line for step in _steps(jobs) for line in step.get("run", "").splitlines()]
    plain = (line.replace("${{ matrix.language }}", LANGUAGES[0]) for line in lines)
    return [line.partition(">")[0] for line in plain if line.startswith("tabproof ")]


def test_every_language_has_a_job(jobs: dict[str, Any], tmp_path: Path) -> None:
    strategy = jobs["language"]["strategy"]
    assert strategy["fail-fast"] is False
    assert strategy["matrix"]["language"] == "${{ fromJSON(needs.languages.outputs.names) }}"
    assert jobs["language"]["needs"] == "languages"
    (step,) = (step for step in jobs["languages"]["steps"] if step.get("id") == "folders")
    assert jobs["languages"]["outputs"]["names"] == "${{ steps.folders.outputs.names }}"
    told = tmp_path / "output"
    environment = {"PATH": os.environ["PATH"], "GITHUB_OUTPUT": str(told)}
    subprocess.run(["/bin/bash", "-c", step["run"]], cwd=ROOT, env=environment, check=True)
    name, _equals, names = told.read_text(encoding="utf-8").partition("=")
    assert (name, sorted(json.loads(names))) == ("names", LANGUAGES)


def test_every_command_exists_with_these_options_and_values(jobs: dict[str, Any]) -> None:
    commands = _commands(jobs)
    assert len(commands) >= 5
    for line in commands:
        _program, name, *arguments = shlex.split(line)
        context = click.Context(main)
        command = main.get_command(context, name)
        assert command is not None, line
        parser = command.make_parser(click.Context(command))
        values, _rest, _order = parser.parse_args(arguments)
        kinds = {parameter.name: parameter for parameter in command.params}
        for key, value in values.items():
            if isinstance(kinds[key].type, click.Choice):
                kinds[key].type_cast_value(click.Context(command), value)


def test_a_record_of_each_language_is_kept_whatever_it_says_and_then_merged(
    jobs: dict[str, Any],
) -> None:
    upload = jobs["language"]["steps"][-1]
    assert (upload["if"], upload["with"]["path"]) == ("always()", "samples/proof.json")
    merge = jobs["merge"]
    assert merge["needs"] == "language"
    runs = [step.get("run") for step in merge["steps"]]
    assert "tabproof prove --merge records/*/proof.json" in runs


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_actions_are_pinned_by_their_major_version_and_nothing_is_written_back(file: Path) -> None:
    workflow = yaml.safe_load(file.read_text(encoding="utf-8"))
    used = [step["uses"] for step in _steps(workflow["jobs"]) if "uses" in step]
    assert used
    assert [name for name in used if not re.fullmatch(r"[\w-]+/[\w-]+@v\d+", name)] == []
    assert workflow["permissions"] == {"contents": "read"}


def test_the_namespaces_of_ubuntu_are_allowed_before_anything_is_proved(
    jobs: dict[str, Any],
) -> None:
    runs = [step.get("run", "") for step in jobs["language"]["steps"]]
    allowed = runs.index("sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0")
    assert allowed < next(n for n, run in enumerate(runs) if run.startswith("tabproof prove"))


@pytest.fixture(scope="module")
def start() -> str:
    """What the README says to a newcomer."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return readme.partition("\n## Start\n")[2].partition("\n## ")[0]


@pytest.fixture(scope="module")
def prerequisites(start: str) -> str:
    (names,) = re.findall(r"^Prerequisites on Debian or Ubuntu: `(.+)`\.$", start, re.MULTILINE)
    return str(names)


def test_every_night_a_bare_debian_does_what_the_readme_says(
    start: str, prerequisites: str
) -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/bare.yml").read_text(encoding="utf-8"))
    assert "schedule" in workflow[True]  # YAML 1.1 reads `on` so
    job = workflow["jobs"]["debian"]
    assert job["strategy"]["matrix"]["image"] == ["debian:12", "debian:13"]
    assert job["container"]["image"] == "${{ matrix.image }}"
    runs = [step["run"] for step in job["steps"] if "run" in step]
    assert runs[0] == f"apt-get update && apt-get install --yes {prerequisites}"
    commands = [line.partition("#")[0].strip() for line in start.splitlines()]
    made = [line for line in commands if line.split()[:1] == ["make"]]
    assert runs[-3:-1] == made[:2] == ["make", "make test"]


def test_every_night_all_wrong_edits_are_made() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/bare.yml").read_text(encoding="utf-8"))
    last = workflow["jobs"]["debian"]["steps"][-1]["run"]
    assert last == "make edits"
    some = [*last.split(), "ONLY=few_edits"]
    done = subprocess.run(some, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "TABPROOF_ALL_EDITS=1" in done.stdout
    assert "1 passed" in done.stdout


def test_a_bare_machine_installs_what_the_readme_names(prerequisites: str) -> None:
    script = (ROOT / "tests/bare-machine").read_text(encoding="utf-8")
    assert f"packages=({prerequisites})" in script


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ((), "tests/bare-machine: which Debian? tests/bare-machine SUITE [MAKE-TARGET...]\n"),
        (("no such suite",), "tests/bare-machine: no such suite: a Debian release is one word.\n"),
    ],
    ids=["none", "words"],
)
def test_a_bare_machine_says_in_a_line_what_it_needs(words: tuple[str, ...], line: str) -> None:
    command = [str(ROOT / "tests/bare-machine"), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", line)
