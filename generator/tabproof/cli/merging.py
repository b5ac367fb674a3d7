"""`tabproof prove --merge`: the records of other machines go into this one's; nothing runs."""

from __future__ import annotations

from pathlib import Path

import click

from tabproof import catalog, record
from tabproof.cli import present
from tabproof.cli.asked import Asked
from tabproof.cli.reporting import tolerating
from tabproof.counting import counted
from tabproof.errors import InputError
from tabproof.model.catalog import Catalog
from tabproof.model.sample import Sample
from tabproof.proof import merge as merging
from tabproof.rendering import rendered


def run(root: Path, asked: Asked) -> int:
    """Unite records into `samples/proof.json`, and say what came of it; the exit status.

    Raises:
        InputError: a file is no record, or two contradict each other.
    """
    files = asked.files
    if not files:
        raise InputError("--merge needs the records: `tabproof prove --merge FILE...`.")
    known = catalog.load(root)
    made = rendered(root, known)
    with tolerating(made.faults):
        _merge(root, files, known, made.samples)
    return 0


def _merge(root: Path, files: tuple[Path, ...], known: Catalog, samples: list[Sample]) -> None:
    records = {str(file): record.read(Path(), str(file)) for file in files}
    if not any((root / record.RECORD).samefile(file) for file in _existing(root, files)):
        records[record.RECORD] = record.read(root, record.RECORD)
    merged = merging.merge(
        records, present.sample_digests(root, samples), present.case_digests(known)
    )
    record.write(root, record.RECORD, merged)
    read = {(r.sample, r.case, r.date) for each in records.values() for r in each.results}
    proved = {result.sample for result in merged.results}
    click.echo(
        f"{counted(len(files), 'record')} merged into {record.RECORD}: "
        f"{counted(len(merged.results), 'result')} of {counted(len(proved), 'sample')}; "
        f"{len(read) - len(merged.results)} left out, older or of other samples and cases",
        err=True,
    )


def _existing(root: Path, files: tuple[Path, ...]) -> tuple[Path, ...]:
    return files if (root / record.RECORD).exists() else ()
