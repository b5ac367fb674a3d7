"""Generates a project's samples and writes a record of them, in the order that hashes give.

one_tree.py PROJECT
"""

from __future__ import annotations

import sys
from pathlib import Path

from tabproof.model.result import Result, ToolchainVersions
from tabproof.project import catalog_reader
from tabproof.project.cases import case_finder
from tabproof.render.renderer import Renderer
from tabproof.samples import proof_rows, record_files, tree
from tabproof.samples.record import Record

if __name__ == "__main__":
    root = Path(sys.argv[1])
    catalog = catalog_reader.load(root)
    samples = list(Renderer(catalog).all())
    tree.write(root, tree.compare(root, samples))
    find_cases = case_finder(catalog)
    rows = {
        f"{sample.path} {case.name} {version}": Result(
            sample.key,
            case.name,
            "passed",
            "",
            sample.digest,
            case.digest,
            ToolchainVersions("runtime", version, {}, "bubblewrap"),
            "2026-11-24T00:00:00Z",
        )
        for sample in samples[:10]
        for case in find_cases(sample.key)[:5]
        for version in ("1.0", "2.0")
    }
    record = Record(tuple(rows[key] for key in set(rows)))
    content = proof_rows.encode(proof_rows.proof_file_of(record, find_cases))
    (root / record_files.RECORD).write_bytes(content)
