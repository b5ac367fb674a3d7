"""`tabproof prove --lint`: run linters and formatters on the samples."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tabproof.cli.handle_errors import faults_raised_last
from tabproof.cli.pick_scenario import refuse_no_scenario
from tabproof.cli.prove_options import ProveOptions
from tabproof.errors import ExitStatus, pluralize
from tabproof.project import catalog_reader
from tabproof.proof import lint
from tabproof.proof.lint import LintResult
from tabproof.proof.prepare.toolchain_survey import runnable_samples
from tabproof.samples.current import render_all
from tabproof.sandbox import isolation_choice

CLEAN = Text("clean", "green")


def run(root: Path, options: ProveOptions) -> ExitStatus:
    """Run the linters, print their results, and return the exit status.

    Raises:
        TabproofError: the project or an option is invalid.
    """
    catalog = catalog_reader.load(root, catalog_reader.TemplateCaches(root))
    options.check(catalog.languages)
    refuse_no_scenario(catalog)
    rendered = render_all(root, catalog)
    scenario_faults = options.selection.faults(rendered.faults)
    status = ExitStatus.DONE
    with faults_raised_last(scenario_faults):
        if any(map(options.selection.holds, rendered.samples)) or not scenario_faults:
            apart = isolation_choice.choose_isolation(isolation_choice.AUTO)
            subjects = runnable_samples(root, catalog, rendered.samples, options.selection, apart)
            status = _show(lint.lint(subjects, root, options.jobs), options)
    return status


def _show(results: tuple[LintResult, ...], options: ProveOptions) -> ExitStatus:
    """Print a table for each language and a line for each fault.

    Args:
        results: those of each linter for each sample.
        options: those of the command line.

    Returns:
        The exit status: `WRONG` where there is a fault, `UNABLE` where nothing ran.
    """
    console = Console(width=None if sys.stdout.isatty() else 160)
    for language in dict.fromkeys(result.subject.language.data.title for result in results):
        own = [result for result in results if result.subject.language.data.title == language]
        console.print(_table(language, own))
    faults = [line for result in results for line in result.lines()]
    for line in faults:
        console.print(Text(line, "red"), soft_wrap=True, highlight=False)
    ran = [result for result in results if not result.skipped]
    samples = {result.subject.sample.path for result in results}
    click.echo(
        f"{pluralize(len(samples), 'sample')}: {pluralize(len(faults), 'fault')} in "
        f"{pluralize(len(ran), 'check')}, "
        f"{len(results) - len(ran)} skipped"
    )
    if faults:
        return ExitStatus.WRONG
    skipped = {result.subject.sample.key.language for result in results if result.skipped}
    if not ran or any(options.requires(language) for language in skipped):
        return ExitStatus.UNABLE
    return ExitStatus.DONE


def _table(language: str, results: Iterable[LintResult]) -> Table:
    """Return a table with a row for each sample and a column for each linter."""
    cells: dict[str, dict[str, Text]] = {}
    for result in results:
        head = f"{result.linter} {result.version}".strip()
        cells.setdefault(result.subject.sample.path, {})[head] = _cell(result)
    heads = dict.fromkeys(head for row in cells.values() for head in row)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(language, no_wrap=True, min_width=42)
    for head in heads:
        table.add_column(head, overflow="fold")
    for path, row in cells.items():
        table.add_row(path, *(row.get(head, "") for head in heads))
    return table


def _cell(result: LintResult) -> Text:
    if result.skipped:
        return Text(f"skipped: {result.skipped}", "yellow")
    count = len(result.faults)
    return Text(f"{count} fault{'s' * (count > 1)}", "bold red") if count else CLEAN
