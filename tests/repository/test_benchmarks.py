from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from benchmarks import growth, peers, warm
from benchmarks.__main__ import PARTS, introduction
from benchmarks.measure import ROOT, ratios, table

from tabproof.model.language import Variant


def test_growth_is_measured_with_the_smallest_project() -> None:
    size = growth.measured(1, 1)
    assert {len(costs) for costs in size.costs.values()} == {1}
    assert size.costs.keys() >= {"generate, fresh", "generate, one changed", "check, one changed"}


@pytest.mark.parametrize("variant", ["library", "stdlib"])
def test_each_round_renders_new_scenarios_in_all_six_languages(
    variant: Variant,
) -> None:
    done = warm.ours(ROOT, variant, 0.0)
    assert done.count == warm.SCENARIOS_A_ROUND * len(warm.LANGUAGES)
    assert done.bytes > 1_000 * done.count


def test_each_peer_is_in_the_lock_and_in_the_driver() -> None:
    lock = (peers.HERE / "package-lock.json").read_text(encoding="utf-8")
    driver = (peers.HERE / "peers.mjs").read_text(encoding="utf-8")
    for name in peers.PEERS:
        assert f'"node_modules/{name}"' in lock
        assert f'import("{name}")' in driver
    assert '"resolved"' not in lock


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node")
def test_the_driver_is_a_program_of_node(tmp_path: Path) -> None:
    shutil.copy(peers.HERE / "peers.mjs", tmp_path)
    command = ["node", "--check", str(tmp_path / "peers.mjs")]
    assert subprocess.run(command, check=False).returncode == 0


def test_a_ratio_is_the_median_of_pairs() -> None:
    assert ratios([1, 4, 9], [1, 2, 3]) == "2 (1 to 3)"
    assert table(("", "a"), [("b", "1")]) == "|  | a |\n| --- | ---: |\n| b | 1 |\n"


def test_each_part_tells_what_it_measures_and_no_command() -> None:
    for docstring, _report in PARTS.values():
        assert introduction(docstring or "").strip()
        assert "python -m" not in introduction(docstring or "")
