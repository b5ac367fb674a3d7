from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

RIGHT = Path(__file__).parent.parent / "inputs/right.yml"
FAULTS = Path(__file__).parent / "killed_runs.py"

Runs = list[dict[str, Any]]


@pytest.fixture
def scenarios(tmp_path: Path) -> Callable[[int], Path]:
    """Makes a project that has nothing but scenarios; the package brings the rest."""

    def make(count: int) -> Path:
        folder = tmp_path / "project/templates/scenarios"
        folder.mkdir(parents=True)
        for number in range(count):
            (folder / f"users-{number}.yml").write_bytes(RIGHT.read_bytes())
        return tmp_path / "project"

    return make


@pytest.fixture
def faulty() -> Callable[..., Runs]:
    """Run `tabproof generate` under a fault, so many times, and return the result of each run."""

    def run(fault: str, project: Path, count: int = 0, *before: str) -> Runs:
        command = [*before, sys.executable, str(FAULTS), fault, str(project), str(count)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
        runs: Runs = json.loads(ended.stdout)
        return runs

    return run
