"""Read wrong edits, and make each of them in its sample.

A wrong edit is a small change of a rendered sample from which a reader would suffer, and which a
quick reviewer would miss. They were written by people who did not know the cases. Each says which
case notices it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import msgspec
import yaml

from tabproof.model.case import Case
from tabproof.model.language import VARIANTS
from tabproof.model.result import Finding, Unavailable
from tabproof.proof.judge import apply_limit
from tabproof.proof.judge.judge_runs import findings_of
from tabproof.proof.prepare.runnable_sample import RunnableSample
from tabproof.samples.tree import sha256_of
from tabproof.sandbox.protocol import Observation

FOLDER = Path(__file__).parent


class WrongEdit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Hold a row of `tests/wrong_edits/LANGUAGE.yml`.

    Attributes:
        id: its name in the file.
        find: the text that it replaces, which the sample holds once.
        suffers: how a reader would suffer.
        notices: the case that must notice it.
        in_gate: whether it is made in every run of the tests; all are made every night.
        survives: why no case notices it, although a reader would suffer.
        equivalent: why no reader would suffer after all.
    """

    id: str
    variant: Literal["stdlib", "library", "both"]
    scenario: str
    find: str
    replace: str
    suffers: str
    notices: str = ""
    in_gate: bool = False
    survives: str = ""
    equivalent: str = ""

    @property
    def variants(self) -> tuple[str, ...]:
        """Return the variants whose samples it changes."""
        return VARIANTS if self.variant == "both" else (self.variant,)


def read_edits(path: Path) -> list[WrongEdit]:
    """Return the rows of a file."""
    return msgspec.convert(yaml.safe_load(path.read_bytes()), list[WrongEdit])


def edited(
    edit: WrongEdit, subjects: Iterable[RunnableSample], folder: Path
) -> Iterator[RunnableSample]:
    """Write the samples with the edit in them; yield each as something that can be run.

    Args:
        edit: what to change.
        subjects: the samples of its language, once for each toolchain.
        folder: where to write.

    Raises:
        ValueError: a sample does not hold the text once.
    """
    for subject in subjects:
        key = subject.sample.key
        if key.scenario != edit.scenario or key.variant not in edit.variants:
            continue
        if subject.text.count(edit.find) != 1:
            count = subject.text.count(edit.find)
            raise ValueError(f"{key.name}: {edit.id}: the text is there {count} times")
        text = subject.text.replace(edit.find, edit.replace)
        runtime = "" if isinstance(subject.toolchain, str) else subject.toolchain.toolchain.runtime
        file = folder / edit.id / key.variant / runtime / Path(subject.file).name
        file.parent.mkdir(parents=True)
        file.write_text(text, encoding="utf-8", newline="")
        yield msgspec.structs.replace(
            subject, file=str(file), text=text, digest=sha256_of(text.encode())
        )


def message_of(outcome: object, subject: RunnableSample, case: Case) -> str:
    """Return what is wrong with a run, beside what a limit excuses; "" for nothing."""
    if isinstance(outcome, Unavailable):
        return f"not run: {outcome.reason}"
    if isinstance(outcome, Finding):
        findings = [outcome]
    else:
        assert isinstance(outcome, Observation)
        findings = findings_of(outcome, subject, case)
    limited = apply_limit.apply_limit(findings, subject.limit(case))
    return "; ".join(finding.message() for finding in limited.findings)
