"""Write and read records in tests, without running any sample."""

from __future__ import annotations

import json
from pathlib import Path

from tabproof.model.case import Case, Expectation, Situation
from tabproof.model.catalog import Catalog
from tabproof.model.result import Result, ToolchainVersions
from tabproof.model.sample import Sample
from tabproof.project import catalog_reader
from tabproof.project.cases import case_finder
from tabproof.samples import proof_rows, record_files
from tabproof.samples.record import Record

TOOLBOX = ToolchainVersions("runtime", "1.0", {}, "bubblewrap")
DATE = "2026-11-24T00:00:00Z"


def case_named(name: str, digest: str) -> Case:
    """Return a case that says nothing but its name and its digest."""
    return Case(
        name=name,
        reason="",
        languages=(),
        listens=True,
        resolves="normal",
        certificate="trusted",
        protocol="tls",
        stall=None,
        client_headers=(),
        other_hosts=(),
        actions=(),
        credentials={},
        situation=Situation(),
        expect=Expectation(exit_status=0, stderr="", requests=1),
        stderr_never=(),
        digest=digest,
    )


def all_passed(catalog: Catalog, samples: list[Sample]) -> Record:
    """Return invented results: each sample passed each of its cases."""
    find_cases = case_finder(catalog)
    return Record(
        tuple(
            Result(sample.key, case.name, "passed", "", sample.digest, case.digest, TOOLBOX, DATE)
            for sample in samples
            for case in find_cases(sample.key)
        )
    )


def write_record(root: Path, record: Record, name: str = record_files.RECORD) -> None:
    """Write a record of a project, or a file of the same form beside it."""
    find_cases = case_finder(catalog_reader.load(root))
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(proof_rows.encode(proof_rows.proof_file_of(record, find_cases)))


def read_record(root: Path, name: str = record_files.RECORD) -> Record:
    """Read the results of a project's samples from its record, or from a file beside it."""
    return record_files.read(root, name).record(case_finder(catalog_reader.load(root)))


def cached(root: Path) -> list[dict[str, object]]:
    """Return the results of this machine alone, as they are on disk."""
    results: list[dict[str, object]] = json.loads((root / record_files.CACHE).read_bytes())[
        "results"
    ]
    return results
