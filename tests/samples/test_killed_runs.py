from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.languages import SAMPLES

Scenarios = Callable[[int], Path]
Faulty = Callable[..., list[dict[str, Any]]]
NAMESPACE = ("unshare", "--map-root-user", "--mount")
TIMES = 20


@pytest.fixture
def namespace() -> tuple[str, ...]:
    """Return a prefix that runs a command where it may mount its own file systems."""
    if shutil.which("unshare") is None:
        pytest.skip("there is no unshare")
    if subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine makes no mount namespace")
    return NAMESPACE


def test_a_run_that_is_killed_at_any_step_loses_nothing_and_the_next_one_mends_the_rest(
    scenarios: Scenarios, faulty: Faulty
) -> None:
    runs = faulty("kill-at-each-step", scenarios(2))
    *killed, whole = runs
    assert whole["status"] == 0
    assert {run["status"] for run in killed} == {-signal.SIGKILL}
    assert len(killed) > 8 * 2 + 4  # eight samples are made and renamed, and four removed
    assert any(run["temporary"] for run in killed)
    for run in runs:
        assert run["lost"] == []
        assert (run["after"], run["current"], run["rest"]) == (0, True, [])


def test_runs_that_are_killed_one_after_the_other_lose_nothing(
    scenarios: Scenarios, faulty: Faulty
) -> None:
    *killed, last = faulty("kill-at-random", scenarios(20), TIMES)
    assert {run["status"] for run in killed} <= {0, -signal.SIGKILL}
    assert [run["lost"] for run in killed] == [[]] * TIMES
    assert last == {"status": 0, "lost": [], "temporary": 0, "current": True}


def test_two_runs_at_once_both_succeed_and_the_tree_is_current(
    scenarios: Scenarios, faulty: Faulty
) -> None:
    runs = faulty("pairs", scenarios(5), TIMES)
    assert len(runs) == TIMES
    assert [run["statuses"] for run in runs] == [[0, 0]] * TIMES
    assert all(run["current"] for run in runs)
    notice = "Waiting for another run of tabproof in this project.\n"
    assert [[s.startswith(notice) for s in sorted(run["said"])] for run in runs] == [
        [False, True]
    ] * TIMES


def test_two_runs_at_once_lose_nothing_on_a_disk_without_locks(
    scenarios: Scenarios, faulty: Faulty
) -> None:
    runs = faulty("pairs-without-lock", scenarios(5), 5)
    assert [run["statuses"] for run in runs] == [[0, 0]] * 5
    assert all(run["current"] for run in runs)


def test_no_result_is_lost_where_two_runs_record_at_once(
    scenarios: Scenarios, faulty: Faulty
) -> None:
    runs = faulty("records", scenarios(2), TIMES)
    assert [run["statuses"] for run in runs] == [[0, 0, 0]] * TIMES
    assert [run["results"] for run in runs] == [2 * (number + 1) for number in range(TIMES)]
    assert not any(run["temporary"] for run in runs)


def test_a_full_disk_is_reported_in_one_line_and_loses_nothing(
    scenarios: Scenarios, faulty: Faulty, namespace: tuple[str, ...]
) -> None:
    runs = faulty("full-disk", scenarios(2), TIMES, *namespace)
    full = [run for run in runs if run["status"]]
    assert len(full) >= SAMPLES
    for run in full:
        assert run["status"] == 3
        assert run["said"].startswith("tabproof: ")
        assert run["said"].endswith(": cannot be written: No space left on device.\n")
        assert run["said"].count("\n") == 1
    for run in runs:
        assert (run["lost"], run["temporary"]) == ([], 0)
        assert (run["after"], run["current"]) == (0, True)


def test_samples_that_cannot_be_written_are_reported_in_one_line_and_stay_as_they_are(
    scenarios: Scenarios, faulty: Faulty, namespace: tuple[str, ...]
) -> None:
    current, changed = faulty("read-only", scenarios(1), 0, *namespace)
    assert current["status"] == 0  # there is nothing to write
    assert changed["status"] == 3
    assert changed["said"].startswith("tabproof: ")
    assert changed["said"].endswith(": cannot be written: Read-only file system.\n")
    assert changed["said"].count("\n") == 1
    assert current["same"]
    assert changed["same"]
