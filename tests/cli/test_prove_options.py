"""Which options of `tabproof prove` go together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tabproof.cli.prove import prove
from tabproof.cli.prove_options import COMPATIBLE
from tabproof.samples import record_files

Run = Callable[..., Result]

OPTIONS = {
    "--scenario": ("--scenario", "list-users"),
    "--language": ("--language", "ruby"),
    "--variant": ("--variant", "stdlib"),
    "--case": ("--case", "success"),
    "--fresh": ("--fresh",),
    "--record": ("--record",),
    "--require": ("--require", "all"),
    "--jobs": ("--jobs", "1"),
    "--isolation": ("--isolation", "auto"),
    "--executor": ("--executor", "local"),
    "--format": ("--format", "table"),
    "--merge": ("--merge",),
    "--lint": ("--lint",),
    "--mutate": ("--mutate",),
    "FILES": (record_files.RECORD,),
}
MEANINGLESS = [
    ("--merge", "--case"),
    ("--merge", "--fresh"),
    ("--merge", "--record"),
    ("--merge", "--require"),
    ("--merge", "--isolation"),
    ("--merge", "--executor"),
    ("--merge", "--format"),
    ("--merge", "--lint"),
    ("--merge", "--mutate"),
    ("--lint", "--case"),
    ("--lint", "--fresh"),
    ("--lint", "--record"),
    ("--lint", "--isolation"),
    ("--lint", "--executor"),
    ("--lint", "--format"),
    ("--lint", "--mutate"),
    ("--lint", "FILES"),
    ("--mutate", "--record"),
    ("--mutate", "--format"),
    ("--mutate", "FILES"),
]


@pytest.mark.parametrize(("mode", "option"), MEANINGLESS)
def test_options_that_mean_nothing_together_are_named_in_one_line(
    mode: str, option: str, project: Path, tabproof: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    before = (project / record_files.RECORD).read_bytes()
    for words in ((*OPTIONS[mode], *OPTIONS[option]), (*OPTIONS[option], *OPTIONS[mode])):
        result = tabproof("prove", *words)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == (
            f"tabproof: {mode} and {option} cannot be combined; leave one of them out.\n"
        )
    assert (project / record_files.RECORD).read_bytes() == before


def test_records_are_for_merge_alone_and_merge_needs_them(
    project: Path, tabproof: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    result = tabproof("prove", record_files.RECORD)
    assert result.exit_code == 2
    assert (
        result.stderr == "tabproof: FILES: only --merge takes records; add it, or leave them out.\n"
    )
    result = tabproof("prove", "--merge")
    assert result.exit_code == 2
    assert result.stderr == "tabproof: --merge needs records: `tabproof prove --merge FILE...`.\n"
    assert tabproof("prove", "--merge", record_files.RECORD).exit_code == 0


def test_what_linting_takes_is_not_ignored(project: Path, tabproof: Run) -> None:
    sample = project / "samples/list-users/stdlib/list_users.rb"
    sample.write_text(sample.read_text(encoding="utf-8") + "if )\n", encoding="utf-8")
    ruby = ("prove", "--lint", "--language", "ruby", "--jobs", "1")
    result = tabproof(*ruby, "--scenario", "list-users", "--variant", "library")
    assert "1 sample: 0 faults" in result.stdout
    result = tabproof(*ruby, "--scenario", "list-users", "--variant", "stdlib")
    assert "1 sample: " in result.stdout
    assert "list_users.rb" in result.stdout
    assert "library" not in result.stdout


def test_every_option_of_prove_is_known_to_the_table() -> None:
    """So that a new option is no option that some mode ignores silently."""
    options = {parameter.opts[0] for parameter in prove.params} - {"files", "--root"}
    assert options | {"FILES"} == set(OPTIONS)
    assert set(COMPATIBLE) == {"--merge", "--lint", "--mutate"}
    refused = {(mode, option) for mode in COMPATIBLE for option in OPTIONS if option != mode}
    refused -= {(mode, option) for mode, taken in COMPATIBLE.items() for option in taken}
    ways = {("--mutate", "--lint"), ("--lint", "--merge"), ("--mutate", "--merge")}
    rest = {("--merge", option) for option in ("--scenario", "--language", "--variant", "--jobs")}
    assert refused - ways - rest == set(MEANINGLESS)
