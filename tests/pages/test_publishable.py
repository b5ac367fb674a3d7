"""A sample that is missing, changed or not proved is never shown."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from markdown import Markdown
from tests.pages.rendered import ALTERNATE, EXTENSIONS, Panels, keyed

from tabproof.pages.extension import FenceError

SHORT = keyed("languages: [python, ruby]")
PYTHON = "samples/list-users/library/list_users.py"


def html(root: Path) -> str:
    (root / "docs").mkdir(exist_ok=True)
    (root / "docs/page.md").write_text(f"# A page\n\n{SHORT}")
    options: dict[str, dict[str, Any]] = {**ALTERNATE, "tabproof": {"root": str(root)}}
    md = Markdown(extensions=list(EXTENSIONS), extension_configs=options)
    return md.convert(f"# A page\n\n{SHORT}")


def lines(root: Path) -> list[str]:
    """What is said below each tab."""
    found = re.findall(r'<p class="tabproof-line" dir="auto">([^<]+)', html(root))
    return [words.strip() for words in found]


def refusal(root: Path) -> str:
    with pytest.raises(FenceError) as raised:
        html(root)
    assert "\n" not in raised.value.message
    return raised.value.message


EDITED = (
    "edited by hand since it was generated; make the change in templates/, or run "
    "`tabproof generate --overwrite` to discard it."
)


def append(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"\n")


def end_lines_as_windows(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (Path.unlink, "is missing; run `tabproof generate`."),
        (append, EDITED),
        (end_lines_as_windows, "is not what the templates make now; run `tabproof generate`."),
    ],
)
def test_a_sample_that_is_missing_or_changed_is_refused(
    project: Path, spoil: Callable[[Path], None], words: str
) -> None:
    spoil(project / PYTHON)
    assert refusal(project) == f"docs/page.md:3: {PYTHON}: {words}"


def test_a_merge_conflict_in_a_sample_is_told_with_its_line(project: Path) -> None:
    content = (project / PYTHON).read_bytes()
    (project / PYTHON).write_bytes(b"# mine\n<<<<<<< HEAD\n" + content)
    assert refusal(project) == (
        f"docs/page.md:3: {PYTHON}:2: a merge conflict begins here; resolve it in templates/, and "
        "run `tabproof generate --overwrite`."
    )


def test_a_template_that_has_changed_makes_its_samples_wrong(project: Path) -> None:
    assert Panels(html(project)).sets == 1
    template = project / "templates/ruby/step-request.rb.jinja"
    text = template.read_text()
    template.write_text(text.replace("No answer", "No reply", 1))
    assert template.read_text() != text
    message = refusal(project)
    assert message == (
        "docs/page.md:3: samples/list-users/library/list_users.rb: is not what the templates make "
        "now; run `tabproof generate`."
    )
    template.write_text(text)
    assert Panels(html(project)).sets == 1


def test_a_sample_without_a_proof_of_its_present_bytes_is_refused(project: Path) -> None:
    (project / "samples/proof.json").unlink()
    assert refusal(project) == (
        f"docs/page.md:3: {PYTHON}: not proved for its present bytes; "
        "run `tabproof prove --record`."
    )


def test_a_sample_that_failed_is_refused_with_the_case(project: Path) -> None:
    proof = project / "samples/proof.json"
    content = json.loads(proof.read_bytes())
    (ruby,) = [row for row in content["rows"] if row["sample"] == "list-users/library/ruby"]
    ruby["failed"] = {"hang": {"date": "2026-11-24T00:00:00Z", "reason": "expected a, seen b"}}
    proof.write_text(json.dumps(content))
    assert "failed in case hang: expected a, seen b" in refusal(project)


def test_each_tab_says_what_was_proved(project: Path) -> None:
    said = lines(project)
    assert len(said) == 2
    for words in said:
        assert re.match(r"Run on 2026-11-24 in \d+ cases with runtime 1\.0\.", words)


def test_a_template_that_is_broken_is_refused_with_its_own_place(project: Path) -> None:
    template = project / "templates/ruby/sample.rb.jinja"
    template.write_text(template.read_text() + "{% endblock %}")
    message = refusal(project)
    assert re.match(r"docs/page\.md:3: templates/ruby/sample\.rb\.jinja:\d+: ", message)
