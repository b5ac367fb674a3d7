"""A proof on other machines finds what it finds here, whatever becomes of one of them."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import Result
from distributed import Client
from tests.proof.machines import Machines, machines

from tabproof import __version__
from tabproof.cli import prove_options
from tabproof.errors import InputError, MachineError
from tabproof.model.catalog import Catalog
from tabproof.proof.outcome import Outcome
from tabproof.proof.prepare.runnable_sample import RequestedRuns
from tabproof.proof.prepare.selection import Selection
from tabproof.proof.prepare.toolchain_survey import runnable_samples
from tabproof.proof.prove import prove
from tabproof.proof.run import cluster, jobs
from tabproof.proof.run.jobs import Cluster, Job, JobResult
from tabproof.proof.run.local import Runner, run_locally
from tabproof.render.renderer import Renderer
from tabproof.samples.record import Record
from tabproof.sandbox.protocol import Observation

PATIENCE_SECONDS = 120
CASES = ("success", "status-401", "unset-api_key", "redirect-elsewhere")

Run = Callable[..., Result]


@pytest.fixture
def others(tmp_path: Path, root: Path) -> Iterator[Machines]:
    with machines(tmp_path, root) as held:
        yield held


def proved(
    root: Path, catalog: Catalog, runner: Runner
) -> tuple[Outcome, list[tuple[int, int, str]]]:
    """What a proof finds, and what it says of how far it is."""
    samples = list(Renderer(catalog).all())
    selection = Selection(("list-users",), ("python", "ruby"), ("stdlib",), CASES)
    told: list[tuple[int, int, str]] = []
    subjects = runnable_samples(root, catalog, samples, selection)
    outcome = prove(subjects, Record(), lambda *step: told.append(step), runner)
    return outcome, told


def seen(outcome: Outcome) -> list[tuple[object, ...]]:
    """Every result but for its date."""
    found = [(r.sample, r.case, r.verdict, r.reason, r.toolbox) for r in outcome.results]
    return sorted(found, key=str)


@pytest.mark.usefixtures("sandbox")
def test_where_a_worker_is_killed_no_result_is_lost_and_none_is_counted_twice(
    root: Path, catalog: Catalog, others: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "MOST_RUNS", 2)
    others.start(2)
    victim = others.workers[1]

    def kill_in_the_middle() -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline and not others.left(1):
            time.sleep(0.01)
        victim.send_signal(signal.SIGKILL)

    killer = threading.Thread(target=kill_in_the_middle)
    killer.start()
    there, told = proved(root, catalog, cluster.cluster_runner(others.cluster.scheduler_address))
    killer.join()
    assert victim.wait() == -signal.SIGKILL
    assert others.left(1), "it was killed between two jobs"
    assert others.left(0) == []

    own, _told = proved(root, catalog, run_locally)
    assert len(own.results) >= len(CASES)
    assert seen(there) == seen(own)
    assert there.problems == own.problems
    ran = sum(result.verdict != "skipped" for result in own.results)
    assert [(done, among) for done, among, _sample in told] == [
        (done, ran) for done in range(ran + 1)
    ]
    names = (result.sample.name for result in own.results if result.verdict != "skipped")
    assert sorted(name for _done, _among, name in told) == sorted(["", *names])


@pytest.mark.usefixtures("sandbox")
def test_a_worker_that_is_not_like_this_machine_is_named_in_one_line(
    project: Path, tabproof: Run, others: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    others.start(1)
    words = (*ONE, "--executor", others.executor)
    note = project / "templates/ruby/note.txt"
    note.write_text("Not here.")
    (worker,) = others.scheduler.workers
    templates = "its templates/ruby are not those of this machine"
    refused(tabproof(*words), f"tabproof: worker {worker}: {templates}.")
    note.unlink()
    monkeypatch.setattr(jobs, "__version__", "9.9.9")
    versions = f"it has Tabproof {__version__}, this machine 9.9.9"
    refused(tabproof(*words), f"tabproof: worker {worker}: {versions}.")


def refused(result: Result, line: str, status: int = 3) -> None:
    assert (result.exit_code, result.stdout, result.stderr) == (status, "", f"{line}\n")


def test_a_scheduler_with_another_version_is_named_in_one_line() -> None:
    own = {"packages": {"tabproof": "1", "dask": "2", "distributed": "3"}}
    other = {"packages": {**own["packages"], "dask": "1"}}
    cluster.refuse_other_versions({"client": own, "scheduler": own, "workers": {"tcp://a:1": own}})
    for place, versions in (
        ("the scheduler", {"client": own, "scheduler": other, "workers": {}}),
        ("tcp://a:1", {"client": own, "scheduler": own, "workers": {"tcp://a:1": other}}),
    ):
        with pytest.raises(MachineError) as caught:
            cluster.refuse_other_versions(versions)
        assert (
            str(caught.value) == f"{place} has dask 1, this machine dask 2; they must be the same."
        )


WHICH = ("--scenario", "list-users", "--language", "ruby", "--variant", "stdlib")
ONE = ("prove", "--fresh", *WHICH, "--case", "success")


def test_a_scheduler_without_workers_is_named_in_one_line(
    project: Path, tabproof: Run, others: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    del project
    monkeypatch.setattr(cluster, "WORKERLESS_SECONDS", 0)
    place = others.cluster.scheduler_address
    result = tabproof(*ONE, "--executor", others.executor)
    refused(result, f"tabproof: the Dask scheduler at {place} has no workers.")


def test_a_scheduler_that_goes_away_is_named_in_one_line(
    project: Path, tabproof: Run, others: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    del project
    place = others.cluster.scheduler_address

    def sent(wanted: RequestedRuns) -> Iterator[Job]:
        yield from jobs_of(wanted)
        others.cluster.close()

    jobs_of = jobs.jobs_of
    # No worker does the jobs before the scheduler goes.
    monkeypatch.setattr(Client, "nthreads", lambda _client: {"tcp://a:1": 1})
    monkeypatch.setattr(jobs, "jobs_of", sent)
    result = tabproof(*ONE, "--executor", others.executor)
    refused(result, f"tabproof: the Dask scheduler at {place} is gone.")


def test_where_no_scheduler_listens_one_line_says_so(
    project: Path, tabproof: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    del project
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.2)
    result = tabproof(*ONE, "--executor", "dask:127.0.0.1:1")
    refused(result, "tabproof: no Dask scheduler answers at 127.0.0.1:1.")


@pytest.mark.parametrize(
    "value", ["", "Dask", "dask:", "dask:host", "dask:host:port", "dask:a b:1", "local:1", "ray"]
)
def test_an_executor_that_there_is_not_is_an_input_error(value: str) -> None:
    choices = "choose local, dask or dask:HOST:PORT, such as dask:tcp://10.0.0.1:8786."
    with pytest.raises(InputError) as caught:
        prove_options.runner_of(value, None)
    assert str(caught.value) == f"--executor {value}: {choices}"


def test_what_dask_does_not_know_is_refused_in_one_line(
    project: Path, tabproof: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    del project
    monkeypatch.delenv("DASK_SCHEDULER_ADDRESS", raising=False)
    refused(
        tabproof(*ONE, "--executor", "dask"),
        "tabproof: --executor dask: no scheduler is named; write dask:HOST:PORT, or set "
        "DASK_SCHEDULER_ADDRESS.",
        2,
    )
    result = tabproof(*ONE, "--executor", "dask:gopher://127.0.0.1:1")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("tabproof: --executor dask:gopher://127.0.0.1:1: ")
    assert result.stderr.count("\n") == 1
    refused(
        tabproof(*ONE, "--executor", "dask:127.0.0.1:1", "--jobs", "2"),
        "tabproof: --executor dask and --jobs cannot be combined: each worker makes as many "
        "runs at the same time as it has threads.",
        2,
    )


def test_without_the_extra_one_line_says_how_to_get_it(
    project: Path, tabproof: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    del project
    monkeypatch.delitem(sys.modules, "tabproof.proof.run.cluster")
    monkeypatch.delattr("tabproof.proof.run.cluster")
    monkeypatch.setitem(sys.modules, "distributed", None)
    refused(
        tabproof(*ONE, "--executor", "dask:127.0.0.1:1"),
        "tabproof: --executor dask: distributed is not installed; run "
        "`pip install 'tabproof[dask]'`.",
    )


def test_runs_that_wait_wait_together_and_each_run_is_in_one_job(
    root: Path, catalog: Catalog
) -> None:
    samples = list(Renderer(catalog).all())
    subjects = runnable_samples(root, catalog, samples, Selection(languages=("python", "ruby")))
    wanted = {f"{s.sample.path}#{case.name}": (s, case) for s in subjects for case in s.cases}
    made = list(jobs.jobs_of(wanted))
    identities = [identity for job in made for identity in job.identities]
    assert sorted(identities) == sorted(wanted)
    assert all(0 < len(job.identities) <= jobs.MOST_RUNS for job in made)
    waiting = [{case.waits for p in job.parts for case in p.cases.values()} for job in made]
    assert waiting[0] == {True}
    assert all(len(kinds) == 1 for kinds in waiting)
    assert sorted(waiting, key=str) == waiting[::-1]
    assert all(
        len(job.parts) == 1 for job, kinds in zip(made, waiting, strict=True) if kinds == {False}
    )
    for job in made:
        for part in job.parts:
            assert part.content == Path(part.subject.file).read_bytes()


class LostError(Exception):
    """What a future raises whose job ended every machine that tried it."""


def test_a_job_that_ends_every_worker_fails_its_own_runs_and_no_other(
    root: Path, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "MOST_RUNS", 1)
    samples = list(Renderer(catalog).all())
    selection = Selection(("list-users",), ("ruby",), ("stdlib",), CASES)
    (subject,) = runnable_samples(root, catalog, samples, selection)
    wanted = {case.name: (subject, case) for case in subject.cases}

    def do(job: Job) -> JobResult:
        if job.identities == ("success",):
            raise LostError
        return JobResult(tuple((name, Observation(name)) for name in job.identities))

    with ThreadPoolExecutor() as executor:
        elsewhere = Cluster(executor, do, (LostError,), lambda: None)
        told = list(jobs.run_remotely(wanted, elsewhere))
    assert sorted(name for name, _seen in told) == sorted(CASES)
    broken = {name: seen.broken for name, seen in told if isinstance(seen, Observation)}
    assert [name for name in CASES if broken[name]] == ["success"]


def test_what_no_worker_can_do_is_one_line(root: Path, catalog: Catalog) -> None:
    samples = list(Renderer(catalog).all())
    selection = Selection(("list-users",), ("ruby",), ("stdlib",), CASES)
    (subject,) = runnable_samples(root, catalog, samples, selection)

    def do(_job: Job) -> JobResult:
        raise ModuleNotFoundError("No module named 'tabproof'")

    wanted = {"success": (subject, subject.cases[0])}
    with ThreadPoolExecutor() as executor:
        elsewhere = Cluster(executor, do, (LostError,), lambda: None)
        with pytest.raises(MachineError) as caught:
            list(jobs.run_remotely(wanted, elsewhere))
    words = "the workers cannot do a job: ModuleNotFoundError(\"No module named 'tabproof'\")."
    assert str(caught.value) == words
