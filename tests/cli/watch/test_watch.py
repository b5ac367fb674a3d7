"""`tabproof watch`, as a real process with a real server."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests.cli.watch.conftest import watch

from tabproof.samples import record_files

TEMPLATE = "templates/ruby/sample.rb.jinja"
SCENARIO = "templates/scenarios/list-users.yml"
SAMPLE = "samples/list-users/stdlib/list_users.rb"
OTHER_SCENARIO = "templates/scenarios/list-teams.yml"
OTHER_SAMPLE = "samples/list-teams/stdlib/list_teams.rb"
IN_OWN_CASES = "in 2 of 2 of this site's own cases"
"""The project of these tests lacks most of Tabproof's cases, and its page says so."""
PROVED = f"Run on 2026-11-24 {IN_OWN_CASES} with runtime 1.0."
BUILT = "Documentation built"
SERVER_PROCESSES = 3
"""A shell and two children."""
GUARD = 1
"""The process that ends the server if `watch` is killed."""


def tracked(root: Path) -> dict[str, str]:
    """The bytes of what nobody but a person changes."""
    files = [root / record_files.RECORD, *(root / "docs").rglob("*")]
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def alive(number: int) -> bool:
    """Whether a process still runs; one that has ended may stay for a while as a zombie."""
    try:
        return " Z " not in Path(f"/proc/{number}/stat").read_text()
    except FileNotFoundError:
        return False


def running(parent: int) -> list[int]:
    """The processes that a process has started."""
    told = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    children = [int(number) for number in told.split()]
    return children + [number for child in children for number in running(child)]


def test_a_saved_template_is_on_the_page_before_it_is_proved_and_then_proved(live: Any) -> None:
    before = tracked(live.root)
    live.shows(PROVED)

    live.save(TEMPLATE, "def credential", "# Saved once.\ndef credential")
    live.shows("# Saved once.")
    live.says(f"wrote {SAMPLE}")
    assert "# Saved once." in (live.root / SAMPLE).read_text()
    live.says("proving ruby: 2 samples")
    live.says("\nruby: ")
    digest = hashlib.sha256((live.root / SAMPLE).read_bytes()).hexdigest()
    found = record_files.read_cache(live.root)
    every: list[Any] = [*found.results, *found.syntax]
    assert digest in {r.sample_digest for r in every}
    assert {r.sample.language for r in every} == {"ruby"}
    if found.results:
        assert {r.verdict for r in found.results} == {"passed"}
        live.shows(f"Run on {found.results[0].date.partition('T')[0]} {IN_OWN_CASES} with ruby ")

    builds = live.said().count(BUILT)
    # One at the start; for the save one that sees the template, and those that see the samples
    # and their manifest; one for the proof.
    assert builds <= 1 + 3 + 1
    time.sleep(2)
    assert live.said().count(BUILT) == builds, "nothing changed, so nothing is built"
    assert live.said().count("proving ") == 1
    assert tracked(live.root) == before


def test_until_it_is_proved_the_page_says_so(live: Any) -> None:
    # Its proof goes on for as long as this test needs.
    live.save(TEMPLATE, "def credential", "# Slow.\nsleep 600\ndef credential")
    live.shows("# Slow.")
    live.shows("Not proved yet.")
    live.says("proving ruby")
    live.waits(lambda: len(running(live.process.pid)) >= 2)
    children = running(live.process.pid)
    assert live.interrupt() == 130
    # The guard over its process groups ends right after it.
    live.waits(lambda: not [n for n in children if Path(f"/proc/{n}").exists()])
    assert list(live.temporary.iterdir()) == []
    assert not live.page()
    assert "Traceback" not in live.said()


def test_a_later_save_takes_the_place_of_a_proof_that_is_under_way(live: Any) -> None:
    live.save(TEMPLATE, "def credential", "sleep 600\ndef credential")
    live.says("proving ruby")
    live.save(TEMPLATE, "sleep 600\n", "# Saved again.\n")
    live.shows("# Saved again.")
    live.says("\nruby: ")
    assert live.said().count("proving ruby") == 2
    assert "failed" not in live.said().partition("\nruby: ")[2].replace("0 failed", "")


