from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.languages import SAMPLES

SCRIPT = Path(__file__).parent / "one_tree.py"
LOCALES = ("C", "C.UTF-8", "tr_TR.UTF-8")


def _tree(project: Path, seed: int) -> dict[str, bytes]:
    locale = LOCALES[seed % len(LOCALES)]
    environment = os.environ | {
        "PYTHONHASHSEED": str(seed),
        "LC_ALL": locale,
        "PYTHONUTF8": str(seed % 2),
        "TZ": "Asia/Tokyo" if seed % 2 else "UTC",
    }
    subprocess.run([sys.executable, SCRIPT, project], env=environment, check=True)
    folder = project / "samples"
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def _copied_backwards(project: Path, copy: Path) -> Path:
    """Make the same files in the opposite order."""
    for path in sorted(project.rglob("*"), reverse=True):
        if path.is_file():
            target = copy / path.relative_to(project)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    return copy


def test_the_tree_and_the_record_are_the_same_in_any_order_locale_zone_and_hash_seed(
    scenarios: Callable[[int], Path], tmp_path: Path
) -> None:
    project = scenarios(2)
    copies = [
        _copied_backwards(project, tmp_path / str(seed)) for seed in range(1, len(LOCALES) * 2)
    ]
    first = _tree(project, 0)
    assert len(first) == 2 * SAMPLES + 2
    for seed, copy in enumerate(copies, 1):
        assert _tree(copy, seed) == first, seed
