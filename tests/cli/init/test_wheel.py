"""The wheel in an empty environment, and a newcomer's three commands in an empty repository."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
TOOLCHAINS = ROOT / ".tabproof/toolchains"
TITLES = {
    "node": "Node",
    "curl": "cURL",
    "php": "PHP",
    "python": "Python",
    "ruby": "Ruby",
}
FEW_CASES = ("success", "status-401", "unset-{credential}", "unsplit-{credential}")
pytest.importorskip("hatchling", reason="the build backend is not installed: make lock set-up")


def _run(*command: object, folder: Path) -> str:
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": ""}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, folder=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that has the wheel, and its dependencies from this one."""
    folder = tmp_path_factory.mktemp("environment")
    _run(sys.executable, "-m", "venv", "--without-pip", folder, folder=folder)
    python = folder / "bin/python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
    _run(*pip, "--no-deps", "--no-index", wheel, folder=folder)
    (site,) = folder.glob("lib/python*/site-packages")
    # Only a path: the `.pth` files there, that of the editable install too, are not read.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder / "bin"


def test_it_carries_the_languages_the_cases_the_schemas_and_the_assets(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    packaged = [
        path.relative_to(ROOT / "templates").as_posix()
        for path in (ROOT / "templates").rglob("*")
        if path.is_file() and "scenarios" not in path.parts
    ]
    assert {f"tabproof/templates/{name}" for name in packaged} <= names
    assert not [name for name in names if "/templates/scenarios/" in name]
    others = [
        path.relative_to(ROOT / "generator").as_posix()
        for path in (ROOT / "generator/tabproof").rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    ]
    assert "tabproof/proof/reports/report.html.jinja" in others
    assert set(others) <= names


def test_three_commands_lead_from_nothing_to_a_page_with_proved_tabs(
    programs: Path, repository: Path
) -> None:
    tabproof = programs / "tabproof"
    where = "import tabproof; print(tabproof.__file__)"
    assert str(programs.parent) in _run(programs / "python", "-c", where, folder=repository)
    if TOOLCHAINS.is_dir():  # installed for this repository's own samples
        (repository / ".tabproof").mkdir()
        (repository / ".tabproof/toolchains").symlink_to(TOOLCHAINS)
    _shorten_the_cases(repository)

    chosen = [word for name in TITLES for word in ("--language", name)]
    both = ("--variant", "library", "--variant", "stdlib")
    scenario = ("--scenario", "../create-post.yml")
    _run(tabproof, "init", "--yes", *scenario, *chosen, *both, folder=repository)
    _run(tabproof, "generate", folder=repository)
    words = _run(tabproof, "prove", "--record", folder=repository)
    assert " 0 failed" in words
    _run(programs / "python", "-m", "mkdocs", "build", "--strict", folder=repository)

    page = (repository / "site/create-post/index.html").read_text(encoding="utf-8")
    for title in TITLES.values():
        assert f">{title}</label>" in page
    assert "GHOST_ADMIN_API_KEY" in page
    assert 'class="tabbed-set' in page


def _shorten_the_cases(repository: Path) -> None:
    """All of them take minutes; a project may have its own."""
    table = yaml.safe_load((ROOT / "templates/cases.yml").read_text(encoding="utf-8"))
    table["cases"] = [row for row in table["cases"] if row["name"] in FEW_CASES]
    assert len(table["cases"]) == len(FEW_CASES)
    own = repository / "templates/cases.yml"
    own.parent.mkdir()
    own.write_text(yaml.safe_dump(table, allow_unicode=True), encoding="utf-8")
