from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests import records

from tabproof.model.case import Case
from tabproof.model.result import Result
from tabproof.proof import prove as proof
from tabproof.proof.outcome import Outcome, Problem, Progress
from tabproof.proof.prepare.runnable_sample import RunnableSample
from tabproof.proof.prepare.selection import Freshness
from tabproof.samples.record import Record
from tabproof.toolchains.find import InstalledToolchain

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


class Invented:
    """What runs come to, where no program runs.

    Attributes:
        version: that of the one runtime, which runs every sample.
        fails: whether a sample fails in a case this time.
        runs: the samples that were run, each with the case.
    """

    def __init__(self) -> None:
        """Let every run pass, with what the project's record was made with."""
        self.version = records.TOOLBOX.version
        self.fails: Callable[[str, str], bool] = lambda _sample, _case: False
        self.runs: list[tuple[str, str]] = []

    def able(self, subject: RunnableSample) -> RunnableSample:
        """Return a subject with a toolchain, if its runs are not impossible here."""
        (own, *_others) = subject.language.data.toolchains
        toolchain = msgspec.structs.replace(own, runtime=records.TOOLBOX.runtime, limits=())
        installed = InstalledToolchain(toolchain, "", self.version, {}, {}, {})
        return msgspec.structs.replace(subject, toolchain=installed)

    def judge(
        self, pending: Iterable[tuple[RunnableSample, Case]], now: str, *_: object
    ) -> tuple[list[Result], list[Problem]]:
        """Return a result for each run, and a problem for each that failed."""
        results, problems = [], []
        for subject, case in pending:
            key = subject.sample.key
            self.runs.append((key.name, case.name))
            if self.fails(key.name, case.name):
                results.append(subject.result(case, "failed", "expected a; seen b", now))
                place = f"samples/{subject.sample.path}"
                problems.append(Problem(key, place, (case.name,), "expected a; seen b"))
            else:
                results.append(subject.result(case, "passed", "", now))
        return results, problems


@pytest.fixture
def invented(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Invented:
    """Prove without running any program: what a run comes to, the test says."""
    sandbox = tmp_path / "bin/bwrap"
    sandbox.parent.mkdir()
    sandbox.write_text("#!/bin/sh\n", encoding="utf-8")
    sandbox.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    runs, really = Invented(), proof.prove

    def prove(
        subjects: tuple[RunnableSample, ...],
        earlier_results: Record,
        progress: Progress,
        _runner: object,
        *,
        fresh: Freshness,
    ) -> Outcome:
        able = tuple(map(runs.able, subjects))
        return really(able, earlier_results, progress, fresh=fresh)

    monkeypatch.setattr(proof, "prove", prove)
    monkeypatch.setattr("tabproof.proof.judge.judge_runs.judge_runs", runs.judge)
    monkeypatch.setattr("tabproof.toolchains.case_tools.missing_tools", list)
    return runs
