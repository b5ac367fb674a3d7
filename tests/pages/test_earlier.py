"""What an earlier build has worked out is shown again, while nothing that it is made of changed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.pages.test_publishable import PYTHON, html, refusal

from tabproof.pages import earlier
from tabproof.pages import project_samples as project_edge

AGAIN = """
import sys
from pathlib import Path
from tests.pages.test_publishable import html
html(Path(sys.argv[1]))
print(*sorted(name for name in sys.modules if name.startswith("tabproof.")))
"""


def kept(project: Path) -> list[Path]:
    return [path for path in (project / earlier.TABS).rglob("*") if path.is_file()]


def as_another_process() -> None:
    """Forget what this process has read."""
    for known in (earlier._state, earlier._read, project_edge._opened):  # noqa: SLF001 - the same
        known.cache_clear()


def appended(path: str, text: str) -> Callable[[Path], object]:
    return lambda root: (root / path).write_text((root / path).read_text() + text)


def replaced(path: str, old: str) -> Callable[[Path], object]:
    return lambda root: (root / path).write_text((root / path).read_text().replace(old, f"# {old}"))


def written(path: str, text: str) -> Callable[[Path], object]:
    return lambda root: (root / path).write_text(text)


def test_a_page_that_is_built_again_is_the_same_and_needs_nothing_that_renders(
    project: Path,
) -> None:
    first = html(project)
    assert html(project) == first
    command = [sys.executable, "-c", AGAIN, str(project)]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert "tabproof.pages.extension" in found
    assert not {
        "tabproof.project.catalog_reader",
        "tabproof.render.renderer",
        "tabproof.samples.record",
    } & {*found}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (written(PYTHON, "print()\n"), "edited by hand since it was generated"),
        (lambda root: (root / PYTHON).unlink(), "is missing"),
        (replaced("templates/ruby/sample.rb.jinja", "def credential"), "the templates make now"),
        (appended("templates/scenarios/list-users.yml", "wrong: 1\n"), "unknown key 'wrong'"),
        (written("templates/cases.yml", "wrong: 1\n"), "templates/cases.yml:1: "),
        (lambda root: (root / "samples/proof.json").unlink(), "not proved for its present bytes"),
        (written("tabproof.toml", 'languages = ["ruby"]\n'), "no samples in language 'python'"),
    ],
)
def test_whatever_tabs_are_made_of_is_seen_when_it_changes(
    project: Path, change: Callable[[Path], object], words: str
) -> None:
    html(project)
    assert kept(project)
    change(project)
    assert words in refusal(project)


def test_a_variable_that_chooses_the_languages_is_seen(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    html(project)
    monkeypatch.setenv("TABPROOF_LANGUAGES", "ruby")
    as_another_process()
    assert "no samples in language 'python'" in refusal(project)


def test_what_was_kept_and_cannot_be_read_is_worked_out_again(project: Path) -> None:
    first = html(project)
    [path] = kept(project)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    as_another_process()
    assert html(project) == first
    assert path.read_bytes() == whole


def test_nothing_is_kept_of_what_templates_made_before(project: Path) -> None:
    html(project)
    before = kept(project)
    appended("templates/scenarios/list-users.yml", "# a note\n")(project)
    html(project)
    assert len(kept(project)) == 1
    assert kept(project) != before


def test_a_folder_behind_a_link_is_not_taken_for_unchanged(project: Path, tmp_path: Path) -> None:
    (project / "templates/more").symlink_to(tmp_path)
    html(project)
    assert not kept(project)
