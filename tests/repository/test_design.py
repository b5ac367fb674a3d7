from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.languages import LANGUAGES

from tabproof.model.language import VARIANTS

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


PART = re.compile(r"(sample|(?:step|sign|decode|body)-[a-z0-9]+)(?:-(library|stdlib))?\.\w+\.jinja")


def test_every_language_has_the_same_steps_algorithms_encodings_and_bodies() -> None:
    """Each has a template for each of its variants, or one for both."""
    found: dict[str, set[tuple[str, str]]] = {}
    for language in LANGUAGES:
        matches = [PART.fullmatch(path.name) for path in (TEMPLATES / language).iterdir()]
        found[language] = {
            (match[1], variant)
            for match in matches
            if match
            for variant in VARIANTS
            if match[2] in {None, variant}
        }
    assert LANGUAGES
    parts = {part for part, _variant in found["ruby"]}
    assert {"sample", "step-jwt", "step-request", "sign-hmac"} <= parts
    assert found["ruby"] == {(part, variant) for part in parts for variant in VARIANTS}
    assert all(parts == found["ruby"] for parts in found.values()), found


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_template_of_a_language_is_one_that_samples_are_made_of(language: str) -> None:
    key = re.compile(r"key-[a-z0-9]+(-(library|stdlib))?\.\w+\.jinja")  # where one is needed
    for path in (TEMPLATES / language).glob("*.jinja"):
        assert PART.fullmatch(path.name) or key.fullmatch(path.name), path


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
