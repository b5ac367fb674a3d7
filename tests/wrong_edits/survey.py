"""Find the case that notices each wrong edit: `python -m tests.wrong_edits.survey FILE...`.

Writes one line for each edit and toolchain: what noticed it, or that nothing did. An edit that one
case has noticed is not run in the next ones.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import click
from tests.wrong_edits.edits import WrongEdit, edited, message_of, read_edits

from tabproof.model.case import Case
from tabproof.project import catalog_reader
from tabproof.proof.judge.judge_runs import text_faults
from tabproof.proof.prepare.runnable_sample import RequestedRuns, RunnableSample
from tabproof.proof.prepare.selection import Selection
from tabproof.proof.prepare.toolchain_survey import runnable_samples
from tabproof.proof.run import local
from tabproof.render.renderer import Renderer

FIRST_CASES = ("success", "status-401", "body-large", "odd-", "tokyo", "connection-refused")
"""How the names of the cases begin that notice most."""

CASES_AT_ONCE = (1, 8, 40, 1000)
"""How many cases an edit is run in, one after the other, until one of them notices it."""


def main(root: Path, files: Iterable[Path], edit_ids: set[str]) -> None:
    """Print what notices each edit."""
    catalog = catalog_reader.load(root, catalog_reader.TemplateCaches(root))
    samples = list(Renderer(catalog).all())
    for path in files:
        language = path.stem
        subjects = runnable_samples(root, catalog, samples, Selection(languages=(language,)))
        edits = [e for e in read_edits(path) if not edit_ids or e.id in edit_ids]
        with tempfile.TemporaryDirectory() as folder:
            for line in survey(edits, subjects, Path(folder)):
                click.echo(json.dumps({"language": language, **line}, ensure_ascii=False))


def survey(
    edits: Iterable[WrongEdit], subjects: tuple[RunnableSample, ...], folder: Path
) -> Iterator[dict[str, str]]:
    """Yield a line for each edit and toolchain as it is known."""
    open_ones: dict[str, tuple[WrongEdit, RunnableSample]] = {}
    for edit in edits:
        try:
            for subject in edited(edit, subjects, folder):
                if faults := text_faults(subject):
                    message = "; ".join(finding.message() for finding in faults)
                    yield _line(edit, subject, "noticed", FIRST_CASES[0], message)
                else:
                    open_ones[subject.identity] = (edit, subject)
        except ValueError as error:
            yield {"id": edit.id, "outcome": "unfit", "message": str(error)}
    start = 0
    for count in CASES_AT_ONCE:
        requested = {
            f"{identity}#{case.name}": (subject, case)
            for identity, (_edit, subject) in open_ones.items()
            for case in in_order(subject.cases)[start : start + count]
        }
        start += count
        for identity, (case_name, message) in _noticed(requested).items():
            edit, subject = open_ones.pop(identity)
            yield _line(edit, subject, "noticed", case_name, message)
    for edit, subject in open_ones.values():
        yield _line(edit, subject, "survived", "", edit.suffers)


def _noticed(requested: RequestedRuns) -> dict[str, tuple[str, str]]:
    """Return the identity of an edited sample -> the case that noticed it, and what it found."""
    noticed: dict[str, tuple[str, str]] = {}
    with closing(local.run_locally(requested)) as outcomes:
        for run, outcome in outcomes:
            subject, case = requested[run]
            if message := message_of(outcome, subject, case):
                noticed.setdefault(subject.identity, (case.name, message))
    return noticed


def in_order(cases: Iterable[Case]) -> list[Case]:
    """Return cases in an order in which most edits are noticed soon."""
    return sorted(cases, key=lambda case: not case.name.startswith(FIRST_CASES))


def _line(
    edit: WrongEdit, subject: RunnableSample, outcome: str, case: str, message: str
) -> dict[str, str]:
    toolbox = subject.toolbox.label() if subject.toolbox else str(subject.toolchain)
    return {
        "id": edit.id,
        "sample": subject.sample.key.name,
        "toolchain": toolbox,
        "outcome": outcome,
        "case": case,
        "message": message[:300],
    }


if __name__ == "__main__":
    chosen = [argument for argument in sys.argv[1:] if not argument.endswith(".yml")]
    main(Path.cwd(), [Path(a) for a in sys.argv[1:] if a.endswith(".yml")], set(chosen))
