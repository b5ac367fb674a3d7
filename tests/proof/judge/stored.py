"""Store observations with their findings: `python -m tests.proof.judge.stored`.

A later judge must find the same in them, or have another `JUDGE_VERSION`: whoever has results on
record would otherwise rely on verdicts that the judge no longer gives.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click
import msgspec

from tabproof.model.case import JUDGE_VERSION, Case
from tabproof.model.language import Habits
from tabproof.model.scenario import Scenario
from tabproof.project import catalog_reader, mutations
from tabproof.project.scenarios import parse_text
from tabproof.proof.judge.verdict import judge
from tabproof.proof.mutation.run import mutants_of
from tabproof.proof.prepare.runnable_sample import RunnableSample
from tabproof.proof.prepare.selection import Selection
from tabproof.proof.prepare.toolchain_survey import runnable_samples
from tabproof.proof.run import local
from tabproof.render.renderer import Renderer
from tabproof.samples.tree import sha256_of
from tabproof.sandbox.batch_runner import work_folder
from tabproof.sandbox.protocol import Observation

FILE = Path(__file__).parents[2] / "inputs/observations.jsonl"
SCENARIO = "list-users"
SCENARIO_FILE = FILE.with_name("observed.yml")
"""The scenario as it was then: a change of it changes no verdict of the judge."""

LANGUAGES = ("python",)
LARGEST_BYTES = 16_000
"""An observation with more output says nothing that a smaller one does not."""


class Stored(msgspec.Struct, frozen=True, omit_defaults=True):
    """Hold an observation, what it was of, and what the judge found.

    Attributes:
        what: the sample and the fault in it, for messages.
        judge_version: the version that found it.
    """

    what: str
    judge_version: int
    case: Case
    habits: Habits
    observation: Observation
    findings: tuple[str, ...]


def read_scenario() -> Scenario:
    """Return the scenario of what is stored."""
    return parse_text(SCENARIO, SCENARIO_FILE.read_text(encoding="utf-8"), SCENARIO_FILE.name)


def findings_of(stored: Stored, scenario: Scenario) -> tuple[str, ...]:
    """Return what the judge finds now."""
    found = judge(stored.observation, stored.case, scenario, stored.habits)
    return tuple(sorted(finding.message() for finding in found))


def read_stored() -> list[Stored]:
    """Return all that is stored."""
    lines = FILE.read_bytes().splitlines()
    return [msgspec.json.decode(line, type=Stored) for line in lines]


def main(root: Path) -> None:
    """Run samples and their mutants, and store what was observed."""
    catalog = catalog_reader.load(root)
    chosen = Selection(scenarios=(SCENARIO,), languages=LANGUAGES, variants=("stdlib",))
    samples = [sample for sample in Renderer(catalog).all() if chosen.holds(sample)]
    subjects = runnable_samples(root, catalog, samples, chosen)
    mutants, _idle = mutants_of(subjects, mutations.read_mutations(root, set(LANGUAGES)))
    with work_folder() as folder:
        requested: dict[str, tuple[RunnableSample, Case]] = {}
        for number, mutant in enumerate(mutants):
            file = Path(folder, str(number), Path(mutant.original.file).name)
            file.parent.mkdir()
            file.write_text(mutant.text, encoding="utf-8")
            subject = msgspec.structs.replace(
                mutant.original, file=str(file), digest=sha256_of(mutant.text.encode())
            )
            what = f"{subject.sample.key.name}: {mutant.mutation.kind}"
            requested[f"{what}: {mutant.case.name} {number}"] = (subject, mutant.case)
        for subject in subjects:
            if subject.sample.key.language == "python":
                for case in subject.cases:
                    requested[f"{subject.sample.key.name}: {case.name}"] = (subject, case)
        stored = sorted(_stored(requested), key=lambda each: each.what)
    FILE.write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in stored))
    shutil.copyfile(root / f"templates/scenarios/{SCENARIO}.yml", SCENARIO_FILE)
    click.echo(f"{len(stored)} observations stored in {FILE.name}", err=True)


def _stored(requested: dict[str, tuple[RunnableSample, Case]]) -> Iterator[Stored]:
    with closing(local.run_locally(requested)) as outcomes:
        for identity, outcome in outcomes:
            subject, case = requested[identity]
            if not isinstance(outcome, Observation) or outcome.broken:
                continue
            if len(outcome.stdout) + len(outcome.stderr) + len(outcome.trace) > LARGEST_BYTES:
                continue
            found = judge(outcome, case, subject.scenario, subject.habits)
            messages = tuple(sorted(finding.message() for finding in found))
            # Where programs are on this machine is nobody else's business.
            trace = re.sub(r'"/[^" ]*/', '"/usr/bin/', outcome.trace)
            told = msgspec.structs.replace(outcome, trace=trace)
            yield Stored(identity, JUDGE_VERSION, case, subject.habits, told, messages)


if __name__ == "__main__":
    main(Path.cwd())
