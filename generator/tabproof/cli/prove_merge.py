"""`tabproof prove --merge`: merge the records of other machines into the project's."""

from __future__ import annotations

from pathlib import Path

import click

from tabproof.cli.handle_errors import faults_raised_last
from tabproof.cli.prove_options import ProveOptions
from tabproof.errors import ExitStatus, InputError, pluralize
from tabproof.model.catalog import Catalog
from tabproof.model.sample import Sample
from tabproof.project import catalog_reader
from tabproof.samples import manifest, record_files
from tabproof.samples import merge as merging
from tabproof.samples.current import current_state, render_all
from tabproof.samples.record import Record
from tabproof.samples.record_files import RECORD


def run(root: Path, options: ProveOptions) -> ExitStatus:
    """Merge records into `samples/proof.json`, print the counts, and return the exit status.

    Raises:
        InputError: a file is not a record, or two records contradict each other.
    """
    files = options.files
    if not files:
        raise InputError("--merge needs records: `tabproof prove --merge FILE...`.")
    catalog = catalog_reader.load(root)
    rendered = render_all(root, catalog)
    with faults_raised_last(rendered.faults):
        _merge(root, files, catalog, rendered.samples)
    return ExitStatus.DONE


def _merge(root: Path, files: tuple[Path, ...], catalog: Catalog, samples: list[Sample]) -> None:
    current = current_state(root, catalog, samples, manifest.read_manifest(root).values())
    own = root / RECORD
    contents = {str(file): record_files.read(Path(), str(file)) for file in files}
    records = {name: content.record(current.find_cases) for name, content in contents.items()}
    # The project's own record takes part, even if it is not named.
    named = [str(file) for file in files if own.exists() and own.samefile(file)]

    def unite(on_disk: Record) -> Record:
        records.update(dict.fromkeys(named or [RECORD], on_disk))
        return merging.merge(records, current)

    merged = record_files.update(root, current, unite)
    all_results = {
        (r.run, r.sample_digest, r.verdict, r.date)
        for file_record in records.values()
        for r in file_record.results
    }
    proved = {result.sample for result in merged.results}
    click.echo(
        f"{pluralize(len(files), 'record')} merged into {RECORD}: "
        f"{pluralize(len(merged.results), 'result')} of {pluralize(len(proved), 'sample')}; "
        f"{len(all_results) - len(merged.results)} left out, older or of other samples and cases",
        err=True,
    )
