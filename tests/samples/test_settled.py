from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tabproof.project import catalog_reader
from tabproof.render.renderer import Renderer
from tabproof.samples.current import current_samples
from tabproof.samples.settled import Settled
from tabproof.system import fingerprint

Run = Callable[..., Result]
SCENARIO = "templates/scenarios/list-users.yml"
RUBY = "samples/list-users/library/list_users.rb"
LONG_AGO = 1_700_000_000


@pytest.fixture
def settled(project: Path, tabproof: Run) -> Path:
    """Return a project that two commands have found current and publishable."""
    assert tabproof("generate").exit_code == 0
    assert tabproof("check").exit_code == 0
    return project


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def _count(project: Path) -> int:
    return len(json.loads((project / "samples/manifest.json").read_bytes()))


def _no_rendering(monkeypatch: pytest.MonkeyPatch) -> None:
    def sample(*_arguments: object) -> None:
        raise AssertionError("it renders")

    monkeypatch.setattr(Renderer, "sample", sample)


@pytest.mark.parametrize("command", ["generate", "check"])
def test_what_has_not_changed_is_not_rendered(
    command: str, settled: Path, tabproof: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    _no_rendering(monkeypatch)
    result = tabproof(command)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith(f"{_count(settled)} samples")


def test_one_changed_scenario_is_the_only_one_that_is_rendered(
    settled: Path, tabproof: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered = []
    own = Renderer.sample

    def sample(self: Renderer, scenario: object, *rest: object) -> object:
        rendered.append(scenario)
        return own(self, scenario, *rest)  # type: ignore[arg-type] # as it is called

    monkeypatch.setattr(Renderer, "sample", sample)
    _edit(settled / SCENARIO, "timeout_seconds: 10", "timeout_seconds: 11")
    before = (settled / "samples/manifest.json").read_text(encoding="utf-8").splitlines()
    result = tabproof("generate")
    assert result.exit_code == 0
    assert {scenario.name for scenario in rendered} == {"list-users"}  # type: ignore[attr-defined] # a Scenario
    after = (settled / "samples/manifest.json").read_text(encoding="utf-8").splitlines()
    assert [line for line in before if "videosdk" in line] == [
        line for line in after if "videosdk" in line
    ]
    assert before != after


@pytest.mark.parametrize("changed", ["", SCENARIO, RUBY, "samples/manifest.json"])
def test_samples_are_the_same_whether_they_are_rendered_or_settled(
    changed: str, settled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if changed:
        text = (settled / changed).read_text(encoding="utf-8")
        (settled / changed).write_text(f"{text}\n", encoding="utf-8")
    catalog = catalog_reader.load(settled)
    expected = list(Renderer(catalog).all())
    looked_at = Settled(settled, catalog_reader.inputs_digest(settled))
    if not changed:
        _no_rendering(monkeypatch)
    assert current_samples(settled, catalog, looked_at).samples == expected


def test_a_sample_that_is_changed_while_it_is_read_is_rendered(settled: Path) -> None:
    looked_at = Settled(settled, catalog_reader.inputs_digest(settled))
    catalog = catalog_reader.load(settled)
    (settled / RUBY).write_text("puts 'mine'\n", encoding="utf-8")
    assert looked_at.current == set(catalog.scenarios)
    assert current_samples(settled, catalog, looked_at).samples == list(Renderer(catalog).all())


def test_a_proof_forgets_nothing_that_was_worked_out(settled: Path, tabproof: Run) -> None:
    cache = settled / ".tabproof/templates"
    before = cache.read_bytes()
    selection = ("--scenario", "list-users", "--language", "ruby", "--case", "success")
    assert tabproof("prove", *selection).exit_code in (0, 3)
    assert cache.read_bytes() == before


def test_another_template_engine_is_another_basis(
    settled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = tmp_path / "tale_engine"
    engine.mkdir()
    (engine / "__init__.py").write_text("VERSION = 1\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(fingerprint, "PACKAGES", ("tabproof", "tale_engine"))
    before = catalog_reader.inputs_digest(settled)
    assert catalog_reader.inputs_digest(settled) == before
    (engine / "filters.py").write_text("SAFE = True\n", encoding="utf-8")
    assert catalog_reader.inputs_digest(settled) != before


@pytest.mark.parametrize("name", [RUBY, "samples/manifest.json"])
def test_an_edit_that_leaves_size_and_time_as_they_were_is_seen(
    name: str, settled: Path, tabproof: Run
) -> None:
    path = settled / name
    for file in settled.rglob("*"):
        os.utime(file, (LONG_AGO, LONG_AGO))
    assert tabproof("check").exit_code == 0
    content = path.read_bytes()
    path.write_bytes(content.replace(b"list", b"tsil", 1))
    os.utime(path, (LONG_AGO, LONG_AGO))
    result = tabproof("check")
    assert result.exit_code != 0
    assert name in result.output


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("templates/ruby/step-request.rb.jinja", "puts response.body", "puts(response.body)"),
        (SCENARIO, "timeout_seconds: 10", "timeout_seconds: 11"),
        ("templates/ruby/language.yml", '"{snake}.rb"', '"{kebab}.rb"'),
    ],
)
def test_samples_that_are_stale_are_named(
    path: str, old: str, new: str, settled: Path, tabproof: Run
) -> None:
    _edit(settled / path, old, new)
    result = tabproof("check")
    assert result.exit_code == 1
    assert RUBY in result.stdout


def test_cases_that_have_changed_are_not_proved(settled: Path, tabproof: Run) -> None:
    _edit(settled / "templates/cases.yml", 'stdout: "{body}\\n"', 'stdout: "{body}"')
    assert tabproof("check").exit_code == 1


def test_a_record_that_is_gone_proves_nothing(settled: Path, tabproof: Run) -> None:
    (settled / "samples/proof.json").unlink()
    result = tabproof("check")
    assert result.exit_code == 1
    assert result.stdout.count("not proved") == _count(settled)


def test_a_file_that_has_come_among_settled_samples_is_named(settled: Path, tabproof: Run) -> None:
    (settled / "samples/list-users/library/notes.txt").write_text("mine", encoding="utf-8")
    for _ in range(2):
        result = tabproof("generate")
        assert result.exit_code == 0
        assert "samples/list-users/library/notes.txt: not generated by Tabproof" in result.stderr


def test_a_scenario_that_is_a_link_is_followed_each_time(
    project: Path, tabproof: Run, tmp_path: Path
) -> None:
    (project / SCENARIO).rename(tmp_path / "elsewhere.yml")
    (project / SCENARIO).symlink_to(tmp_path / "elsewhere.yml")
    assert tabproof("generate").exit_code == 0
    _edit(tmp_path / "elsewhere.yml", "timeout_seconds: 10", "timeout_seconds: 11")
    assert tabproof("check").exit_code == 1


@pytest.mark.parametrize("content", [b"", b"\x00", b"\xff" * 100, b"{}"])
def test_notes_that_cannot_be_read_are_none(content: bytes, settled: Path, tabproof: Run) -> None:
    for name in ("settled", "templates", "scenarios"):
        (settled / ".tabproof" / name).write_bytes(content)
    assert tabproof("generate").exit_code == 0
    assert tabproof("check").exit_code == 0


def test_notes_that_cannot_be_written_are_left_out(project: Path, tabproof: Run) -> None:
    shutil.rmtree(project / ".tabproof")
    (project / ".tabproof").write_text("no folder", encoding="utf-8")
    assert tabproof("generate").exit_code == 0
    assert tabproof("check").exit_code == 0
