"""`tabproof prove --lint`: what linters and formatters say of the samples, as people read it."""

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

CLEAN = Text("clean", "green")


def run(root: Path, asked: ProveOptions) -> ExitStatus:
    """Ask the linters, and say what they said; the exit status.

    Raises:
        TabproofError: what is asked for cannot be done.
    """
    known = catalog_reader.load(root, catalog_reader.TemplateCaches(root))
    asked.check(known.languages)
    refuse_no_scenario(known)
    made = render_all(root, known)
    faults = asked.selection.faults(made.faults)
    status = ExitStatus.DONE
    with faults_raised_last(faults):
        if any(map(asked.selection.holds, made.samples)) or not faults:
            subjects = runnable_samples(root, known, made.samples, asked.selection)
            status = _show(lint.lint(subjects, root, asked.jobs), asked)
    return status


def _show(said: tuple[LintResult, ...], asked: ProveOptions) -> ExitStatus:
    """Print a table for each language and a line for each fault.

    Args:
        said: what each linter said of each sample.
        asked: the options.

    Returns:
        The exit status: `WRONG` where there is a fault, `UNABLE` where nothing ran.
    """
    console = Console(width=None if sys.stdout.isatty() else 160)
    for language in dict.fromkeys(each.subject.language.data.title for each in said):
        own = [each for each in said if each.subject.language.data.title == language]
        console.print(_table(language, own))
    faulty = [line for each in said for line in each.lines()]
    for line in faulty:
        console.print(Text(line, "red"), soft_wrap=True, highlight=False)
    ran = [each for each in said if not each.skipped]
    samples = {each.subject.sample.path for each in said}
    click.echo(
        f"{pluralize(len(samples), 'sample')}: {pluralize(len(faulty), 'fault')} in "
        f"{pluralize(len(ran), 'check')}, "
        f"{len(said) - len(ran)} skipped"
    )
    if faulty:
        return ExitStatus.WRONG
    lacking = {each.subject.sample.key.language for each in said if each.skipped}
    if not ran or any(asked.requires(language) for language in lacking):
        return ExitStatus.UNABLE
    return ExitStatus.DONE


def _table(language: str, said: Iterable[LintResult]) -> Table:
    """A row for each sample, a column for each linter; one that does not read it says nothing."""
    cells: dict[str, dict[str, Text]] = {}
    for each in said:
        head = f"{each.linter} {each.version}".strip()
        cells.setdefault(each.subject.sample.path, {})[head] = _cell(each)
    heads = dict.fromkeys(head for row in cells.values() for head in row)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(language, no_wrap=True, min_width=42)
    for head in heads:
        table.add_column(head, overflow="fold")
    for path, row in cells.items():
        table.add_row(path, *(row.get(head, "") for head in heads))
    return table


def _cell(said: LintResult) -> Text:
    if said.skipped:
        return Text(f"skipped: {said.skipped}", "yellow")
    count = len(said.faults)
    return Text(f"{count} fault{'s' * (count > 1)}", "bold red") if count else CLEAN
