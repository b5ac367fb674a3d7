"""`tabproof prove --merge`: the records of other machines go into this one's; nothing runs."""

from __future__ import annotations

from pathlib import Path

import click

from tabproof.cli.handle_errors import faults_raised_last
from tabproof.cli.prove_options import ProveOptions
from tabproof.errors import ExitStatus, InputError, pluralize
from tabproof.model.catalog import Catalog
from tabproof.model.sample import Sample
from tabproof.project import catalog_reader
from tabproof.samples import manifest, record
from tabproof.samples import merge as merging
from tabproof.samples.current import current_digests, render_all
from tabproof.samples.record import Record


def run(root: Path, asked: ProveOptions) -> ExitStatus:
    """Unite records into `samples/proof.json`, and say what came of it; the exit status.

    Raises:
        InputError: a file is no record, or two contradict each other.
    """
    files = asked.files
    if not files:
        raise InputError("--merge needs the records: `tabproof prove --merge FILE...`.")
    known = catalog_reader.load(root)
    made = render_all(root, known)
    with faults_raised_last(made.faults):
        _merge(root, files, known, made.samples)
    return ExitStatus.DONE


def _merge(root: Path, files: tuple[Path, ...], known: Catalog, samples: list[Sample]) -> None:
    current = current_digests(root, known, samples, manifest.read_manifest(root).values())
    own = root / record.RECORD
    records = {str(file): record.read(Path(), str(file)) for file in files}
    # The project's own record is one of them, whether it is named or not.
    named = [str(file) for file in files if own.exists() and own.samefile(file)]

    def unite(on_disk: Record) -> Record:
        records.update(dict.fromkeys(named or [record.RECORD], on_disk))
        return merging.merge(records, current)

    merged = record.update(root, record.RECORD, unite)
    read = {(r.sample, r.case, r.date) for each in records.values() for r in each.results}
    proved = {result.sample for result in merged.results}
    click.echo(
        f"{pluralize(len(files), 'record')} merged into {record.RECORD}: "
        f"{pluralize(len(merged.results), 'result')} of {pluralize(len(proved), 'sample')}; "
        f"{len(read) - len(merged.results)} left out, older or of other samples and cases",
        err=True,
    )
