from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.languages import LANGUAGES

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"


def test_the_vendor_is_named_in_the_scenarios_alone() -> None:
    command = "git grep --untracked -il zoom -- generator templates :!templates/scenarios"
    found = subprocess.run(command.split(), cwd=ROOT, capture_output=True, text=True, check=False)
    assert (found.stdout, found.stderr) == ("", "")
    assert found.returncode == 1  # nothing was found; a fault would be 2 and above


def test_all_python_beside_the_samples_is_linted() -> None:
    linted = _lines(sys.executable, "-m", "ruff", "check", "--show-files")
    tracked = _lines("git", "ls-files", "*.py", ":!samples")
    assert tracked
    assert {str(ROOT / name) for name in tracked} <= set(linted)


def _lines(*command: str) -> list[str]:
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return ended.stdout.splitlines()


def test_every_language_has_the_same_variants_and_algorithms() -> None:
    token = re.compile(r"token-(\w+)-(\w+)\.\w+\.jinja")
    found = {
        language: {
            match.groups()
            for path in (TEMPLATES / language).iterdir()
            if (match := token.fullmatch(path.name))
        }
        for language in LANGUAGES
    }
    assert LANGUAGES
    assert all(steps == found["ruby"] for steps in found.values()), found


@pytest.mark.parametrize("language", LANGUAGES)
def test_templates_share_inside_a_language_and_never_across(language: str) -> None:
    own = (f"{language}/", "sample.jinja")
    for path in (TEMPLATES / language).glob("*.jinja"):
        text = path.read_text(encoding="utf-8")
        for name in re.findall(r"{%-?\s*(?:extends|include|import|from)\s+[\"']([^\"']+)", text):
            assert name.startswith(own), path


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_template_says_in_its_first_line_what_it_is(language: str) -> None:
    for path in (TEMPLATES / language).glob("*.jinja"):
        assert path.read_text(encoding="utf-8").startswith("{#- "), path
