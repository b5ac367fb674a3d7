"""The proof cannot pass for want of something: what is not there, or does nothing, is no success.

Beside these, test_prove.py holds the missing sample, the missing interpreter, the table without
cases and the worker that crashes; test_mutate.py holds the faults that nothing notices.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tabproof.errors import InputError
from tabproof.model.catalog import Catalog
from tabproof.model.sample import SampleKey
from tabproof.project import catalog_reader as catalogs
from tabproof.project.cases import case_finder
from tabproof.proof.prepare.selection import refuse_nothing
from tabproof.samples import record_files
from tabproof.sandbox import batch_runner
from tabproof.sandbox.protocol import Observation
from tabproof.toolchains import case_tools, find

RUN = '    run: ["{ruby}", "{file}"]\n'
LANGUAGE = "templates/ruby/language.yml"


@dataclass
class Bench:
    """A project of which Ruby's sample without a library is proved."""

    root: Path
    tabproof: Callable[..., Result]

    def change(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text()
        assert text.count(old) == 1, f"{path} holds {text.count(old)} times {old!r}"
        (self.root / path).write_text(text.replace(old, new))

    def prove(self, *cases: str) -> Result:
        chosen = [word for case in cases for word in ("--case", case)]
        chosen += ["--scenario", "list-users", "--language", "ruby", "--variant", "stdlib"]
        return self.tabproof("prove", "--fresh", *chosen)

    def verdicts(self) -> dict[str, str]:
        """What the last proof came to, by case."""
        results = record_files.read_cache(self.root).results
        return {result.case: result.verdict for result in results}


@pytest.fixture
def bench(project: Path, tabproof: Callable[..., Result]) -> Bench:
    return Bench(project, tabproof)


@pytest.fixture
def ruby(sandbox: None, catalog: Catalog, root: Path) -> None:  # noqa: ARG001 - it skips
    """For tests that run something in Ruby's place."""
    found = find.select_toolchain(find.find_toolchains(catalog.languages["ruby"], root), "stdlib")
    if isinstance(found, str):
        pytest.skip(found)


def counts(result: Result) -> tuple[int, int, int]:
    """How many passed, failed and were skipped."""
    found = re.search(r"(\d+) passed, (\d+) failed, (\d+) skipped", result.stdout)
    assert found, result.output
    return int(found[1]), int(found[2]), int(found[3])


@pytest.mark.usefixtures("ruby")
@pytest.mark.parametrize(
    "script",
    ["exit 0", "exit 1", "exit 2", "echo Error. >&2; exit 1", "echo 1"],
    ids=["nothing", "failure", "usage", "error", "answer"],
)
def test_what_does_nothing_passes_in_no_case(bench: Bench, script: str) -> None:
    bench.change(LANGUAGE, RUN, f'    run: [/bin/sh, -c, "{script}"]\n')
    known = catalogs.load(bench.root)
    cases = case_finder(known)(SampleKey("list-users", "stdlib", "ruby"))
    result = bench.prove()
    passed, failed, skipped = counts(result)
    assert (result.exit_code, passed) == (1, 0), bench.verdicts()
    assert failed + skipped == len(cases)
    assert failed > skipped


@pytest.mark.usefixtures("ruby")
def test_an_empty_sample_passes_in_no_case(bench: Bench) -> None:
    (bench.root / "samples/list-users/stdlib/list_users.rb").write_text("")
    result = bench.prove()
    assert (result.exit_code, counts(result)[0]) == (1, 0), bench.verdicts()


@pytest.mark.usefixtures("ruby")
def test_a_sample_that_is_no_program_passes_in_no_case(bench: Bench) -> None:
    (bench.root / "samples/list-users/stdlib/list_users.rb").write_text("def\n")
    result = bench.prove()
    assert (result.exit_code, counts(result)[0]) == (1, 0), bench.verdicts()


@pytest.mark.usefixtures("ruby")
def test_an_interpreter_that_is_not_in_the_sandbox_is_no_success(bench: Bench) -> None:
    bench.change(LANGUAGE, RUN, '    run: [/no/such/ruby, "{file}"]\n')
    result = bench.prove("success", "status-401", "unset-api_key", "connection-refused")
    assert (result.exit_code, counts(result)) == (1, (0, 4, 0))
    assert re.search(r"expected a run; seen none: \w+: .*/no/such/ruby", result.stdout)


@pytest.mark.usefixtures("ruby")
@pytest.mark.parametrize("acts", ["[{close: cut}]", '[{send: "x"}]'], ids=["closes", "babbles"])
def test_a_mock_api_that_does_not_answer_is_no_success(bench: Bench, acts: str) -> None:
    with (bench.root / "templates/cases.yml").open("a") as table:
        table.write("\n  - name: silent\n    reason: It never answers.\n")
        table.write(f"    server: {{acts: {acts}}}\n    expect: answered\n")
    result = bench.prove("silent")
    assert (result.exit_code, counts(result)) == (1, (0, 1, 0))


@pytest.mark.usefixtures("ruby")
def test_a_mock_api_that_nobody_reaches_is_no_success(bench: Bench) -> None:
    bench.change(
        "templates/cases.yml",
        "  - name: success\n",
        "  - name: success\n    server: {listens: false}\n",
    )
    result = bench.prove("success")
    assert (result.exit_code, counts(result)) == (1, (0, 1, 0))


@pytest.mark.usefixtures("ruby")
def test_a_worker_that_crashes_between_two_runs_fails_what_it_left(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = batch_runner.run_batch

    def half(*everything: Any) -> Iterator[Observation]:
        observations = really(*everything)
        yield next(observations)
        for other in observations:
            yield Observation(other.id, broken="the worker ended early: out of memory")

    monkeypatch.setattr(batch_runner, "run_batch", half)
    result = bench.prove("success", "status-401")
    assert (result.exit_code, counts(result)) == (1, (1, 1, 0))
    assert "the worker ended early: out of memory" in result.stdout


@pytest.mark.usefixtures("sandbox")
def test_a_case_whose_instrument_is_missing_is_skipped(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_tools, "missing_tools", lambda: ["libfaketime", "strace", "TLS 1.1"])
    result = bench.prove("moving-clock", "process-arguments", "old-tls")
    assert (result.exit_code, counts(result)) == (3, (0, 0, 3))


@pytest.mark.parametrize(
    "command",
    [
        ("prove",),
        ("prove", "--fresh", "--record"),
        ("prove", "--scenario", "list-users"),
        ("prove", "--lint"),
        ("prove", "--mutate"),
        ("prove", "--format", "json"),
        ("report",),
    ],
    ids=" ".join,
)
def test_a_project_without_scenarios_proves_nothing_and_says_how_to_begin(
    bench: Bench, command: tuple[str, ...]
) -> None:
    shutil.rmtree(bench.root / "templates/scenarios")
    (bench.root / "templates/scenarios").mkdir()
    before = (bench.root / record_files.RECORD).read_bytes()
    result = bench.tabproof(*command)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "tabproof: templates/scenarios: there is no scenario; create one with "
        "`tabproof new scenario NAME`.\n"
    )
    assert (bench.root / record_files.RECORD).read_bytes() == before


def test_a_project_without_languages_proves_nothing(bench: Bench) -> None:
    for file in (bench.root / "templates").glob("*/language.yml"):
        file.unlink()
    for mode in ("--fresh", "--lint", "--mutate"):
        assert bench.tabproof("prove", mode).exit_code == 2, mode


def test_a_selection_without_a_sample_is_no_success(catalog: Catalog) -> None:
    with pytest.raises(InputError, match="there is no sample in this selection; `tabproof config`"):
        refuse_nothing(catalog, [])
