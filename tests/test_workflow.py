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

ROOT = Path(__file__).parent.parent


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


def test_actions_are_pinned_by_their_major_version_and_nothing_is_written_back(
    jobs: dict[str, Any],
) -> None:
    used = [step["uses"] for step in _steps(jobs) if "uses" in step]
    assert used
    assert [name for name in used if not re.fullmatch(r"[\w-]+/[\w-]+@v\d+", name)] == []
    text = (ROOT / ".github/workflows/prove.yml").read_text(encoding="utf-8")
    assert yaml.safe_load(text)["permissions"] == {"contents": "read"}


def test_the_namespaces_of_ubuntu_are_allowed_before_anything_is_proved(
    jobs: dict[str, Any],
) -> None:
    runs = [step.get("run", "") for step in jobs["language"]["steps"]]
    allowed = runs.index("sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0")
    assert allowed < next(n for n, run in enumerate(runs) if run.startswith("tabproof prove"))