@pytest.mark.parametrize(
    ("path", "old", "new", "fault"),
    [
        (TEMPLATE, "def credential", "{% if %}def credential", f"{TEMPLATE}:"),
        (SCENARIO, "title: ", "titel: ", f"{SCENARIO}:"),
    ],
)
def test_a_fault_stands_on_the_page_and_in_the_terminal_until_it_is_mended(
    live: Any, path: str, old: str, new: str, fault: str
) -> None:
    before = (live.root / SAMPLE).read_bytes()
    live.save(path, old, new)
    live.shows(f"docs/index.md:3: {fault}")
    live.says(f"tabproof: {fault}")
    assert live.process.poll() is None
    assert (live.root / SAMPLE).read_bytes() == before
    live.save(path, new, old)
    live.shows(PROVED)
    assert "tabproof-fault" not in live.page()
    assert "Traceback" not in live.said()


def test_a_build_stays_strict_whatever_is_in_the_environment(live: Any) -> None:
    live.save(TEMPLATE, "def credential", "sleep 600\ndef credential")
    live.shows("Not proved yet.")
    live.says("proving ruby")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(live.temporary / "site")],
        cwd=live.root,
        env=os.environ | {"TABPROOF_LIVE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode != 0
    assert f"docs/index.md:3: {SAMPLE}: not proved for its present bytes" in built.stderr


def test_a_scenario_that_is_deleted_takes_its_samples_with_it(served: Path, tmp_path: Path) -> None:
    with watch(served, tmp_path, ["sleep", "600"]) as live:
        live.waits(lambda: running(live.process.pid))
        other, sample = live.root / OTHER_SCENARIO, live.root / OTHER_SAMPLE
        other.write_bytes((live.root / SCENARIO).read_bytes())
        live.says(f"wrote {OTHER_SAMPLE}")
        content = sample.read_bytes()
        other.rename(other.with_suffix(".saved"))
        live.says(f"removed {OTHER_SAMPLE}")
        assert not sample.exists()
        assert (live.root / SAMPLE).read_bytes() == (served / SAMPLE).read_bytes()
        other.with_suffix(".saved").rename(other)
        live.waits(sample.exists)
        assert sample.read_bytes() == content


def test_without_any_scenario_the_samples_stay(served: Path, tmp_path: Path) -> None:
    with watch(served, tmp_path, ["sleep", "600"]) as live:
        live.waits(lambda: running(live.process.pid))
        (live.root / SCENARIO).rename(live.root / "list-users.yml.saved")
        live.says("tabproof: templates/scenarios: there is no scenario")
        assert (live.root / SAMPLE).read_bytes() == (served / SAMPLE).read_bytes()


def test_ctrl_c_ends_all_that_the_server_started(served: Path, tmp_path: Path) -> None:
    deaf = "trap '' INT TERM; sleep 600 & sleep 600"
    with watch(served, tmp_path, ["sh", "-c", deaf]) as live:
        live.waits(lambda: len(running(live.process.pid)) == SERVER_PROCESSES + GUARD)
        children = running(live.process.pid)
        assert live.interrupt() == 130
        live.waits(lambda: not any(map(alive, children)))
        assert live.said() == "tabproof: interrupted\n"


def test_a_proof_that_is_under_way_ends_with_the_server(served: Path, tmp_path: Path) -> None:
    ends = "until test -e end; do sleep 0.1; done"
    with watch(served, tmp_path, ["sh", "-c", ends]) as live:
        live.waits(lambda: running(live.process.pid))
        live.save(TEMPLATE, "def credential", "sleep 600\ndef credential")
        live.says("proving ruby")
        live.waits(lambda: list(live.temporary.iterdir()))
        (live.root / "end").touch()
        live.waits(lambda: live.process.poll() is not None)
        assert live.process.returncode == 0
        assert list(live.temporary.iterdir()) == []
        assert not (live.root / record_files.CACHE).exists()


@pytest.mark.parametrize(
    ("server", "exit_status", "words"),
    [
        (["false"], 3, "tabproof: `false` ended with exit status 1; its output is above."),
        (["none-such"], 3, "tabproof: none-such: cannot be started: No such file or directory."),
        (["true"], 0, ""),
    ],
)
def test_a_server_that_ends_by_itself_ends_the_watch(
    served: Path, server: list[str], exit_status: int, words: str
) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tabproof", "--root", str(served), "watch", "--", *server],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr.strip()) == (exit_status, words)


def test_a_folder_that_is_no_project_is_refused(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tabproof", "--root", str(tmp_path), "watch"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert "there is no such folder" in ended.stderr
