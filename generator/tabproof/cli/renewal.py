"""What `tabproof watch` does after a change: write samples, and find what is to be proved."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import msgspec

from tabproof import catalog, edits, record, tree
from tabproof.cases import case_finder
from tabproof.cli.choosing import refuse_no_scenario
from tabproof.files import exclusive
from tabproof.model.catalog import Catalog, Fault
from tabproof.model.sample import Sample
from tabproof.rendering import rendered
from tabproof.standing import standing_of


class Task(msgspec.Struct, frozen=True):
    """A proof of some samples of one language.

    Attributes:
        digests: what makes it another proof: the bytes of each sample, and the cases.
    """

    language: str
    scenarios: tuple[str, ...]
    variants: tuple[str, ...]
    count: int
    digests: frozenset[str]

    @property
    def arguments(self) -> list[str]:
        """Of `tabproof prove`."""
        options = [("--language", self.language)]
        options += [("--scenario", name) for name in self.scenarios]
        options += [("--variant", name) for name in self.variants]
        return ["prove", "--format", "json", *(word for option in options for word in option)]


class Renewal(msgspec.Struct, frozen=True):
    """What came of a change.

    Attributes:
        changed: what was written or removed.
        tasks: the proofs of what nobody proved and nothing failed.
        faults: why other samples stayed as they are.
    """

    changed: list[str]
    tasks: list[Task]
    faults: tuple[Fault, ...]


def renew(root: Path) -> Renewal:
    """Write the samples that the templates make.

    Raises:
        TabproofError: the templates are not right, or a sample was edited by hand.
    """
    with exclusive(root) as alone:
        kept = catalog.Keeping(root)
        known = catalog.load(root, kept)
        refuse_no_scenario(known)
        made = rendered(root, known)
        found = tree.compare(root, made.samples, faults=made.faults)
        edits.refuse(found.differences)
        tree.write(root, found, alone=alone)
    kept.save()
    changed = [f"{tree.FOLDER}/{difference.path}" for difference in found.differences]
    return Renewal(changed, _tasks(root, known, made.samples), made.faults)


def _tasks(root: Path, known: Catalog, samples: list[Sample]) -> list[Task]:
    proof = record.read(root, record.RECORD).with_renewed(record.read(root, record.CACHE))
    find = case_finder(known.scenarios, known.cases)
    grouped: dict[str, list[tuple[Sample, str]]] = defaultdict(list)
    for sample in samples:
        key = sample.key
        cases = find(key.scenario, key.language)
        tools = known.languages[key.language].data.toolchains
        standing = standing_of(key, sample.digest, cases, proof, tools)
        if standing.state == "unproved":
            asked = "".join(case.digest for case in cases)
            grouped[key.language].append((sample, f"{key} {sample.digest} {asked}"))
    return [
        Task(
            language,
            tuple(dict.fromkeys(sample.key.scenario for sample, _ in group)),
            tuple(dict.fromkeys(sample.key.variant for sample, _ in group)),
            len(group),
            frozenset(digest for _, digest in group),
        )
        for language, group in grouped.items()
    ]
